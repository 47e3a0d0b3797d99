// Types of columns that mean the same on both databases. A migration is text with these in it.

import { sql, type Kysely, type RawBuilder } from 'kysely';
import { databaseKind } from '../dialect.ts';

export interface PortableTypes {
  /** Ordered by code point, whatever the locale of the database. */
  readonly text: RawBuilder<unknown>;
  /** Whole numbers below 2^53, and flags as 0 and 1. */
  readonly integer: RawBuilder<unknown>;
  /** Numbers rows in the order of their insertion, and never gives a number twice. */
  readonly serial: RawBuilder<unknown>;
}

// A migration cannot know the tables of its time by type: the interface describes only the newest.
// oxlint-disable-next-line typescript/no-explicit-any
export function portableTypes(db: Kysely<any>): PortableTypes {
  switch (databaseKind(db)) {
    case 'sqlite':
      return { text: sql`text`, integer: sql`integer`, serial: sql`integer primary key autoincrement` };
    case 'postgres':
      return {
        text: sql`text collate "C"`,
        integer: sql`bigint`,
        serial: sql`bigint generated always as identity primary key`,
      };
  }
}
