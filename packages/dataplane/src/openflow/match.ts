// What a flow matches: for each field a value and a mask. Two matches that accept the same packets by the same fields
// are the same text, so that text can be a key.

import { isCidr, netmask, networkAddress, type Cidr } from '@neutronium/net/cidr';
import { ipToBigInt, type Family, type IpAddress } from '@neutronium/net/ip';
import { macToBigInt, type Mac } from '@neutronium/net/mac';
import { invariant } from '@neutronium/net/invariant';
import { fields, fullMask, type FieldName, type FieldsOfForm } from './field.ts';

/** A test of one field: the packet's bits under `mask` must be `value`. */
export interface Test {
  readonly value: bigint;
  /** All ones for an exact match; never zero, and no bit of `value` outside it. */
  readonly mask: bigint;
}

export type Match = { readonly [Name in FieldName]?: Test };

type MacField = FieldsOfForm<'mac'>;
type AddressField = FieldsOfForm<'ipv4' | 'ipv6'>;
type NumberField = Exclude<FieldName, MacField | AddressField>;

/** How generators write a match: fields with the values of their own kind. */
export type MatchFields = {
  readonly [Name in NumberField]?: number | bigint | Test;
} & {
  readonly [Name in MacField]?: Mac | Test;
} & {
  readonly [Name in AddressField]?: IpAddress | Cidr | Test;
};

export const ethernet = { ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd } as const;
export const protocol = { icmp: 1, tcp: 6, udp: 17, dccp: 33, icmpv6: 58, sctp: 132, udplite: 136 } as const;
/** Types of RFC 4861 section 4, RFC 2710 section 3 and RFC 3810 section 5. */
export const icmpv6 = {
  multicastListenerQuery: 130,
  multicastListenerReport: 131,
  multicastListenerDone: 132,
  routerSolicitation: 133,
  routerAdvertisement: 134,
  neighborSolicitation: 135,
  neighborAdvertisement: 136,
  redirect: 137,
  multicastListenerReportV2: 143,
} as const;

export const matchAll: Match = {};

/** The match with those tests. Tests that accept everything vanish; a value outside its field is an invariant failure. */
export function match(tests: MatchFields): Match {
  const result: { -readonly [Name in FieldName]?: Test } = {};
  // Object.keys widens the names; MatchFields has no other keys.
  for (const name of Object.keys(tests) as FieldName[]) {
    const given = tests[name];
    if (given === undefined) continue;
    const test = testOf(name, given);
    if (test.mask !== 0n) result[name] = test;
  }
  checkPrerequisites(result);
  return result;
}

export function arp(tests: Omit<MatchFields, 'eth_type'>): Match {
  return match({ ...tests, eth_type: ethernet.arp });
}

export function ipv4(tests: Omit<MatchFields, 'eth_type'>): Match {
  return match({ ...tests, eth_type: ethernet.ipv4 });
}

export function ipv6(tests: Omit<MatchFields, 'eth_type'>): Match {
  return match({ ...tests, eth_type: ethernet.ipv6 });
}

/** The same tests for packets of the family. */
export function ipOf(family: Family, tests: Omit<MatchFields, 'eth_type'>): Match {
  return family === 4 ? ipv4(tests) : ipv6(tests);
}

/** Frames to a broadcast or multicast address: the address's first bit on the wire is set (IEEE 802 section 8.4). */
export const toGroupAddress: Test = { value: 1n << 40n, mask: 1n << 40n };
/** Frames to one station. */
export const toOneStation: Test = { value: 0n, mask: 1n << 40n };

/** Neighbour advertisements (RFC 4861 section 4.4). */
export function neighborAdvertisement(tests: Omit<MatchFields, 'eth_type' | 'ip_proto' | 'icmpv6_type'>): Match {
  return ipv6({ ...tests, ip_proto: protocol.icmpv6, icmpv6_type: icmpv6.neighborAdvertisement });
}

/** Neighbour solicitations (RFC 4861 section 4.3). */
export function neighborSolicitation(tests: Omit<MatchFields, 'eth_type' | 'ip_proto' | 'icmpv6_type'>): Match {
  return ipv6({ ...tests, ip_proto: protocol.icmpv6, icmpv6_type: icmpv6.neighborSolicitation });
}

function testOf(name: FieldName, given: number | bigint | Mac | IpAddress | Cidr | Test): Test {
  const { value, mask } = typeof given === 'object' ? given : readTest(name, given);
  const fits = mask <= fullMask(name) && (value & ~mask) === 0n;
  invariant(fits, () => `${name}=${value}/${mask} does not fit into ${fields[name].bits} bits`);
  return { value, mask };
}

