// Conditions of a query as SQL. A list attribute is looked into by its child table where it has one, else as JSON.

import { catalogue } from '@neutronium/model/catalogue';
import type { Condition } from '@neutronium/model/read-query';
import type { Scalar } from '@neutronium/model/kind';
import { sql, type RawBuilder } from 'kysely';
import type { ChildTableCodec } from './child-tables.ts';
import { contains, isOneOf, type DatabaseKind } from './dialect.ts';
import { recordTable, type RecordTable } from './record-table.ts';

export function whereSql(conditions: readonly RawBuilder<boolean>[]): RawBuilder<unknown> {
  return conditions.length === 0 ? sql`` : sql` where ${sql.join(conditions, sql` and `)}`;
}

/** What a condition is about. */
export interface Scope {
  readonly kind: DatabaseKind;
  readonly table: RecordTable;
  /** The project whose view of `shared` counts beside what is shared with everyone. */
  readonly seenBy?: string | undefined;
}

export function conditionSql(scope: Scope, condition: Condition): RawBuilder<boolean> {
  const { kind, table } = scope;
  switch (condition.op) {
    case 'equals':
      return table.has(condition.attribute)
        ? anyOfSql(kind, columnRef(table, condition.attribute), condition.values)
        : elsewhereSql(scope, condition.attribute, condition.values);
    case 'has':
      return membersSql(kind, table, condition.attribute, ({ codec, member }) =>
        anyOfSql(kind, codec === undefined ? member : sql.ref(memberColumn(codec)), condition.values),
      );
    case 'has-field':
      return membersSql(kind, table, condition.attribute, ({ codec, member }) => {
        const field = codec === undefined ? jsonFieldSql(kind, member, condition.field) : sql.ref(condition.field);
        return matchSql(kind, { field, match: condition.match, values: condition.values });
      });
    case 'parent-equals': {
      const parent = parentTable(table, condition.attribute);
      const matching = conditionSql(
        { ...scope, table: parent },
        { ...condition, op: 'equals', attribute: condition.of },
      );
      const ids = sql`select ${idRef(parent)} from ${sql.table(parent.name)} where ${matching}`;
      return sql`${columnRef(table, condition.attribute)} in (${ids})`;
    }
    case 'tags':
      return tagsSql(table, condition.match, condition.tags);
  }
}

/** The table that a column refers to. */
function parentTable(table: RecordTable, attribute: string): RecordTable {
  const plural = table.columns.find(({ name }) => name === attribute)?.references;
  const resource = catalogue.find((each) => each.plural === plural);
  if (resource === undefined) throw new Error(`${table.name}.${attribute} refers to no declared resource`);
  return recordTable(resource);
}

/** A column of the record's own table. A condition on anything else is a mistake of whoever made it. */
export function columnRef(table: RecordTable, attribute: string): RawBuilder<unknown> {
  if (!table.has(attribute)) throw new Error(`${table.name} has no column for ${attribute}`);
  return sql.ref(`${table.name}.${attribute}`);
}

/** More texts than this are one parameter: a list of ids can be longer than a statement has room for. */
const manyValues = 50;

function anyOfSql(kind: DatabaseKind, column: RawBuilder<unknown>, values: readonly Scalar[]): RawBuilder<boolean> {
  const texts = values.filter((value) => typeof value === 'string');
  if (texts.length > manyValues && texts.length === values.length) return isOneOf(kind, column, texts);
  const present = values.filter((value) => value !== null).map(scalar);
  const alternatives: RawBuilder<boolean>[] = [];
  if (present.length === 1) alternatives.push(sql`${column} = ${present[0]}`);
  if (present.length > 1) alternatives.push(sql`${column} in (${sql.join(present)})`);
  if (present.length < values.length) alternatives.push(sql`${column} is null`);
  return either(alternatives);
}

/** Columns of network_segments by the attributes of a network that show them. */
const segmentColumns: Readonly<Record<string, string>> = {
  'provider:network_type': 'network_type',
  'provider:physical_network': 'physical_network',
  'provider:segmentation_id': 'segmentation_id',
};

/** The attribute has one of the values, where it is kept outside the record's own table. */
function elsewhereSql(
  { kind, table, seenBy }: Scope,
  attribute: string,
  values: readonly Scalar[],
): RawBuilder<boolean> {
  const flag = table.children.find((child) => child.attribute === attribute)?.codec;
  if (flag !== undefined) return either([...new Set(values)].map((value) => flagSql(table, flag, value, seenBy)));
  const column = segmentColumns[attribute];
  if (table.name !== 'networks' || column === undefined) {
    throw new Error(`${table.name} has no column for ${attribute}`);
  }
  return sql`networks.id in (select network_id from network_segments where ${anyOfSql(kind, sql.ref(column), values)})`;
}

