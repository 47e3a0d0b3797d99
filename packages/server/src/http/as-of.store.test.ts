import { catalogue } from '@neutronium/model/catalogue';
import { collectionPath, type AnyResource } from '@neutronium/model/resource';
import { admin, alice, bob, startApi, type Caller, type TestApi } from '@neutronium/testkit/api';
import { Everything, everythingSettings } from '@neutronium/testkit/everything';
import { withStores } from '@neutronium/testkit/store';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** The changes of one run, on each database; another number looks further. */
const count = Number(process.env['NEUTRONIUM_RANDOM_CHANGES'] ?? 12);

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

  beforeAll(async () => {
    const database = await fixture.newDatabase();
    api = await startApi({ database, settings: everythingSettings });
    everything = await Everything.start(api, await fixture.open(database));
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
      for (const { revision, path, as, answer } of remembered) {
        const again = await answerOf(asOf(path, revision), as);
        if (again !== answer) wrong.push({ revision, path, as: as.project, answer, again });
      }
      expect(wrong).toEqual([]);
    });
  });
});
