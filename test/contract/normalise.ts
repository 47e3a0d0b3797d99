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

/** The answer as it can be compared. `known` names the attributes that both servers have. */
export function normalise(side: Side, answer: Answer, known: ReadonlySet<string>): Answer {
  // What came as JSON is JSON.
  const body = answer.body as Json | undefined;
  if (body === undefined) return answer;
  const anonymous = JSON.parse(side.anonymous(JSON.stringify(body))) as Json;
  return { status: answer.status, body: clean(anonymous, { known, key: '', depth: 0 }) };
}

/** Addresses that the sequences ask for by name; any other was picked by the server. */
export const namedAddresses: readonly string[] = ['10', '11', '12', '1', '255', '0'].map((n) => `10.7.0.${n}`);

interface Place {
  readonly known: ReadonlySet<string>;
  readonly key: string;
  /** 0 is the body, 1 the object or list, 2 an object of the list. */
  readonly depth: number;
}

function clean(value: Json, place: Place): Json {
  if (place.key === 'ip_address' && typeof value === 'string' && !namedAddresses.includes(value)) return '<address>';
  // Its host names are made from addresses, which differ; how many there are does not.
  if (place.key === 'dns_assignment' && Array.isArray(value)) return value.length;
  if (chosen.has(place.key)) return value === null ? null : `<${place.key}>`;
  if (Array.isArray(value)) return cleanList(value as readonly Json[], place);
  if (typeof value === 'object' && value !== null) {
    const isError = place.depth === 0 && 'NeutronError' in value;
    const entries = Object.entries(value as { readonly [key: string]: Json })
      .filter(([key]) => place.depth === 0 || place.depth > 2 || isError || place.known.has(key) || key === 'type')
      .map(([key, member]) => [key, clean(member, { ...place, key, depth: place.depth + 1 })] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries);
  }
  return value;
}

function cleanList(value: readonly Json[], place: Place): Json {
  const items = value.map((item) => clean(item, { ...place, key: '', depth: Math.max(2, place.depth) }));
  const sorted = place.depth === 1 || unordered.has(place.key);
  return sorted ? items.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items;
}
