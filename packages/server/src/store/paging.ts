// The order of a list and the place of a page in it. Nulls come before everything else, and are equal to each other,
// on both databases.

import type { Sort } from '@neutronium/model/read-query';
import { sql, type RawBuilder } from 'kysely';
import { orderRef } from './conditions.ts';
import { encode, type AnyRecord, type RecordTable } from './record-table.ts';

export function reversed(sort: readonly Sort[]): readonly Sort[] {
  return sort.map(({ attribute, direction }) => ({ attribute, direction: direction === 'asc' ? 'desc' : 'asc' }));
}

export function orderSql(table: RecordTable, sort: readonly Sort[]): RawBuilder<unknown> {
  if (sort.length === 0) return sql``;
  const keys = sort.map(({ attribute, direction }) => {
    const column = orderRef(table, attribute);
    switch (direction) {
      case 'asc':
        return sql`${column} asc nulls first`;
      case 'desc':
        return sql`${column} desc nulls last`;
    }
  });
  return sql` order by ${sql.join(keys)}`;
}

/**
 * The records that come after `marker` in the order of `sort`: greater in one key, equal in all before it. The order
 * must be total, which a query's is that ends in the primary key.
 */
export function afterMarkerSql(table: RecordTable, sort: readonly Sort[], marker: AnyRecord): RawBuilder<boolean> {
  const alternatives = sort.map((key, index) => {
    const equal = sort.slice(0, index).map(({ attribute }) => equalSql(table, attribute, marker));
    return sql<boolean>`(${sql.join([...equal, beyondSql(table, key, marker)], sql` and `)})`;
  });
  return alternatives.length === 0 ? sql`1 = 0` : sql`(${sql.join(alternatives, sql` or `)})`;
}

function equalSql(table: RecordTable, attribute: string, marker: AnyRecord): RawBuilder<boolean> {
  const value = valueOf(table, attribute, marker);
  const column = orderRef(table, attribute);
  return value === null ? sql`${column} is null` : sql`${column} = ${value}`;
}

function beyondSql(table: RecordTable, { attribute, direction }: Sort, marker: AnyRecord): RawBuilder<boolean> {
  const value = valueOf(table, attribute, marker);
  const column = orderRef(table, attribute);
  switch (direction) {
    case 'asc':
      return value === null ? sql`${column} is not null` : sql`${column} > ${value}`;
    case 'desc':
      return value === null ? sql`1 = 0` : sql`(${column} < ${value} or ${column} is null)`;
  }
}

function valueOf(table: RecordTable, attribute: string, marker: AnyRecord): unknown {
  const column = table.columns.find(({ name }) => name === attribute);
  return column === undefined ? Number(marker[attribute] === true) : encode(column, marker[attribute]);
}
