// What administrators say of the card of a port, and what the compute service and the host are told of it.

import { admin, alice, withApi, type Caller } from '@neutronium/testkit/api';
import { describe, expect, it } from 'vitest';

const nova: Caller = { project: 'services', roles: ['service', 'admin'] };

withApi((api) => {
  const created = async (more: object, as = admin) => {
    const { body } = await api.post('/v2.0/networks', { network: {} }, as);
    return api.post('/v2.0/ports', { port: { network_id: body.network.id, ...more } }, as);
  };

  describe('the card of a port', () => {
    it('is neither trusted nor does it forward for the host until somebody says so', async () => {
      const { body } = await created({});
      expect(body.port).toMatchObject({ hints: null, trusted: null, hardware_offload_type: null });
      expect(body.port['binding:profile']).toEqual({});
    });

    it('is trusted in the profile too, where the compute service looks', async () => {
      const { body } = await created({ trusted: true });
      const path = `/v2.0/ports/${body.port.id}`;
      expect(body.port).toMatchObject({ trusted: true, 'binding:profile': { trusted: true } });
      const distrusted = await api.put(path, { port: { trusted: false } });
      expect(distrusted.body.port).toMatchObject({ trusted: false, 'binding:profile': { trusted: false } });
      const bound = await api.put(path, { port: { 'binding:profile': { pci_slot: '0000:03:10.1' } } }, nova);
      expect(bound.body.port['binding:profile']).toEqual({ pci_slot: '0000:03:10.1', trusted: false });
    });

    it('forwards for the host as a capability of the profile, for good', async () => {
      const { body } = await created({ hardware_offload_type: 'switchdev', 'binding:vnic_type': 'direct' });
      expect(body.port).toMatchObject({
        hardware_offload_type: 'switchdev',
        'binding:profile': { capabilities: ['switchdev'] },
      });
      const changed = await api.put(`/v2.0/ports/${body.port.id}`, { port: { hardware_offload_type: 'switchdev' } });
      expect(changed.body.NeutronError.message).toContain('Cannot update read-only attribute hardware_offload_type');
    });

    it('keeps the capabilities that its profile has already', async () => {
      const body = { hardware_offload_type: 'switchdev', 'binding:profile': { capabilities: ['a', 'switchdev'] } };
      const { body: answer } = await created(body, nova);
      expect(answer.port['binding:profile']).toEqual({ capabilities: ['a', 'switchdev'] });
    });

    it('is none of the business of members', async () => {
      for (const given of [{ trusted: true }, { hints: {} }]) {
        const { status, body } = await created(given, alice);
        expect([status, body.NeutronError.type]).toEqual([403, 'PolicyNotAuthorized']);
      }
      const { body } = await created({}, alice);
      expect(body.port).not.toHaveProperty('trusted');
      expect(body.port).not.toHaveProperty('hints');
    });

    it('takes the hints that its host understands, and says which it does not', async () => {
      const hints = { openvswitch: { other_config: { 'tx-steering': 'hash' } } };
      const { body } = await created({ hints });
      expect(body.port.hints).toEqual(hints);
      const { body: withdrawn } = await api.put(`/v2.0/ports/${body.port.id}`, { port: { hints: null } });
      expect(withdrawn.port.hints).toBeNull();
      const refused = await created({ hints: { openvswitch: { other_config: { n_rxq: '2' } } } });
      expect([refused.status, refused.body.NeutronError.message]).toEqual([
        400,
        "Invalid input for hints. Reason: '{'openvswitch': {'other_config': {'n_rxq': '2'}}}' holds a hint that is not known.",
      ]);
    });
  });
});
