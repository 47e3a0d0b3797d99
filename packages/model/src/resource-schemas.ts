// The schemas of a resource in the OpenAPI document: what answers show of an object, and what requests may say.

import type { Attribute } from './attribute.ts';
import type { JsonSchema, Kind } from './kind.ts';
import type { Json } from './openapi-parts.ts';
import { attributesOf, type AnyResource } from './resource.ts';

type Suffix = '' | 'Create' | 'Update';

export function schemaRef(resource: AnyResource, suffix: Suffix): JsonSchema {
  return { $ref: `#/components/schemas/${schemaName(resource, suffix)}` };
}

/** An object with what else is said of it beside its own attributes. */
export function shownBeside(resource: AnyResource, beside: Readonly<Record<string, JsonSchema>> = {}): JsonSchema {
  if (Object.keys(beside).length === 0) return schemaRef(resource, '');
  const { properties, ...rest } = answerSchema(resource);
  return { ...rest, properties: { ...properties, ...beside } };
}

/** The schemas that references to the resource lead to, by their names. */
export function schemasOf(resource: AnyResource): Json {
  const attributes = attributesOf(resource);
  const given = attributes.filter(([, { traits }]) => traits.post !== 'refused');
  const changed = attributes.filter(([, { traits }]) => traits.put);
  const requests: Readonly<Record<string, JsonSchema>> = {
    ...(resource.operations.includes('create') ? { Create: requestSchema(given) } : {}),
    ...(resource.operations.includes('update') ? { Update: { ...requestSchema(changed), required: [] } } : {}),
  };
  return {
    [schemaName(resource, '')]: answerSchema(resource),
    ...Object.fromEntries(
      Object.entries(requests).map(([suffix, schema]) => [`${schemaName(resource, '')}${suffix}`, schema]),
    ),
  };
}

/** None is required: `fields` chooses among them, and policy hides some. */
function answerSchema(
  resource: AnyResource,
): JsonSchema & { readonly properties: Readonly<Record<string, JsonSchema>> } {
  const { primaryKey, doc } = resource;
  const shown = attributesOf(resource).flatMap(([name, { kind, doc: sentence, traits, references }]) =>
    traits.visible ? [[name, { ...shownSchema(kind), ...referring(references), description: sentence }] as const] : [],
  );
  const properties: Record<string, JsonSchema> = Object.fromEntries(shown);
  // What there is one of for each project is named by the project, without being an attribute.
  properties[primaryKey] ??= { type: 'string', description: 'Names it.' };
  if ('project_id' in properties) {
    properties['tenant_id'] ??= { type: ['string', 'null'], description: 'The older name of project_id.' };
  }
  return { type: 'object', description: doc, properties, additionalProperties: false };
}

/** What requests cannot take back, objects may never have been given. */
function shownSchema({ answerSchema: shown, schema, mayBeNull = false }: Kind<unknown>): JsonSchema {
  const known = shown ?? schema;
  return mayBeNull && !isSpeltBy(known, null) ? { anyOf: [known, { type: 'null' }] } : known;
}

function requestSchema(attributes: readonly (readonly [string, Attribute])[]): JsonSchema {
  return {
    type: 'object',
    // The owner is the sender's own project when the request names none.
    required: attributes.flatMap(([name, { traits }]) =>
      traits.post === 'required' && name !== 'project_id' ? [name] : [],
    ),
    properties: Object.fromEntries(
      attributes.map(([name, { kind, doc, default: value, traits, references }]) => [
        name,
        {
          ...kind.schema,
          ...referring(name === 'project_id' ? 'quotas' : references),
          description: doc,
          ...(traits.post === 'defaulted' ? { default: value } : {}),
          ...examplesOf(kind.schema, kind.examples.valid),
        },
      ]),
    ),
    additionalProperties: false,
  };
}

function referring(references: string | undefined): JsonSchema {
  return references === undefined ? {} : { 'x-references': references };
}

/** Those of the values that are spelt as the schema says: a kind also reads what clients have learnt elsewhere. */
export function examplesOf(schema: JsonSchema, values: readonly unknown[]): JsonSchema {
  const examples = values.filter((value) => isSpeltBy(schema, value));
  return examples.length === 0 ? {} : { examples };
}

/** By those keywords of JSON Schema that kinds say something of their examples with. */
function isSpeltBy(schema: JsonSchema, value: unknown): boolean {
  const { type, anyOf, enum: words, pattern, required } = schema;
  if (Array.isArray(anyOf) && type === undefined) return anyOf.some((each: JsonSchema) => isSpeltBy(each, value));
  const types: readonly unknown[] = Array.isArray(type) ? type : [type];
  if (!types.includes(typeOf(value)) || (Array.isArray(words) && !words.includes(value))) return false;
  if (typeof pattern === 'string' && typeof value === 'string' && !new RegExp(pattern).test(value)) return false;
  const members = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  return !Array.isArray(required) || required.every((name) => members.includes(String(name)));
}

/** The word that JSON Schema has for it (2020-12, section 6.1.1). */
function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

/** `availability_zone` as `AvailabilityZone`. */
function schemaName({ name }: AnyResource, suffix: Suffix): string {
  const words = name.split('_').map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`);
  return `${words.join('')}${suffix}`;
}
