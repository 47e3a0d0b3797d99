// Takes out of an answer what two servers may choose differently: ids, times, random MAC and IP addresses, segment ids,
// the order of members that have none.

import { derivedAddresses, macsOfRequests, namedAddresses, routedAddresses } from './named.ts';
import type { Answer, Side, Step } from './step.ts';

/** Attributes whose values are each server's own choice. Their presence and their nullness are still compared. */
const chosen = new Set(['created_at', 'updated_at', 'revision_number', 'started_at', 'heartbeat_timestamp']);

/** Numbers that the ranges in settings.ts hold, which a server draws by itself; requests name others. */
const isDrawnSegment = (value: Json): boolean =>
  typeof value === 'number' && ((value >= 10_000 && value < 20_000) || (value >= 1000 && value < 1100));

/** Lists whose order means nothing. */
const unordered = new Set([
  'subnet_ip_availability',
  'sub_ports',
  'subnets',
  'tags',
  'prefixes',
  'availability_zones',
  'extra_dhcp_opts',
  'fixed_ips',
  'dns_assignment',
  'security_groups',
  'security_group_rules',
  'addresses',
  'external_fixed_ips',
  'routes',
  'conntrack_helpers',
  'port_forwardings',
  'rules',
  'request_groups',
  'same_subtree',
]);

const ownAddresses = new Set([...namedAddresses, ...derivedAddresses, ...routedAddresses]);
const ownMacs = new Set(macsOfRequests.map((mac) => mac.toLowerCase()));

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Names of the attributes to compare, by the resource's name and plural. */
export type KnownAttributes = ReadonlyMap<string, ReadonlySet<string>>;

/** The answer as it can be compared: of objects, only the attributes that both servers have. */
export function normalise(side: Side, step: Step, answer: Answer, known: KnownAttributes): Answer {
  // What came as JSON is JSON.
  const body = answer.body as Json | undefined;
  if (body === undefined) return answer;
  const anonymous = JSON.parse(sameMacs(side.anonymous(JSON.stringify(body)))) as Json;
  if (!isObject(anonymous)) return { status: answer.status, body: clean(anonymous, '') };
  // A list of resources has no order unless one is asked for, or it answers a list.
  const ordered = step.method === 'POST' || step.path.includes('sort_key=');
  const members = Object.entries(anonymous).map(
    ([key, value]) => [key, cleanMember(key, value, { known, ordered })] as const,
  );
  return { status: answer.status, body: Object.fromEntries(members) };
}

/** Neutron 21 keeps a MAC address as it was spelt. */
function sameMacs(text: string): string {
  return text.replaceAll(/(?:[0-9a-f]{2}:){5}[0-9a-f]{2}/gi, (mac) => mac.toLowerCase());
}

interface Reading {
  readonly known: KnownAttributes;
  readonly ordered: boolean;
}

function cleanMember(key: string, value: Json, { known, ordered }: Reading): Json {
  const attributes = known.get(key);
  if (attributes === undefined) return clean(value, key);
  const keep = (object: Json, names = attributes): Json =>
    isObject(object)
      ? Object.fromEntries(
          Object.entries(object)
            .filter(([name]) => names.has(name))
            .map(([name, member]) => [name, keepWithin(name, member)]),
        )
      : object;
  // Objects in objects, such as the rules of a security group.
  const keepWithin = (name: string, member: Json): Json => {
    const names = known.get(name);
    return names === undefined || !isList(member) ? member : member.map((object) => keep(object, names));
  };
  if (!isList(value)) return clean(keep(value), key);
  const items = value.map((object) => clean(keep(object), ''));
  return ordered ? items : sorted(items);
}

function clean(value: Json, key: string): Json {
  // An object that nobody refers to later has no name of ours; that it has an id is enough.
  if (/(^|_)id$/.test(key) && typeof value === 'string' && /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(value)) return '<id>';
  if (chosen.has(key)) return value === null ? null : `<${key}>`;
  // Which of the ids it is, is drawn; how many there are is not.
  if (key === 'available') return isList(value) ? value.length : value;
  if (key === 'used' && isObject(value)) return sorted(Object.values(value));
  if (key.endsWith('segmentation_id')) return isDrawnSegment(value) ? '<segment>' : value;
  if (typeof value === 'string') return cleanText(value, key);
  if (isList(value)) {
    const items = value.map((item) => clean(item, key === 'security_groups' || key === 'same_subtree' ? 'id' : ''));
    return unordered.has(key) ? sorted(items) : items;
  }
  if (!isObject(value)) return value;
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, member]) => [name, clean(member, name)]));
}

function cleanText(text: string, key: string): string {
  switch (key) {
    case 'ip_address':
    case 'floating_ip_address':
    case 'fixed_ip_address':
    case 'internal_ip_address':
      return ownAddresses.has(text) ? text : '<address>';
    case 'mac_address':
      return ownMacs.has(text) ? text : '<mac>';
    case 'hostname':
    case 'fqdn':
      return text.replace(/^host-[0-9a-f-]+/, 'host-<address>');
    case 'href':
      return cleanLink(text);
    case 'message':
      return cleanMessage(text);
    default:
      return text;
  }
}

/** The parameters of a link have no order. */
function cleanLink(link: string): string {
  const { pathname, searchParams } = new URL(link, 'http://localhost');
  return `${pathname}?${[...searchParams]
    .map((pair) => pair.join('='))
    .toSorted()
    .join('&')}`;
}

function cleanMessage(message: string): string {
  return (
    message
      // Of the outside, where servers draw addresses.
      .replaceAll(/172\.24\.[45]\.1\d\d|172\.24\.[45]\.200/g, '<address>')
      .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<id>')
      // Python prints its sets and joins them as they lie in memory.
      .replaceAll(
        /\{('[^':]*'(?:, '[^':]*')*)\}/g,
        (_, names: string) => `{${names.split(', ').toSorted().join(', ')}}`,
      )
      .replace(/^(Unrecognized attribute\(s\) )'(.*)'$/, (_, start: string, names: string) => {
        return `${start}'${names.split(', ').toSorted().join(', ')}'`;
      })
      .replace(
        /^(.*Constrained to) \d+, but current revision is \d+/,
        '$1 <revision>, but current revision is <revision>',
      )
      // Of several that use a policy, either server names one.
      .replace(/( is used by \w+) \S+( \d+>)?\.$/, '$1 <user>.')
      .replace(/^(Security group rule already exists. Rule id is )[0-9a-f-]{36}/, '$1<id>')
  );
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
