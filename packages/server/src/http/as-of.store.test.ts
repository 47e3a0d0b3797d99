import { catalogue } from '@neutronium/model/catalogue';
import { collectionPath, type AnyResource } from '@neutronium/model/resource';
import { admin, alice, bob, startApi, type Caller, type TestApi } from '@neutronium/testkit/api';
import { Everything, everythingSettings } from '@neutronium/testkit/everything';
import { withStores } from '@neutronium/testkit/store';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cutLog } from '../store/log-retention.ts';
import type { Store } from '../store/store.ts';

/** The changes of one run, on each database; another number looks further. */
const count = Number(process.env['NEUTRONIUM_RANDOM_CHANGES'] ?? 7);

/** Of what is remembered, one in so many is asked again. */
const partsAsked = process.env['NEUTRONIUM_RANDOM_CHANGES'] === undefined ? 4 : 1;

/** What there is only now: see the decision on what GETs say of the past. */
const onlyNow = new Set(['agents', 'availability_zones', 'service_providers', 'qos/rule_types']);

interface Remembered {
  readonly revision: number;
  readonly path: string;
  readonly as: Caller;
  readonly answer: string;
}

withStores((fixture) => {
  let api: TestApi;
  let everything: Everything;
  let store: Store;

  beforeAll(async () => {
    const database = await fixture.newDatabase();
    store = await fixture.open(database);
    api = await startApi({ database, settings: everythingSettings });
    everything = await Everything.start(api, store);
  });
  afterAll(async () => api[Symbol.asyncDispose]());

  const newest = async (): Promise<number> => (await api.get('/v2.0/revisions/newest')).body.revision.revision;
  const asOf = (path: string, when: string | number): string =>
    `${path}${path.includes('?') ? '&' : '?'}as_of=${encodeURIComponent(when)}`;
  const pathOf = (resource: AnyResource): string =>
    `/v2.0/${collectionPath(resource).replace(/\{(\w+)\}/g, (_, name: string) => Reflect.get(everything.owners, name))}`;
  const listed = catalogue.filter(
    (each) => each.operations.includes('list') && each.name !== 'quota' && !onlyNow.has(collectionPath(each)),
  );
  const collections = (): readonly string[] => [...listed.map(pathOf), '/v2.0/quotas'];
  /** Without what tells when and where a client has asked. */
  const answerOf = async (path: string, as: Caller): Promise<string> => {
    const { status, body } = await api.get(path, as);
    return JSON.stringify({ status, body });
  };

  async function remember(): Promise<readonly Remembered[]> {
    const revision = await newest();
    const remembered: Remembered[] = [];
    for (const path of collections()) {
      for (const as of [admin, alice, bob]) remembered.push({ revision, path, as, answer: await answerOf(path, as) });
    }
    // Nobody else writes, but the server does so by itself.
    return (await newest()) === revision ? remembered : remember();
  }

  /** Changes or removes something of any kind, or does not succeed in it. */
  async function change(pick: (most: number) => number): Promise<void> {
    const path = collections()[pick(listed.length)] ?? '';
    const key = listed.find((each) => pathOf(each) === path);
    if (key === undefined) return;
    const objects = Object.values<unknown>((await api.get(path)).body).flat() as Record<string, string>[];
    const object = objects[pick(objects.length)];
    const member = `${path}/${object?.[key.primaryKey]}`;
    const changes = [
      { name: `name ${pick(1000)}` },
      { description: `words ${pick(1000)}` },
      { shared: true },
      { shared: false },
      { admin_state_up: false },
    ];
    if (pick(3) === 0) await api.remove(member);
    else await api.put(member, { [key.name]: changes[pick(changes.length)] });
    if (pick(2) === 0) await api.put(`${member}/tags`, { tags: [`t${pick(9)}`] });
  }

  describe('what is asked as of a revision', () => {
    it('is answered as it was then, byte for byte', async () => {
      const picks = fc.sample(fc.nat(), { numRuns: count * 20, seed: 20_261_125 });
      let at = 0;
      const pick = (most: number): number => (picks[at++ % picks.length] ?? 0) % Math.max(most, 1);
      const remembered: Remembered[] = [];
      for (let step = 0; step < count; step += 1) {
        if (step % 6 === 0) await everything.more();
        else await change(pick);
        remembered.push(...(await remember()));
      }
      const wrong: unknown[] = [];
      const keyOf = ({ path, as }: Remembered): string => `${as.project} ${path}`;
      const atLast = new Map(remembered.map((each) => [keyOf(each), each.answer]));
      // Of each revision another part, by which all is asked in a few.
      for (const { revision, path, as, answer } of remembered.filter((_, index) => index % partsAsked === 0)) {
        const again = await answerOf(asOf(path, revision), as);
        if (again !== answer) wrong.push({ revision, path, as: as.project, answer, again });
      }
      expect(wrong).toEqual([]);
      const differentLater = remembered.filter((each) => atLast.get(keyOf(each)) !== each.answer);
      expect(differentLater.length).toBeGreaterThan(remembered.length / 10);
    });
    it('has filters, fields, an order and pages, whose links stay there', async () => {
      const { network } = (await api.post('/v2.0/networks', { network: { name: 'b' } }, alice)).body;
      const then = await newest();
      await api.put(`/v2.0/networks/${network.id}`, { network: { name: 'a' } }, alice);
      const named = asOf('/v2.0/networks?name=b&fields=id&sort_key=name&sort_dir=desc', then);
      expect((await api.get(named, alice)).body.networks).toContainEqual({ id: network.id });
      expect((await api.get(asOf('/v2.0/networks?name=a', then), alice)).body.networks).toEqual([]);
      const page = (await api.get(asOf('/v2.0/networks?limit=1', then), alice)).body;
      expect(page.networks_links[0].href).toContain(`as_of=${then}`);
    });
    it('shows what is gone, its tags, and what else a member is asked', async () => {
      const { network } = (await api.post('/v2.0/networks', { network: {} }, alice)).body;
      const path = `/v2.0/networks/${network.id}`;
      await api.put(`${path}/tags`, { tags: ['red'] }, alice);
      const then = await newest();
      const shown = await answerOf(path, alice);
      await api.remove(path, alice);
      expect((await api.get(path, alice)).status).toBe(404);
      expect(await answerOf(asOf(path, then), alice)).toBe(shown);
      expect((await api.get(asOf(`${path}/tags`, then), alice)).body).toEqual({ tags: ['red'] });
      expect((await api.get(asOf(`${path}/dhcp-agents`, then), admin)).status).toBe(200);
      expect((await api.get(asOf(path, then), bob)).status).toBe(404);
    });
    it('makes nothing', async () => {
      const before = await newest();
      await api.get(asOf('/v2.0/security-groups', before), { project: 'newcomer', roles: ['member', 'reader'] });
      expect(await newest()).toBe(before);
    });
  });

  describe('what is asked as of a time', () => {
    it('is answered as it was at the end of that second', async () => {
      const { network } = (await api.post('/v2.0/networks', { network: { name: 'early' } }, alice)).body;
      const { history } = (await api.get(`/v2.0/history?resource=network&id=${network.id}`, alice)).body;
      const [{ at }] = history;
      const path = `/v2.0/networks/${network.id}`;
      // The next second begins when the server says so in an object of its own.
      let later = at;
      while (later === at) {
        const { body } = await api.put(path, { network: { description: `not ${later}` } }, alice);
        const changed = body.network.updated_at;
        if (changed === at) await api.put(path, { network: { description: '' } }, alice);
        later = changed;
      }
      expect((await api.get(asOf(path, at), alice)).body.network.updated_at).toBe(at);
      expect((await api.get(asOf(path, at.replace('Z', '+00:00')), alice)).body.network.updated_at).toBe(at);
      expect((await api.get(asOf(path, later), alice)).body.network.updated_at).toBe(later);
      expect((await api.get(asOf(path, '2001-01-01T00:00:00Z'), alice)).status).toBe(404);
    });
  });

  describe('what cannot be answered', () => {
    const refused = async (when: string | number): Promise<string> => {
      const { status, body } = await api.get(asOf('/v2.0/networks', when), alice);
      return `${status} ${body.NeutronError.type}`;
    };
    it('is a revision or a time that is yet to come', async () => {
      expect(await refused((await newest()) + 1)).toBe('400 RevisionNotReached');
      expect(await refused('2999-01-01T00:00:00Z')).toBe('400 TimeNotReached');
    });
    it.each(['', 'yesterday', '-1', '2026-13-01T00:00:00Z', '2026-01-01', '1e3'])('is %j', async (when) => {
      expect(await refused(when)).toBe('400 InvalidInput');
    });
    it('is what was before the first change that is kept', async () => {
      const then = await newest();
      for (let each = 0; each < 3; each += 1) await api.post('/v2.0/networks', { network: {} }, alice);
      const last = await newest();
      await cutLog(store, 'req-cut', { oldest: null, atMost: 1, atLeast: 0 });
      expect(await refused(then)).toBe('410 PastNotKept');
      expect(await refused('2001-01-01T00:00:00Z')).toBe('410 PastNotKept');
      expect((await api.get(asOf('/v2.0/networks', last), alice)).status).toBe(200);
      expect((await api.get(asOf('/v2.0/networks', last - 1), alice)).status).toBe(200);
    });
  });
});
