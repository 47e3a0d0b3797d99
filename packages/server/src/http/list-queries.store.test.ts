// How many statements the database is asked for a list: as many for a hundred objects as for one. What is read one by
// one where a collection is small is found here before somebody's cloud is large.

import { catalogue } from '@neutronium/model/catalogue';
import { collectionPath } from '@neutronium/model/resource';
import { admin, alice, startApi, type Caller, type TestApi } from '@neutronium/testkit/api';
import { Everything, everythingSettings } from '@neutronium/testkit/everything';
import { withStores } from '@neutronium/testkit/store';
import type { KyselyPlugin } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DatabaseKind } from '../store/dialect.ts';
import { openStore } from '../store/open-store.ts';
import { RecordReader } from '../store/record-reader.ts';
import type { Store } from '../store/store.ts';

/** What the server itself has so many of, or an owner one or two of at most. */
const fixedInNumber: ReadonlySet<string> = new Set([
  'qos/policies/{policy_id}/bandwidth_limit_rules',
  'qos/policies/{policy_id}/dscp_marking_rules',
  'qos/policies/{policy_id}/minimum_bandwidth_rules',
  'qos/policies/{policy_id}/minimum_packet_rate_rules',
  'qos/policies/{policy_id}/packet_rate_limit_rules',
  'log/loggable_resources',
  'qos/rule_types',
  'service_providers',
]);

const collections = catalogue.filter(({ operations }) => operations.includes('list'));

/** A store whose readers say how many statements they have executed. */
function counted(store: Store, kind: DatabaseKind, executed: () => void): Store {
  const counter: KyselyPlugin = {
    transformQuery: ({ node }) => node,
    transformResult: async ({ result }) => {
      executed();
      return result;
    },
  };
  return {
    read: (work) => store.read((reader) => work(new RecordReader(reader.db.withPlugin(counter), kind))),
    readPast: (revision, work) =>
      store.readPast(revision, (reader) => work(new RecordReader(reader.db.withPlugin(counter), kind))),
    write: (context, work) => store.write(context, work),
    revision: () => store.revision(),
    revisionAt: (time) => store.revisionAt(time),
    settledRevision: () => store.settledRevision(),
    changesAfter: (revision, limit) => store.changesAfter(revision, limit),
    changesOf: (query) => store.changesOf(query),
    onChanges: (listener) => store.onChanges(listener),
    close: () => store.close(),
  };
}

interface Cost {
  readonly objects: number;
  readonly statements: number;
}

withStores((fixture) => {
  let api: TestApi;
  let everything: Everything;
  let statements = 0;

  beforeAll(async () => {
    const database = await fixture.newDatabase();
    const open = async (url: string): Promise<Store> =>
      counted(await openStore(url), fixture.kind, () => {
        statements += 1;
      });
    // No round of upkeep reads anything meanwhile.
    api = await startApi({ database, open, settings: { ...everythingSettings, 'agents.agent_down_time': '1000000' } });
    everything = await Everything.start(api, await fixture.open(database));
  });
  afterAll(async () => api[Symbol.asyncDispose]());

  async function costs(as: Caller): Promise<ReadonlyMap<string, Cost>> {
    const found = new Map<string, Cost>();
    for (const resource of collections) {
      const pattern = collectionPath(resource);
      const path = Object.entries(everything.owners).reduce(
        (text, [name, id]) => text.replace(`{${name}}`, id),
        pattern,
      );
      const before = statements;
      const { status, body } = await api.get(`/v2.0/${path}`, as);
      // Operators' lists are not everybody's.
      expect(as === admin ? [200] : [200, 403, 404], `${pattern}: ${JSON.stringify(body)}`).toContain(status);
      found.set(pattern, { objects: body[resource.plural]?.length ?? 0, statements: statements - before });
    }
    return found;
  }

  it('asks the database as often for many objects as for few', async () => {
    await everything.more();
    await everything.more();
    const few = { admin: await costs(admin), alice: await costs(alice) };
    for (let more = 0; more < 6; more += 1) await everything.more();
    const many = { admin: await costs(admin), alice: await costs(alice) };
    const grown = [...few.admin].filter(([pattern, { objects }]) => objects < (many.admin.get(pattern)?.objects ?? 0));
    expect(new Set(collections.map(collectionPath)).difference(new Set(grown.map(([pattern]) => pattern)))).toEqual(
      fixedInNumber,
    );
    for (const as of ['admin', 'alice'] as const) {
      const asked = (of: ReadonlyMap<string, Cost>) => [...of].map(([pattern, cost]) => [pattern, cost.statements]);
      expect(asked(many[as])).toEqual(asked(few[as]));
    }
  });
});
