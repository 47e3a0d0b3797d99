// Takes out of an answer what two servers may choose differently: ids, times, random MAC and IP addresses, segment ids,
// the order of members that have none.

import type { Answer, Side } from './step.ts';

/** Attributes whose values are each server's own choice. Their presence and their nullness are still compared. */
const chosen = new Set([
  'created_at',
  'updated_at',
  'revision_number',
  'mac_address',
  'provider:segmentation_id',
  'segmentation_id',
]);

/** Lists whose order means nothing. */
const unordered = new Set(['subnets', 'tags', 'prefixes', 'availability_zones']);

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Names of the attributes to compare, by the resource's name and plural. */
export type KnownAttributes = ReadonlyMap<string, ReadonlySet<string>>;

/** The answer as it can be compared: of objects, only the attributes that both servers have. */
export function normalise(side: Side, answer: Answer, known: KnownAttributes): Answer {
  // What came as JSON is JSON.
  const body = answer.body as Json | undefined;
  if (body === undefined) return answer;
  const anonymous = JSON.parse(side.anonymous(JSON.stringify(body))) as Json;
  if (!isObject(anonymous)) return { status: answer.status, body: clean(anonymous, '') };
  const members = Object.entries(anonymous).map(
    ([key, value]) => [key, cleanMember(key, value, known.get(key))] as const,
  );
  return { status: answer.status, body: Object.fromEntries(members) };
}

function cleanMember(key: string, value: Json, attributes: ReadonlySet<string> | undefined): Json {
  if (attributes === undefined) return clean(value, key);
  const keep = (object: Json): Json =>
    isObject(object) ? Object.fromEntries(Object.entries(object).filter(([name]) => attributes.has(name))) : object;
  // A list of resources has no order unless one is asked for, and no sequence relies on one.
  if (isList(value)) return sorted(value.map((object) => clean(keep(object), '')));
  return clean(keep(value), key);
}

/** Addresses that the sequences ask for by name; any other was picked by the server. */
export const namedAddresses: readonly string[] = ['10', '11', '12', '1', '255', '0'].map((n) => `10.7.0.${n}`);

function clean(value: Json, key: string): Json {
  if (key === 'ip_address' && typeof value === 'string' && !namedAddresses.includes(value)) return '<address>';
  // Its host names are made from addresses, which differ; how many there are does not.
  if (key === 'dns_assignment' && isList(value)) return value.length;
  if (chosen.has(key)) return value === null ? null : `<${key}>`;
  if (isList(value)) {
    const items = value.map((item) => clean(item, ''));
    return unordered.has(key) ? sorted(items) : items;
  }
  if (!isObject(value)) return value;
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, clean(member, name)]));
}

function sorted(items: readonly Json[]): readonly Json[] {
  return items.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
