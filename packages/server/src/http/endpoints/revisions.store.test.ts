import { alice, withApi } from '@neutronium/testkit/api';
import { describe, expect, it } from 'vitest';

withApi((api) => {
  describe('the revision', () => {
    it('that is the newest is live where there are no hosts, and one of the future is not', async () => {
      await api.post('/v2.0/networks', { network: {} });
      const { status, body } = await api.get('/v2.0/revisions/newest?timeout=30');
      expect(status).toBe(200);
      expect(body.revision).toMatchObject({ live: true, lagging: [] });
      expect(body.revision.revision).toBe(body.revision.newest);
      expect((await api.get('/v2.0/revisions/999999')).body.revision).toMatchObject({ live: false, lagging: [] });
    });

    it('is for administrators, and a number', async () => {
      expect((await api.get('/v2.0/revisions/newest', alice)).status).toBe(403);
      for (const path of ['last', '-1', '1?timeout=soon']) {
        const { status, body } = await api.get(`/v2.0/revisions/${path}`);
        expect([status, body.NeutronError.type]).toEqual([400, 'InvalidInput']);
      }
    });
  });
});
