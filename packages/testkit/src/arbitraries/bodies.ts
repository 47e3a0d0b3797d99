// Requests made from the declarations: valid ones, and rubbish that still looks like a request, so that it gets past
// the first checks. What a kind reads is taken from its own examples and stretched a little.

import fc from 'fast-check';
import type { Attribute } from '@neutronium/model/attribute';
import type { Kind } from '@neutronium/model/kind';
import { attributesOf, type AnyResource } from '@neutronium/model/resource';

type Fields = Readonly<Record<string, unknown>>;

/** Values to prefer for attributes that must name something that is there, such as `network_id`. */
export type Known = Readonly<Record<string, readonly unknown[]>>;

/** A value that the kind reads. */
export function validValue(kind: Kind<unknown>): fc.Arbitrary<unknown> {
  const examples = fc.constantFrom(...kind.examples.valid);
  const { type, maxLength, minimum, maximum } = kind.schema;
  const texts = fc.string({ maxLength: typeof maxLength === 'number' ? maxLength : 40, unit: 'grapheme' });
  const numbers = fc.integer({
    ...(typeof minimum === 'number' ? { min: minimum } : {}),
    ...(typeof maximum === 'number' ? { max: maximum } : { max: 10_000 }),
  });
  const stretched = type === 'string' ? texts : type === 'integer' ? numbers : examples;
  // Most random texts are no address: what the kind refuses gives way to an example, since filtering could go on forever.
  const readable = fc.tuple(stretched, examples).map(([value, example]) => (kind.read(value).ok ? value : example));
  return fc.oneof(examples, readable);
}

/** A value that the kind may read or not, and often nearly does. */
export function anyValue(kind: Kind<unknown>): fc.Arbitrary<unknown> {
  const examples = [...kind.examples.valid, ...kind.examples.invalid];
  return fc.oneof(
    { arbitrary: fc.constantFrom(...examples), weight: 4 },
    { arbitrary: fc.constantFrom(...examples).map((value) => [value]), weight: 1 },
    { arbitrary: fc.jsonValue({ maxDepth: 3 }), weight: 2 },
  );
}

/** The attributes of a create request that is read without complaint. What it asks for may still be refused. */
export function validCreate(resource: AnyResource, known: Known = {}): fc.Arbitrary<Fields> {
  const given = attributesOf(resource).filter(
    ([name, { traits }]) => traits.post !== 'refused' && name !== 'project_id',
  );
  return recordOf(given, known, ({ traits }) => traits.post === 'required');
}

/** The attributes of an update request that is read without complaint. */
export function validUpdate(resource: AnyResource, known: Known = {}): fc.Arbitrary<Fields> {
  const changeable = attributesOf(resource).filter(([, { traits }]) => traits.put);
  return recordOf(changeable, known, () => false);
}

/** Attributes with any values, now and then with a name that no attribute has. */
export function anyFields(resource: AnyResource, known: Known = {}): fc.Arbitrary<Fields> {
  const attributes = Object.fromEntries(
    attributesOf(resource).map(([name, { kind }]) => [name, fc.oneof(...knownFirst(known, name), anyValue(kind))]),
  );
  const strange = fc.dictionary(
    fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'tenant_id')),
    fc.jsonValue(),
    {
      maxKeys: 1,
    },
  );
  return fc
    .tuple(fc.record(attributes, { requiredKeys: [] }).chain(fewOf), fc.option(strange, { freq: 8, nil: {} }))
    .map(([some, more]) => ({ ...some, ...more }));
}

/** A whole body, of one object or of several, or something else altogether. */
export function anyBody(resource: AnyResource, known: Known = {}): fc.Arbitrary<unknown> {
  const fields = anyFields(resource, known);
  const valid = validCreate(resource, known);
  const either = fc.oneof(fields, valid);
  return fc.oneof(
    { arbitrary: either.map((some) => ({ [resource.name]: some })), weight: 8 },
    { arbitrary: fc.array(either, { maxLength: 4 }).map((some) => ({ [`${resource.name}s`]: some })), weight: 3 },
    { arbitrary: fc.jsonValue().map((value) => ({ [resource.name]: value })), weight: 1 },
    { arbitrary: fc.jsonValue(), weight: 1 },
  );
}

function recordOf(
  attributes: readonly (readonly [string, Attribute])[],
  known: Known,
  isRequired: (attribute: Attribute) => boolean,
): fc.Arbitrary<Fields> {
  const values = attributes.map(
    ([name, { kind }]) => [name, fc.oneof(...knownFirst(known, name), validValue(kind))] as const,
  );
  const requiredKeys = attributes.flatMap(([name, attribute]) => (isRequired(attribute) ? [name] : []));
  return fc.record(Object.fromEntries(values), { requiredKeys }).chain((all) => fewOf(all, requiredKeys));
}

/** Requests with nearly every attribute are mostly refused for one of them; those with few go further. */
function fewOf(all: Fields, kept: readonly string[] = []): fc.Arbitrary<Fields> {
  const names = Object.keys(all).filter((name) => !kept.includes(name));
  return fc
    .subarray(names, { maxLength: Math.min(names.length, 5) })
    .map((some) => Object.fromEntries([...kept, ...some].map((name) => [name, all[name]])));
}

/** What is known to be there, taken often. */
function knownFirst(known: Known, name: string): fc.Arbitrary<unknown>[] {
  const values = known[name];
  if (values === undefined || values.length === 0) return [];
  return [fc.constantFrom(...values), fc.constantFrom(...values), fc.constantFrom(...values)];
}
