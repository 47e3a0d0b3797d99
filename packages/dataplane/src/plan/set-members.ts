// The members of the address sets that rules of this host name, one flow for each address and side.

import type { AddressSetMemberView, HostView, MemberAddress } from '@neutronium/model/host-view';
import { cidrFamily, isCidr, prefixLength } from '@neutronium/net/cidr';
import { family as familyOfIp, type Family } from '@neutronium/net/ip';
import { memberFlow, setConclusionFlow, type NumberedSet } from '../bridges/br-int/address-sets.ts';
import { brInt, type BrIntFlow } from '../bridges/br-int/pipeline.ts';
import { egress, ingress, type Side } from '../bridges/br-int/side.ts';
import type { Flow } from '../openflow/flow.ts';
import { Remembered } from './remembered.ts';
import type { HostGroups } from './security-groups.ts';

/** The flows of all sets. A member of a set of 10,000 that comes or goes is one flow on each side that needs it. */
export function* addressSetFlows(view: HostView, groups: HostGroups): Generator<Flow> {
  for (const [id, number] of groups.sets) {
    const uses = groups.uses.get(id) ?? new Set();
    if (uses.has('ingress 4') || uses.has('ingress 6')) yield brInt.resolve(setConclusionFlow(ingress, { id, number }));
    if (uses.has('egress 4') || uses.has('egress 6')) yield brInt.resolve(setConclusionFlow(egress, { id, number }));
  }
  for (const address of addressesOfSets(view, groups).values()) yield* flowsOfAddress(address, groups);
}

/** One address, and the members that bring it in. */
interface SetAddress {
  readonly address: NormalAddress;
  readonly members: AddressSetMemberView[];
}

interface NormalAddress extends MemberAddress {
  readonly key: string;
  readonly family: Family;
}

function addressesOfSets(view: HostView, { sets }: HostGroups): ReadonlyMap<string, SetAddress> {
  const addresses = new Map<string, SetAddress>();
  for (const member of view.address_set_members.values()) {
    if (!sets.has(member.set_id)) continue;
    for (const address of normalAddresses(member)) {
      const known = addresses.get(address.key);
      if (known === undefined) addresses.set(address.key, { address, members: [member] });
      else known.members.push(member);
    }
  }
  return addresses;
}

const normalised = new Remembered<AddressSetMemberView, readonly NormalAddress[]>();

/** The member's addresses, each with a key that is equal for what the same packets have. */
function normalAddresses(member: AddressSetMemberView): readonly NormalAddress[] {
  return normalised.of(member, '', '', () =>
    member.addresses.map(({ ip, mac }) => {
      const everywhere = isCidr(ip) && prefixLength(ip) === 0;
      const family = isCidr(ip) ? cidrFamily(ip) : familyOfIp(ip);
      const address = isCidr(ip) && prefixLength(ip) === (family === 4 ? 32 : 128) ? ip.replace(/\/.*/, '') : ip;
      return everywhere ? { ip, mac, family, key: `${ip} ${mac ?? ''}` } : { ip, mac: null, family, key: address };
    }),
  );
}

const memberFlows = new Remembered<AddressSetMemberView, readonly Flow[]>();

function* flowsOfAddress({ address, members }: SetAddress, groups: HostGroups): Generator<Flow> {
  const [first] = members.length === 1 ? members : members.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  if (first === undefined) return;
  const ids = members.length === 1 ? [first.set_id] : [...new Set(members.map((member) => member.set_id))].toSorted();
  const circumstances = ids
    .map((id) => `${id} ${groups.sets.get(id)} ${[...(groups.uses.get(id) ?? [])].join()}`)
    .join();
  yield* memberFlows.of(first, address.key, circumstances, () => [
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
