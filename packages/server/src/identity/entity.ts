// The things that the identity API keeps lists of, each declared once: its attributes, what a new one must have, by
// what lists can be filtered. Reading requests and writing answers follow from the declaration. Attributes that no
// declaration names are kept as the client sent them and shown again, as Keystone does.

import { badRequest } from './identity-error.ts';
import { isObject, objectAt, textAt, type JsonObject } from './json-value.ts';
import type { EntityRow, IdentityTables } from './tables.ts';

export type ColumnValue = string | number | null;

/** Values of columns by their names. */
export type Columns = Readonly<Record<string, ColumnValue>>;

/** A row of any of the tables of entities. */
export type AnyRow = EntityRow & Columns;

export type EntityTable = {
  [T in keyof IdentityTables]: IdentityTables[T] extends EntityRow ? T : never;
}[keyof IdentityTables];

export interface Field {
  readonly kind: 'text' | 'flag';
  /** What a new one has when the request does not say; undefined: the request must say. */
  readonly fallback: ColumnValue | undefined;
  readonly nullable: boolean;
  readonly minLength: number;
  readonly maxLength: number;
  /** Not to be changed once it is made. */
  readonly fixed: boolean;
}

export interface Entity {
  readonly table: EntityTable;
  readonly singular: string;
  readonly plural: string;
  readonly fields: Readonly<Record<string, Field>>;
  /** Attributes that are shown but that nothing here has a use for, with the value that they always have. */
  readonly shown: JsonObject;
  readonly filters: readonly string[];
}

const textField: Field = { kind: 'text', fallback: '', nullable: false, minLength: 0, maxLength: 65_535, fixed: false };
const required = (maxLength: number): Field => ({ ...textField, fallback: undefined, minLength: 1, maxLength });
const optionalText: Field = { ...textField, fallback: null, nullable: true };
const flag: Field = { ...textField, kind: 'flag', fallback: 1 };
const fixed = (field: Field): Field => ({ ...field, fixed: true });
const reference: Field = { ...required(64) };
const inDomain = fixed(reference);

export const domainEntity: Entity = {
  table: 'identity_domains',
  singular: 'domain',
  plural: 'domains',
  fields: { name: required(64), description: textField, enabled: flag },
  shown: { options: {}, tags: [] },
  filters: ['name', 'enabled'],
};

export const projectEntity: Entity = {
  table: 'identity_projects',
  singular: 'project',
  plural: 'projects',
  fields: {
    name: required(64),
    domain_id: inDomain,
    parent_id: fixed(optionalText),
    description: textField,
    enabled: flag,
  },
  shown: { is_domain: false, options: {}, tags: [] },
  filters: ['name', 'domain_id', 'enabled', 'parent_id'],
};

export const userEntity: Entity = {
  table: 'identity_users',
  singular: 'user',
  plural: 'users',
  fields: {
    name: required(255),
    domain_id: inDomain,
    default_project_id: optionalText,
    description: optionalText,
    email: optionalText,
    enabled: flag,
  },
  shown: { options: {}, password_expires_at: null },
  filters: ['name', 'domain_id', 'enabled'],
};

export const groupEntity: Entity = {
  table: 'identity_groups',
  singular: 'group',
  plural: 'groups',
  fields: { name: required(64), domain_id: inDomain, description: textField },
  shown: {},
  filters: ['name', 'domain_id'],
};

export const roleEntity: Entity = {
  table: 'identity_roles',
  singular: 'role',
  plural: 'roles',
  fields: { name: required(255), description: optionalText },
  shown: { domain_id: null, options: {} },
  filters: ['name'],
};

export const regionEntity: Entity = {
  table: 'identity_regions',
  singular: 'region',
  plural: 'regions',
  fields: { description: textField, parent_region_id: optionalText },
  shown: {},
  filters: ['parent_region_id'],
};

export const serviceEntity: Entity = {
  table: 'identity_services',
  singular: 'service',
  plural: 'services',
  fields: { type: required(255), name: textField, description: textField, enabled: flag },
  shown: {},
  filters: ['name', 'type'],
};