function readTest(name: FieldName, given: number | bigint | Mac | IpAddress | Cidr): Test {
  if (typeof given !== 'string') return { value: BigInt(given), mask: fullMask(name) };
  // MatchFields gives MAC addresses to the fields of that form only, and addresses and prefixes to the others.
  if (fields[name].form === 'mac') return { value: macToBigInt(given as Mac), mask: fullMask(name) };
  const address = given as IpAddress | Cidr;
  if (!isCidr(address)) return { value: ipToBigInt(address), mask: fullMask(name) };
  return { value: ipToBigInt(networkAddress(address)), mask: ipToBigInt(netmask(address)) };
}

interface Need {
  readonly eth_type?: readonly number[];
  readonly ip_proto?: readonly number[];
}

const ip = [ethernet.ipv4, ethernet.ipv6];
const needs: { readonly [Name in FieldName]?: Need } = {
  ip_src: { eth_type: [ethernet.ipv4] },
  ip_dst: { eth_type: [ethernet.ipv4] },
  ipv6_src: { eth_type: [ethernet.ipv6] },
  ipv6_dst: { eth_type: [ethernet.ipv6] },
  ip_proto: { eth_type: ip },
  ip_dscp: { eth_type: ip },
  ip_ecn: { eth_type: ip },
  nw_ttl: { eth_type: ip },
  ip_frag: { eth_type: ip },
  arp_op: { eth_type: [ethernet.arp] },
  arp_spa: { eth_type: [ethernet.arp] },
  arp_tpa: { eth_type: [ethernet.arp] },
  arp_sha: { eth_type: [ethernet.arp] },
  arp_tha: { eth_type: [ethernet.arp] },
  tcp_src: { ip_proto: [protocol.tcp] },
  tcp_dst: { ip_proto: [protocol.tcp] },
  tcp_flags: { ip_proto: [protocol.tcp] },
  udp_src: { ip_proto: [protocol.udp] },
  udp_dst: { ip_proto: [protocol.udp] },
  sctp_src: { ip_proto: [protocol.sctp] },
  sctp_dst: { ip_proto: [protocol.sctp] },
  icmp_type: { eth_type: [ethernet.ipv4], ip_proto: [protocol.icmp] },
  icmp_code: { eth_type: [ethernet.ipv4], ip_proto: [protocol.icmp] },
  icmpv6_type: { eth_type: [ethernet.ipv6], ip_proto: [protocol.icmpv6] },
  icmpv6_code: { eth_type: [ethernet.ipv6], ip_proto: [protocol.icmpv6] },
  nd_target: { eth_type: [ethernet.ipv6], ip_proto: [protocol.icmpv6] },
  nd_sll: { eth_type: [ethernet.ipv6], ip_proto: [protocol.icmpv6] },
  nd_tll: { eth_type: [ethernet.ipv6], ip_proto: [protocol.icmpv6] },
};

/** A switch silently drops tests whose prerequisites are missing (ovs-fields(7)), which would widen the flow. */
function checkPrerequisites(tests: Match): void {
  for (const name of namesOf(tests)) {
    const need = needs[name];
    if (need?.eth_type !== undefined) {
      invariant(isOneOf(tests.eth_type, need.eth_type), () => `a match of ${name} needs the Ethernet type that has it`);
    }
    if (need?.ip_proto !== undefined) {
      invariant(isOneOf(tests.ip_proto, need.ip_proto), () => `a match of ${name} needs the IP protocol that has it`);
    }
  }
}

function isOneOf(test: Test | undefined, values: readonly number[]): boolean {
  return test !== undefined && values.includes(Number(test.value));
}

/** The fields that a match tests, in canonical order. */
export function namesOf(tests: Match): readonly FieldName[] {
  // Object.keys widens the names; a match has no other keys.
  const names = Object.keys(tests) as FieldName[];
  return names.length < 2 ? names : names.toSorted((a, b) => fields[a].rank - fields[b].rank);
}

/** The canonical text of a match: equal exactly when the matches are. Meant for keys, not for people. */
export function matchKey(tests: Match): string {
  return namesOf(tests)
    .map((name) => {
      const { value, mask } = tests[name] ?? { value: 0n, mask: 0n };
      return mask === fullMask(name)
        ? `${name}=${value.toString(16)}`
        : `${name}=${value.toString(16)}/${mask.toString(16)}`;
    })
    .join(',');
}
