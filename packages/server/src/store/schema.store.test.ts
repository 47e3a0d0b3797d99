import { columnsOf } from '@neutronium/model/columns';
import { catalogue } from '@neutronium/model/catalogue';
import { withStores } from '@neutronium/testkit/store';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AnyResource } from '@neutronium/model/resource';
import type { Store } from './store.ts';

withStores((fixture) => {
  let store: Store;
  beforeAll(async () => {
    store = await fixture.open();
  });

  describe.each<AnyResource>(catalogue.filter((resource) => columnsOf(resource).length > 0))(
    'the table of $plural',
    (resource) => {
      it('has the columns that the declaration asks for, and no others', async () => {
        const tables = await store.read(({ db }) => db.introspection.getTables());
        const columns = tables.find(({ name }) => name === resource.plural)?.columns ?? [];
        const family = (type: string): string => (/int/i.test(type) ? 'number' : 'text');
        expect(columns.map(({ name, dataType }) => `${name} ${family(dataType)}`).toSorted()).toEqual(
          columnsOf(resource)
            .map(({ name, type }) => `${name} ${type === 'integer' || type === 'boolean' ? 'number' : 'text'}`)
            .toSorted(),
        );
      });
    },
  );

  it('is brought up only once', async () => {
    const url = await fixture.newDatabase();
    // On SQLite two stores of one thread would wait for each other; those of two processes do not.
    const opened = fixture.kind === 'sqlite' ? [await fixture.open(url)] : [fixture.open(url), fixture.open(url)];
    for (const store of await Promise.all([...opened, fixture.open(url)])) expect(await store.revision()).toBe(0);
  });
});
