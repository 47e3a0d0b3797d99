// Rules, and members of address sets, as the parts of records that a host must know.

import { addressBits, type IpAddress } from '@neutronium/net/ip';
import { cidrFamily, isCidr, networkAddress, parseCidrLenient, prefixLength, type Cidr } from '@neutronium/net/cidr';
import { trusted } from '@neutronium/net/parsed';
import { protocolNumber } from '@neutronium/model/ip-protocols';
import type {
  AddressSetMemberView,
  MemberAddress,
  PortView,
  RemoteEnd,
  SecurityGroupRuleView,
} from '@neutronium/model/host-view';
import type { SecurityGroupRuleRecord } from '@neutronium/model/resources/security-group-rule';

export function ruleView(record: SecurityGroupRuleRecord): SecurityGroupRuleView {
  return {
    id: record.id,
    direction: record.direction,
    ethertype: record.ethertype,
    protocol: protocolOf(record),
    port_range_min: record.port_range_min,
    port_range_max: record.port_range_max,
    remote: remoteOf(record),
  };
}

const [icmp, icmpv6] = [1, 58];

/** Null admits all protocols, and so does zero (Networking API: "any or 0"). */
function protocolOf({ protocol, ethertype }: SecurityGroupRuleRecord): number | null {
  const number = protocol === null ? 0 : protocolNumber(protocol);
  if (number === 0) return null;
  return ethertype === 'IPv6' && number === icmp ? icmpv6 : number;
}

/** The set that the rule names, which has the id of a group of ports or of addresses; null where it names none. */
export function setIdOf(record: SecurityGroupRuleRecord): string | null {
  return record.remote_group_id ?? record.remote_address_group_id;
}

function remoteOf(record: SecurityGroupRuleRecord): RemoteEnd {
  const set = setIdOf(record);
  if (set !== null) return { kind: 'set', id: set };
  return record.normalized_cidr === null ? { kind: 'any' } : { kind: 'prefix', cidr: record.normalized_cidr };
}

/** The name of a member of a set. */
export function memberId(setId: string, member: string): string {
  return `${setId}/${member}`;
}

/** What a port brings into the set of its group: its addresses, and those that it may send from besides. */
export function portMember(setId: string, port: PortView): AddressSetMemberView | undefined {
  const addresses = new Map<string, MemberAddress>();
  for (const { ip_address: ip } of port.fixed_ips) addresses.set(ip, { ip, mac: null });
  for (const { ip_address, mac_address } of port.allowed_address_pairs) {
    const ip = shortest(ip_address);
    const mac = isCidr(ip) && prefixLength(ip) === 0 ? mac_address : null;
    addresses.set(`${ip} ${mac ?? ''}`.trim(), { ip, mac });
  }
  if (addresses.size === 0) return undefined;
  return {
    section: 'address_set_members',
    id: memberId(setId, port.id),
    set_id: setId,
    addresses: [...addresses.values()],
  };
}

/** What one address of an address group brings into its set. */
export function addressGroupMember(setId: string, address: string): AddressSetMemberView {
  // The API wrote it.
  const ip = shortest(trusted(parseCidrLenient(address)));
  return {
    section: 'address_set_members',
    id: memberId(setId, address),
    set_id: setId,
    addresses: [{ ip, mac: null }],
  };
}

/** A prefix of one address is that address. */
function shortest(ip: IpAddress | Cidr): IpAddress | Cidr {
  return isCidr(ip) && prefixLength(ip) === addressBits[cidrFamily(ip)] ? networkAddress(ip) : ip;
}