function flagSql(table: RecordTable, flag: ChildTableCodec, value: Scalar, seenBy?: string): RawBuilder<boolean> {
  const owners = sql`select ${sql.ref(flag.owner)} from ${sql.table(flag.table)}${whereSql(onlySql(flag, seenBy))}`;
  return value === true ? sql`${idRef(table)} in (${owners})` : sql`${idRef(table)} not in (${owners})`;
}

/** What a list is ordered by: a column, or a flag that is kept elsewhere as 0 and 1. */
export function orderRef(table: RecordTable, attribute: string): RawBuilder<unknown> {
  const flag = table.children.find((child) => child.attribute === attribute)?.codec;
  if (table.has(attribute) || flag === undefined) return columnRef(table, attribute);
  return sql`case when ${flagSql(table, flag, true)} then 1 else 0 end`;
}

/** What all rows of an attribute have in common within its table; those for the project `seenBy` are among them. */
export function onlySql(codec: ChildTableCodec, seenBy?: string): readonly RawBuilder<boolean>[] {
  return Object.entries(codec.only ?? {}).map(([column, value]) =>
    column === 'target_tenant' && seenBy !== undefined
      ? sql`${sql.ref(column)} in (${value}, ${seenBy})`
      : sql`${sql.ref(column)} = ${value}`,
  );
}

interface Member {
  /** Where the list has a table of its own, whose columns then go by their names. */
  readonly codec: ChildTableCodec | undefined;
  /** Otherwise the member as JSON. */
  readonly member: RawBuilder<unknown>;
}

/** A member of the list exists that `condition` holds for. */
function membersSql(
  kind: DatabaseKind,
  table: RecordTable,
  attribute: string,
  condition: (member: Member) => RawBuilder<boolean>,
): RawBuilder<boolean> {
  const codec = table.children.find((child) => child.attribute === attribute)?.codec;
  if (codec !== undefined) {
    // As a set of owners rather than a correlated EXISTS: the databases then start from the child's index.
    const matching = condition({ codec, member: sql`` });
    return sql`${idRef(table)} in (select ${sql.ref(codec.owner)} from ${sql.table(codec.table)} where ${matching})`;
  }
  const column = columnRef(table, attribute);
  switch (kind) {
    case 'sqlite':
      return sql`exists (select 1 from json_each(${column}) as member where ${condition({ codec, member: sql`member.value` })})`;
    case 'postgres':
      return sql`exists (select 1 from jsonb_array_elements(${column}::jsonb) as member where ${condition({
        codec,
        member: sql`member #>> '{}'`,
      })})`;
  }
}

function jsonFieldSql(kind: DatabaseKind, member: RawBuilder<unknown>, field: string): RawBuilder<unknown> {
  switch (kind) {
    case 'sqlite':
      return sql`json_extract(${member}, ${`$.${JSON.stringify(field)}`})`;
    case 'postgres':
      return sql`(${member})::jsonb ->> ${field}`;
  }
}

function matchSql(
  kind: DatabaseKind,
  {
    field,
    match,
    values,
  }: {
    readonly field: RawBuilder<unknown>;
    readonly match: 'equal' | 'substring';
    readonly values: readonly Scalar[];
  },
): RawBuilder<boolean> {
  switch (match) {
    case 'equal':
      return anyOfSql(kind, field, values);
    case 'substring':
      return either(values.map((value) => contains(kind, field, String(value))));
  }
}

function tagsSql(
  table: RecordTable,
  match: 'all' | 'any' | 'not-all' | 'none',
  tags: readonly string[],
): RawBuilder<boolean> {
  const wanted = sql.join([...new Set(tags)]);
  const owners = sql`select object_id from tags where tag in (${wanted})`;
  const ownersOfAll = sql`${owners} group by object_id having count(*) = ${new Set(tags).size}`;
  switch (match) {
    case 'any':
      return sql`${idRef(table)} in (${owners})`;
    case 'none':
      return sql`${idRef(table)} not in (${owners})`;
    case 'all':
      return sql`${idRef(table)} in (${ownersOfAll})`;
    case 'not-all':
      return sql`${idRef(table)} not in (${ownersOfAll})`;
  }
}

/** One of them; an empty list of alternatives holds for nothing. */
function either(alternatives: readonly RawBuilder<boolean>[]): RawBuilder<boolean> {
  if (alternatives.length === 0) return sql`1 = 0`;
  return sql`(${sql.join(alternatives, sql` or `)})`;
}

function idRef(table: RecordTable): RawBuilder<unknown> {
  return sql.ref(`${table.name}.${table.primaryKey}`);
}

function memberColumn(codec: ChildTableCodec): string {
  if (codec.member === undefined)
    throw new Error(`members of ${codec.table} are objects: a condition must name a field`);
  return codec.member;
}

/** Flags are integers in both databases. */
function scalar(value: Scalar): string | number | null {
  return typeof value === 'boolean' ? Number(value) : value;
}
