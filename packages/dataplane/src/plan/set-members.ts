// The members of the address sets that rules of this host name, one flow for each address and side.

import type { AddressSetMemberView, HostView, MemberAddress } from '@neutronium/model/host-view';
import { cidrFamily, isCidr, networkAddress, prefixLength } from '@neutronium/net/cidr';
import { addressBits, family as familyOfIp, type Family } from '@neutronium/net/ip';
import { memberFlow, setConclusionFlow, type NumberedSet } from '../bridges/br-int/address-sets.ts';
import { brInt, type BrIntFlow } from '../bridges/br-int/pipeline.ts';
import { egress, ingress, type Side } from '../bridges/br-int/side.ts';
import type { Flow } from '../openflow/flow.ts';
import { Remembered } from './remembered.ts';
import type { HostGroups } from './security-groups.ts';

/** The flows of all sets. A member of a set of 10,000 that comes or goes is one flow on each side that needs it. */
export function addressSetFlows(view: HostView, groups: HostGroups): readonly Flow[] {
  const flows: Flow[] = [];
  const descriptions = new Map<string, string>();
  for (const [id, number] of groups.sets) {
    const uses = groups.uses.get(id) ?? new Set();
    descriptions.set(id, `${id} ${number} ${[...uses].toSorted().join()}`);
    if (uses.has('ingress 4') || uses.has('ingress 6'))
      flows.push(brInt.resolve(setConclusionFlow(ingress, { id, number })));
    if (uses.has('egress 4') || uses.has('egress 6'))
      flows.push(brInt.resolve(setConclusionFlow(egress, { id, number })));
  }
  for (const address of addressesOfSets(view, groups)) {
    for (const flow of flowsOfAddress(address, groups, descriptions)) flows.push(flow);
  }
  return flows;
}

/** One address, and the members that bring it in; at least one. */
interface SetAddress {
  readonly address: NormalAddress;
  readonly members: readonly [AddressSetMemberView, ...AddressSetMemberView[]];
}

interface NormalAddress extends MemberAddress {
  readonly family: Family;
  /** Equal for what the same packets have. */
  readonly key: string;
}

// Sets may have many thousands of members: most of this is not made again when one of them comes or goes.
function* addressesOfSets(view: HostView, { sets }: HostGroups): Generator<SetAddress> {
  const addresses = new Map<string, SetAddress>();
  const others = new Map<string, AddressSetMemberView[]>();
  for (const member of view.address_set_members.values()) {
    if (!sets.has(member.set_id)) continue;
    for (const own of addressesOf(member)) {
      const { key } = own.address;
      if (addresses.has(key)) addTo(others, key, member);
      else addresses.set(key, own);
    }
  }
  for (const [key, own] of addresses) {
    const more = others.get(key);
    yield more === undefined ? own : { address: own.address, members: [...own.members, ...more] };
  }
}

function addTo<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}

const ownAddresses = new Remembered<AddressSetMemberView, readonly SetAddress[]>();

function addressesOf(member: AddressSetMemberView): readonly SetAddress[] {
  return ownAddresses.of(member, '', '', () =>
    member.addresses.map((each) => ({ address: normalAddress(each), members: [member] })),
  );
}

function normalAddress({ ip, mac }: MemberAddress): NormalAddress {
  if (!isCidr(ip)) return { ip, mac: null, family: familyOfIp(ip), key: ip };
  const family = cidrFamily(ip);
  const length = prefixLength(ip);
  if (length === 0) return { ip, mac, family, key: `${ip} ${mac ?? 'any'}` };
  return { ip, mac: null, family, key: length === addressBits[family] ? networkAddress(ip) : ip };
}

const memberFlows = new Remembered<AddressSetMemberView, readonly Flow[]>();

function flowsOfAddress(
  { address, members }: SetAddress,
  groups: HostGroups,
  descriptions: ReadonlyMap<string, string>,
): readonly Flow[] {
  const [first] = members.length === 1 ? members : members.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const ids = members.length === 1 ? [first.set_id] : [...new Set(members.map((member) => member.set_id))].toSorted();
  const circumstances =
    ids.length === 1 ? descriptions.get(first.set_id) : ids.map((id) => descriptions.get(id)).join();
  return memberFlows.of(first, address.key, circumstances ?? '', () => [
    ...brInt.resolveAll(sideFlows(ingress, address, ids, groups)),
    ...brInt.resolveAll(sideFlows(egress, address, ids, groups)),
  ]);
}

function* sideFlows<Next extends string>(
  side: Side<Next>,
  address: NormalAddress,
  ids: readonly string[],
  { sets, uses }: HostGroups,
): Generator<BrIntFlow> {
  const concerned = ids.flatMap((id): NumberedSet[] => {
    const number = sets.get(id);
    const isUsed = uses.get(id)?.has(`${side.direction} ${address.family}`);
    return number === undefined || isUsed !== true ? [] : [{ id, number }];
  });
  const [first, ...others] = concerned;
  if (first !== undefined) yield memberFlow(side, address, [first, ...others]);
}
