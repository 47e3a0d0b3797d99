// The operations of a transaction (RFC 7047 section 5.2), made by functions that know the columns' types.

import { type Column, type Json, newRowName } from './column.ts';
import { type Row, type TableName, tables, type Tables } from './schema.ts';

/** Which rows: one by its UUID, those of a name, or all of the table. */
export type Where = { readonly uuid: string } | { readonly name: string } | 'every';

/** insert and delete change members of a set or keys of a map, add changes a number. */
export type Mutator = 'insert' | 'delete' | 'add';

export interface Mutation {
  readonly column: string;
  readonly mutator: Mutator;
  /** In the column's own type; for `delete` of a map a list of keys. */
  readonly value: unknown;
}

export type Operation =
  | { readonly op: 'insert'; readonly table: TableName; readonly row: Values; readonly as: string | null }
  | { readonly op: 'update'; readonly table: TableName; readonly where: Where; readonly row: Values }
  | { readonly op: 'mutate'; readonly table: TableName; readonly where: Where; readonly mutations: readonly Mutation[] }
  | { readonly op: 'delete'; readonly table: TableName; readonly where: Where }
  | { readonly op: 'select'; readonly table: TableName; readonly where: Where; readonly columns: readonly string[] };

export type Values = Readonly<Record<string, unknown>>;

type Settable<T extends TableName> = Partial<Omit<Row<Tables[T]>, 'uuid'>>;

/** A new row. `as` (from `newRow`) is how other operations of the transaction refer to it. */
export function insert<T extends TableName>(table: T, row: Settable<T>, as: string | null = null): Operation {
  return { op: 'insert', table, row, as };
}

/** Replaces the given columns. */
export function update<T extends TableName>(table: T, where: Where, row: Settable<T>): Operation {
  return { op: 'update', table, where, row };
}

type SetColumn<T extends TableName> = {
  [C in keyof Settable<T>]-?: Row<Tables[T]>[C & keyof Row<Tables[T]>] extends readonly string[] ? C : never;
}[keyof Settable<T>] &
  string;

type MapColumn<T extends TableName> = {
  [C in keyof Settable<T>]-?: Row<Tables[T]>[C & keyof Row<Tables[T]>] extends Readonly<Record<string, string>>
    ? C
    : never;
}[keyof Settable<T>] &
  string;

/** Puts members into a set, leaving what others put there. */
export function addMembers<T extends TableName>(
  table: T,
  where: Where,
  column: SetColumn<T>,
  members: readonly string[],
): Operation {
  return { op: 'mutate', table, where, mutations: [{ column, mutator: 'insert', value: members }] };
}

/** Takes members out of a set. A row of Port or Interface that nothing refers to any more is gone with that. */
export function removeMembers<T extends TableName>(
  table: T,
  where: Where,
  column: SetColumn<T>,
  members: readonly string[],
): Operation {
  return { op: 'mutate', table, where, mutations: [{ column, mutator: 'delete', value: members }] };
}

/** Sets keys of a map to values and removes keys, leaving the others. */
export function changeKeys<T extends TableName>(
  table: T,
  where: Where,
  column: MapColumn<T>,
  { set = {}, remove = [] }: { readonly set?: Readonly<Record<string, string>>; readonly remove?: readonly string[] },
): Operation {
  // An insertion leaves a key that is there as it is (RFC 7047 section 5.1), so a key is taken out before it is set.
  // A list that names a key twice is refused.
  const mutations: Mutation[] = [
    { column, mutator: 'delete', value: [...new Set([...remove, ...Object.keys(set)])] },
    { column, mutator: 'insert', value: set },
  ];
  return { op: 'mutate', table, where, mutations };
}

/** The operations that ask ovs-vswitchd to say, in cur_cfg, when it has carried the transaction out. */
export const askForCompletion: readonly Operation[] = [
  {
    op: 'mutate',
    table: 'Open_vSwitch',
    where: 'every',
    mutations: [{ column: 'next_cfg', mutator: 'add', value: 1 }],
  },
  { op: 'select', table: 'Open_vSwitch', where: 'every', columns: ['next_cfg'] },
];

/** The operation as JSON-RPC carries it. */
export function encodeOperation(operation: Operation): Json {
  const { op, table } = operation;
  switch (operation.op) {
    case 'insert':
      return {
        op,
        table,
        row: encodeRow(table, operation.row),
        ...(operation.as !== null && { 'uuid-name': newRowName(operation.as) }),
      };
    case 'update':
      return { op, table, where: encodeWhere(operation.where), row: encodeRow(table, operation.row) };
    case 'mutate':
      return {
        op,
        table,
        where: encodeWhere(operation.where),
        mutations: operation.mutations.map((mutation) => encodeMutation(table, mutation)),
      };
    case 'delete':
      return { op, table, where: encodeWhere(operation.where) };
    case 'select':
      return { op, table, where: encodeWhere(operation.where), columns: operation.columns };
  }
}

function encodeWhere(where: Where): Json {
  if (where === 'every') return [];
  return 'uuid' in where ? [['_uuid', '==', ['uuid', where.uuid]]] : [['name', '==', where.name]];
}

function encodeRow(table: TableName, row: Values): Json {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, columnOf(table, name).encode(value)] as const),
  );
}

function encodeMutation(table: TableName, { column, mutator, value }: Mutation): Json {
  const { kind, encode } = columnOf(table, column);
  switch (mutator) {
    case 'add':
      return [column, '+=', encode(value)];
    case 'insert':
      return [column, mutator, encode(value)];
    case 'delete':
      // The builders above give a list of keys where the column is a map.
      return [column, mutator, kind === 'map' ? ['set', value as readonly string[]] : encode(value)];
  }
}

/** The column's kind. That a value is of the kind's type was checked by the builders above. */
export function columnOf(table: TableName, name: string): Column<unknown> {
  const columns: Readonly<Record<string, Column<unknown>>> = tables[table].columns;
  const column = columns[name];
  if (column === undefined) throw new Error(`the table ${table} has no column ${name} that is declared`);
  return column;
}
