import { computed, optional, required } from '@neutronium/model/attribute';
import { flag } from '@neutronium/model/kinds/flag';
import { integer } from '@neutronium/model/kinds/integer';
import { nullable } from '@neutronium/model/kinds/nullable';
import { text } from '@neutronium/model/kinds/text';
import { uuid } from '@neutronium/model/kinds/uuid';
import { resource } from '@neutronium/model/resource';
import { withStores } from '@neutronium/testkit/store';
import { sql } from 'kysely';
import { beforeEach, expect, it } from 'vitest';
import { serverContext } from '../context.ts';
import { RecordMissing, UniqueViolation, type NewRecord, type Store } from './store.ts';

const shelf = resource({
  name: 'shelf',
  plural: 'shelves',
  doc: 'Holds things.',
  attributes: {
    id: computed(uuid, 'Its id.', {}),
    project_id: required(text(255), 'Whose it is.', {}),
    name: required(text(255), 'What it is called.', {}),
    height: required(nullable(integer({})), 'How high it is.', {}),
    open: required(flag, 'Whether it is open.', {}),
    revision_number: computed(integer({}), 'How often it changed.', {}),
    created_at: computed(text(30), 'When it was made.', {}),
    updated_at: computed(text(30), 'When it changed.', {}),
  },
});
type NewShelf = NewRecord<typeof shelf>;

const context = serverContext('req-1');

withStores((fixture) => {
  let store: Store;
  beforeEach(async () => {
    store = await fixture.open();
    await store.write(context, async ({ db }) => {
      await sql`create table shelves (id text primary key, project_id text, name text, height bigint, open integer,
        revision_number integer, created_at text, updated_at text)`.execute(db);
      await sql`create unique index shelves_project_id_name on shelves (project_id, name)`.execute(db);
    });
  });

  const shelfOf = (id: string, more: Partial<NewShelf> = {}): NewShelf => ({
    id,
    project_id: 'p',
    name: id,
    height: null,
    open: false,
    ...more,
  });

  it('gives back what was inserted', async () => {
    const [inserted] = await store.write(context, (writer) =>
      writer.insert(shelf, [shelfOf('a', { height: 3, open: true })]),
    );
    const read = await store.read((reader) => reader.get(shelf, 'a'));
    expect(read).toEqual(inserted);
    expect(read).toMatchObject({ height: 3, open: true, revision_number: 1 });
  });

  it('names a violated constraint and keeps nothing of the transaction', async () => {
    const write = store.write(context, (writer) => writer.insert(shelf, [shelfOf('a'), shelfOf('b', { name: 'a' })]));
    await expect(write).rejects.toThrow(new UniqueViolation('shelves_project_id_name'));
    expect(await store.read((reader) => reader.count(shelf, []))).toBe(0);
  });
});