export const endpointEntity: Entity = {
  table: 'identity_endpoints',
  singular: 'endpoint',
  plural: 'endpoints',
  fields: {
    service_id: reference,
    interface: required(8),
    region_id: optionalText,
    url: required(65_535),
    enabled: flag,
  },
  shown: {},
  filters: ['service_id', 'interface', 'region_id'],
};

/** A request for a new one or for changes: columns to write, and what else the client wants kept. */
export interface Draft {
  readonly columns: Columns;
  readonly extra: JsonObject;
}

/** The object under the entity's name in a request body. */
export function requestedObject({ singular }: Entity, body: unknown): JsonObject {
  if (!isObject(body)) throw badRequest(`Expecting to find ${singular} in request body.`);
  return objectAt(body, singular);
}

/** What a request to create asks for, every column filled. */
export function readCreate(entity: Entity, object: JsonObject): Draft {
  const columns = Object.entries(entity.fields).map(([name, field]): [string, ColumnValue] => {
    const value = readField(name, field, object[name] ?? (field.nullable ? null : undefined));
    if (value === undefined) throw badRequest(`'${name}' is a required property`);
    return [name, value];
  });
  return { columns: Object.fromEntries(columns), extra: readExtra(entity, object) };
}

/** What a request to change asks for: only the columns that it names. */
export function readUpdate(entity: Entity, object: JsonObject, current: AnyRow): Draft {
  const columns: Record<string, ColumnValue> = {};
  for (const [name, field] of Object.entries(entity.fields)) {
    if (!Object.hasOwn(object, name)) continue;
    const value = readField(name, field, object[name]);
    if (value === undefined) throw badRequest(`'${name}' is a required property`);
    if (field.fixed && value !== current[name]) throw badRequest(`Cannot change the ${name} of a ${entity.singular}.`);
    if (!field.fixed) columns[name] = value;
  }
  return { columns, extra: { ...parseExtra(current.extra), ...readExtra(entity, object) } };
}

function readField(name: string, field: Field, value: unknown): ColumnValue | undefined {
  if (value === undefined) return field.fallback;
  if (value === null && field.nullable) return null;
  if (field.kind === 'flag') {
    if (typeof value !== 'boolean')
      throw badRequest(`Invalid input for field '${name}': ${JSON.stringify(value)} is not of type 'boolean'`);
    return value ? 1 : 0;
  }
  const text = textAt({ [name]: value }, name);
  if (text === undefined) throw badRequest(`Invalid input for field '${name}': None is not of type 'string'`);
  if (text.length < field.minLength) throw badRequest(`Invalid input for field '${name}': '${text}' is too short`);
  if (text.length > field.maxLength)
    throw badRequest(`Invalid input for field '${name}': it is longer than ${field.maxLength}`);
  return text;
}

/** Never kept: what we say ourselves, and what must not be shown again. */
const neverExtra = new Set(['id', 'links', 'password', 'original_password', 'is_domain', 'password_expires_at']);

function readExtra(entity: Entity, object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).filter(([name]) => !Object.hasOwn(entity.fields, name) && !neverExtra.has(name)),
  );
}

export function parseExtra(extra: string): JsonObject {
  const parsed: unknown = JSON.parse(extra);
  return isObject(parsed) ? parsed : {};
}

/** The entity as clients see it. `base` is the URL of the API, up to and including /v3. */
export function renderEntity(entity: Entity, row: AnyRow, base: string): JsonObject {
  const fields = Object.entries(entity.fields).map(([name, { kind }]): [string, unknown] => [
    name,
    kind === 'flag' ? row[name] === 1 : (row[name] ?? null),
  ]);
  return {
    ...entity.shown,
    ...parseExtra(row.extra),
    id: row.id,
    ...Object.fromEntries(fields),
    links: { self: `${base}/${entity.plural}/${encodeURIComponent(row.id)}` },
  };
}
