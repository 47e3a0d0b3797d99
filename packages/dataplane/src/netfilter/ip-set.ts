// Sets of addresses in the kernel (ipset(8)), which rules ask instead of one rule for each address. A set is changed by
// its difference, without a moment in which a member that stays is missing.

import { cidrFamily, isCidr, networkAddress, networkOf, prefixLength, type Cidr } from '@neutronium/net/cidr';
import { invariant } from '@neutronium/net/invariant';
import { addressBits, type Family, ip, type IpAddress } from '@neutronium/net/ip';

export interface IpSet {
  /** At most 29 characters: 31 (IPSET_MAXNAMELEN less the final zero), and the suffix of its successor. */
  readonly name: string;
  readonly family: Family;
  /** As ipset prints them: addresses, and prefixes that are longer than 0 and shorter than an address. */
  readonly members: ReadonlySet<string>;
}

export interface ObservedIpSet extends IpSet {
  /** It is of the form that we make, by which it is known as ours. */
  readonly own: boolean;
}

/** By name. */
export type ObservedIpSets = ReadonlyMap<string, ObservedIpSet>;

/**
 * How many members a set may have. More than enough; and nobody else writes this number, which is `NTN` in ASCII, so
 * that it says whose the set is. A set has no other place for a mark that it would keep while it is empty.
 */
const maxElements = 0x4e544e;
const longestName = 29;
const successorSuffix = '-n';

/** The set of those addresses and prefixes, all of `family`. */
export function ipSet(name: string, family: Family, addresses: Iterable<IpAddress | Cidr>): IpSet {
  invariant(name.length <= longestName, () => `the name of set ${name} is too long`);
  const members = new Set<string>();
  for (const address of addresses) for (const member of membersOf(address)) members.add(member);
  return { name, family, members };
}

/** A prefix of length 0 is none for hash:net, and is two halves. */
function membersOf(address: IpAddress | Cidr): readonly string[] {
  if (!isCidr(address)) return [address];
  const [family, length] = [cidrFamily(address), prefixLength(address)];
  if (length === addressBits[family]) return [networkAddress(address)];
  if (length > 0) return [address];
  return family === 4 ? ['0.0.0.0/1', '128.0.0.0/1'] : [networkOf(ip('::'), 1), networkOf(ip('8000::'), 1)];
}

export interface IpSetsChange {
  /** What `ipset restore` reads before the rules that need the sets; empty when there is nothing to do. */
  readonly fill: string;
  /** What it reads after the rules that needed them are gone. */
  readonly destroy: string;
  readonly filled: ObservedIpSets;
  readonly result: ObservedIpSets;
}

/** The change from `actual` to `desired`. Sets of others are left alone, unless they have a name that is wanted. */
export function planIpSets(desired: readonly IpSet[], actual: ObservedIpSets): IpSetsChange {
  const fill: string[] = [];
  const filled = new Map(actual);
  for (const set of desired) {
    const present = actual.get(set.name);
    if (present?.own !== true || present.family !== set.family) fill.push(...making(set, { replaces: present }));
    else fill.push(...difference(set, present));
    filled.set(set.name, { ...set, own: true });
  }
  const wanted = new Set(desired.map(({ name }) => name));
  const unwanted = [...actual.values()].filter(({ own, name }) => own && !wanted.has(name));
  const result = new Map(filled);
  for (const { name } of unwanted) result.delete(name);
  return { fill: lines(fill), destroy: lines(unwanted.map(({ name }) => `destroy ${name}`)), filled, result };
}

function making(set: IpSet, { replaces }: { readonly replaces: ObservedIpSet | undefined }): readonly string[] {
  const name = replaces === undefined ? set.name : `${set.name}${successorSuffix}`;
  return [
    `create ${name} hash:net family ${set.family === 4 ? 'inet' : 'inet6'} maxelem ${maxElements}`,
    ...[...set.members].map((member) => `add ${name} ${member}`),
    // Rules that ask the set go on asking it.
    ...(replaces === undefined ? [] : [`swap ${name} ${set.name}`, `destroy ${name}`]),
  ];
}

function difference({ name, members }: IpSet, present: ObservedIpSet): readonly string[] {
  if (members === present.members) return [];
  const added = [...members].filter((member) => !present.members.has(member));
  const removed = [...present.members].filter((member) => !members.has(member));
  return [...added.map((member) => `add ${name} ${member}`), ...removed.map((member) => `del ${name} ${member}`)];
}

/** Reads what `ipset save` prints. */
export function parseIpSets(saved: string): ObservedIpSets {
  const sets = new Map<string, ObservedIpSet & { readonly members: Set<string> }>();
  for (const line of saved.split('\n')) {
    const [command, name = '', what = '', ...options] = line.trimEnd().split(' ');
    if (command === 'add') sets.get(name)?.members.add(what);
    if (command !== 'create') continue;
    const option = (key: string): string | undefined => options[options.indexOf(key) + 1];
    const own = what === 'hash:net' && option('maxelem') === String(maxElements);
    sets.set(name, { name, family: option('family') === 'inet6' ? 6 : 4, members: new Set(), own });
  }
  return sets;
}

function lines(commands: readonly string[]): string {
  return commands.map((command) => `${command}\n`).join('');
}
