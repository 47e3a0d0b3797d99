// The address sets of a view as kernel sets, and as something that can be asked whether an address is in it. Views share
// what did not change, so the members of a view are sorted once for as long as they are the same.

import { cidrContains, isCidr, prefixLength, type Cidr } from '@neutronium/net/cidr';
import { addressBits, type Family, type IpAddress } from '@neutronium/net/ip';
import type { Mac } from '@neutronium/net/mac';
import type { AddressSetMemberView, HostView } from '@neutronium/model/host-view';
import { isOfFamily } from '../../netfilter/conditions.ts';
import { ipSet, type IpSet } from '../../netfilter/ip-set.ts';
import { setName } from './names.ts';

/** What an address set holds of one family. */
export interface MemberSet {
  readonly set: IpSet;
  /** Prefixes shorter than an address; addresses are looked up in the set itself. */
  readonly prefixes: readonly Cidr[];
  /**
   * Members that may send from every address: they are told by their MAC address, which only their own frames show.
   * What is sent to such a member cannot be told from what is sent elsewhere, so it is not admitted for its sake.
   */
  readonly everywhere: readonly Mac[];
}

/** By the set's id; a set that nobody is in is not here. */
export type MemberSets = ReadonlyMap<string, Readonly<Record<Family, MemberSet>>>;

const known = new WeakMap<HostView['address_set_members'], { readonly sets: MemberSets; readonly members: Index }>();
type Index = ReadonlyMap<string, readonly AddressSetMemberView[]>;

/** All address sets of the view. A set none of whose members have changed since the last call is the same object. */
export function memberSets({ address_set_members: members }: Pick<HostView, 'address_set_members'>): MemberSets {
  const found = known.get(members);
  if (found !== undefined) return found.sets;
  const index = new Map<string, AddressSetMemberView[]>();
  for (const member of members.values()) {
    const others = index.get(member.set_id);
    if (others === undefined) index.set(member.set_id, [member]);
    else others.push(member);
  }
  const sets = new Map(
    [...index].map(([id, all]) => {
      const before = last?.members.get(id);
      const same = before?.length === all.length && before.every((member, position) => member === all[position]);
      const kept = same ? last?.sets.get(id) : undefined;
      return [id, kept ?? { 4: memberSet(id, 4, all), 6: memberSet(id, 6, all) }] as const;
    }),
  );
  last = { sets, members: index };
  known.set(members, last);
  return sets;
}

/** What was made last, of which a changed view shares nearly all. */
let last: { readonly sets: MemberSets; readonly members: Index } | undefined;

export function emptyMemberSet(id: string, family: Family): MemberSet {
  return memberSet(id, family, []);
}

function memberSet(id: string, family: Family, members: readonly AddressSetMemberView[]): MemberSet {
  const addresses: (IpAddress | Cidr)[] = [];
  const everywhere = new Set<Mac>();
  for (const { ip, mac } of members.flatMap((member) => member.addresses)) {
    if (!isOfFamily(ip, family)) continue;
    if (mac !== null && isCidr(ip) && prefixLength(ip) === 0) everywhere.add(mac);
    else addresses.push(ip);
  }
  return {
    set: ipSet(setName(id, family), family, addresses),
    prefixes: addresses.filter((address) => isCidr(address)).filter((prefix) => !isHost(prefix, family)),
    everywhere: [...everywhere].toSorted(),
  };
}

function isHost(prefix: Cidr, family: Family): boolean {
  return prefixLength(prefix) === addressBits[family];
}

/** Whether a packet from or to `address` is a member's, as far as its address tells. */
export function isMember({ set, prefixes }: MemberSet, address: IpAddress): boolean {
  return set.members.has(address) || prefixes.some((prefix) => cidrContains(prefix, address));
}
