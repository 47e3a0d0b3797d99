import { admin, alice, bob, withApi } from '@neutronium/testkit/api';
import { describe, expect, it } from 'vitest';

withApi((api) => {
  const nobody = '00000000-0000-4000-8000-000000000000';
  const label = async (more: object = {}): Promise<string> => {
    const metering_label = { name: 'web', project_id: alice.project, ...more };
    return (await api.post('/v2.0/metering/metering-labels', { metering_label }, admin)).body.metering_label.id;
  };
  const rule = (metering_label_id: string, more: object, as = admin) =>
    api.post(
      '/v2.0/metering/metering-label-rules',
      { metering_label_rule: { metering_label_id, direction: 'egress', ...more } },
      as,
    );
  const typeOf = ({ body }: { readonly body: { readonly NeutronError?: { readonly type?: unknown } } }) =>
    body.NeutronError?.type;

  describe('a metering label', () => {
    it('is made by administrators, and seen by the project that it is of', async () => {
      const id = await label();
      const seen = { id, name: 'web', description: '', shared: false, project_id: alice.project };
      expect((await api.get(`/v2.0/metering/metering-labels/${id}`, alice)).body).toEqual({
        metering_label: { ...seen, tenant_id: alice.project },
      });
      expect(typeOf(await api.get(`/v2.0/metering/metering-labels/${id}`, bob))).toBe('MeteringLabelNotFound');
      expect((await api.post('/v2.0/metering-labels', { metering_label: {} }, alice)).status).toBe(403);
    });
    it('goes with its rules', async () => {
      const id = await label();
      const { body } = await rule(id, { remote_ip_prefix: '10.0.0.0/24' });
      expect((await api.remove(`/v2.0/metering/metering-labels/${id}`, admin)).status).toBe(204);
      const path = `/v2.0/metering/metering-label-rules/${body.metering_label_rule.id}`;
      expect(typeOf(await api.get(path, admin))).toBe('MeteringLabelRuleNotFound');
    });
  });

  describe('a rule of a metering label', () => {
    it('keeps addresses as they were written, with their length', async () => {
      const id = await label();
      const { body } = await rule(id, { source_ip_prefix: '10.0.0.9', destination_ip_prefix: 'FD00::1/64' });
      expect(body.metering_label_rule).toEqual({
        id: expect.any(String),
        metering_label_id: id,
        direction: 'egress',
        remote_ip_prefix: null,
        source_ip_prefix: '10.0.0.9/32',
        destination_ip_prefix: 'fd00::1/64',
        excluded: false,
      });
    });
    it('is seen by the project of its label', async () => {
      const id = await label();
      const { body } = await rule(id, { remote_ip_prefix: '10.0.0.0/24' });
      const path = `/v2.0/metering/metering-label-rules/${body.metering_label_rule.id}`;
      expect((await api.get(path, alice)).status).toBe(200);
      expect(
        (await api.get(`/v2.0/metering-label-rules?metering_label_id=${id}`, alice)).body.metering_label_rules,
      ).toHaveLength(1);
      expect(typeOf(await api.get(path, bob))).toBe('MeteringLabelRuleNotFound');
      expect((await api.remove(path, alice)).status).toBe(403);
    });
    it('says of which addresses it is, in one of two ways', async () => {
      const id = await label();
      for (const addresses of [
        {},
        { remote_ip_prefix: '10.0.0.0/24', source_ip_prefix: '10.0.0.0/24' },
        { source_ip_prefix: 'x' },
        { remote_ip_prefix: '10.0.0.0/33' },
      ]) {
        const answer = await rule(id, addresses);
        expect(answer.status).toBe(400);
        expect(typeOf(answer)).toBe('Invalid');
      }
    });
    it('overlaps no other of the same direction and sense', async () => {
      const id = await label();
      const remote_ip_prefix = '10.0.0.0/24';
      expect((await rule(id, { remote_ip_prefix })).status).toBe(201);
      expect(typeOf(await rule(id, { remote_ip_prefix: '10.0.0.0/8' }))).toBe('MeteringLabelRuleOverlaps');
      expect((await rule(id, { remote_ip_prefix, excluded: true })).status).toBe(201);
      expect((await rule(id, { remote_ip_prefix, direction: 'ingress' })).status).toBe(201);
      expect((await rule(await label(), { remote_ip_prefix })).status).toBe(201);
    });
    it('is of a label that there is', async () => {
      expect(typeOf(await rule(nobody, { remote_ip_prefix: '10.0.0.0/24' }))).toBe('MeteringLabelNotFound');
    });
    it('is made with all others of a request, or not at all', async () => {
      const metering_label_id = await label();
      const rules = ['10.0.0.0/24', '10.0.1.0/24', '10.0.0.0/8'].map((remote_ip_prefix) => ({
        metering_label_id,
        direction: 'egress',
        remote_ip_prefix,
      }));
      const answer = await api.post('/v2.0/metering-label-rules', { metering_label_rules: rules }, admin);
      expect(typeOf(answer)).toBe('MeteringLabelRuleOverlaps');
      const list = await api.get(`/v2.0/metering-label-rules?metering_label_id=${metering_label_id}`, admin);
      expect(list.body.metering_label_rules).toEqual([]);
    });
  });
});
