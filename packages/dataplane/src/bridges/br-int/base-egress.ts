// How frames of local ports come into br-int where it filters itself, and what a guarded port may say of itself: its own
// MAC and IP addresses, in IP, in ARP (RFC 826) and in neighbour discovery (RFC 4861), whatever its rules allow. What
// only servers and routers say it may not say at all.

import { cidrFamily } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import type { Mac } from '@neutronium/net/mac';
import { ct, goto, load } from '../../openflow/action.ts';
import { untagged } from '../../openflow/field.ts';
import {
  arp,
  icmpv6,
  ipOf,
  ipv4,
  ipv6,
  match,
  neighborAdvertisement,
  protocol,
  type Match,
} from '../../openflow/match.ts';
import { addressClaims, describeClaimed, macsOf, whyTrusted, type AddressClaim, type WiredPort } from './local-port.ts';
import { brInt, priorities, type BrIntFlow } from './pipeline.ts';
import { networkZone, register } from './registers.ts';

/** DHCP (RFC 2131 section 4.1) and DHCPv6 (RFC 8415 section 7.2). */
export const dhcpPorts = { client4: 68, server4: 67, client6: 546, server6: 547 } as const;

const unspecified4 = ip('0.0.0.0');
const unspecified6 = ip('::');

/** The frames of a port that is not guarded: they are for whomever they are for. */
export function* trustedEntryFlows(port: WiredPort): Generator<BrIntFlow> {
  yield entryFlow(port);
  yield {
    table: 'TRANSIENT',
    priority: priorities.TRANSIENT.fromTrustedPort,
    match: match({ in_port: port.ofport }),
    actions: [...origin(port), goto('ACCEPT_OR_INGRESS')],
    of: port.view.id,
    why: whyTrusted(port.view),
  };
}

/**
 * The frames of a guarded port. Those of a `stateless` one are not tracked: no connection is made of what it sends, and
 * what it gets is no answer.
 */
export function* guardedEntryFlows(
  port: WiredPort,
  { stateless }: { readonly stateless: boolean },
): Generator<BrIntFlow> {
  yield entryFlow(port);
  yield {
    table: 'TRANSIENT',
    priority: priorities.TRANSIENT.fromGuardedPort,
    match: match({ in_port: port.ofport }),
    actions: [...origin(port), goto('BASE_EGRESS')],
    of: port.view.id,
    why: 'is guarded: its addresses and rules are asked',
  };
  const judge = stateless ? goto('RULES_EGRESS') : ct({ zone: networkZone, table: 'RULES_EGRESS' });
  for (const mac of macsOf(port.view)) yield* unspecifiedSourceFlows(port, mac, judge);
  for (const claim of addressClaims(port.view)) yield* claimFlows(port, claim, judge);
  yield {
    table: 'BASE_EGRESS',
    priority: priorities.BASE_EGRESS.spoofed,
    match: match({ in_port: port.ofport }),
    actions: [goto('DROPPED')],
    of: port.view.id,
    why: 'is not from an address of the port',
  };
}

/** A frame that bears a tag is not of the port's network, whatever its number is. */
function entryFlow({ view, ofport }: WiredPort): BrIntFlow {
  return {
    table: 'LOCAL_SWITCHING',
    priority: priorities.LOCAL_SWITCHING.fromPort,
    match: match({ in_port: ofport, vlan_vid: untagged }),
    actions: [goto('PACKET_RATE_LIMIT')],
    of: view.id,
    why: 'comes from the port',
  };
}

function origin({ ofport, localVlan }: WiredPort) {
  return [load(ofport, register.judgedPort), load(localVlan, register.localVlan)];
}

type Judge = ReturnType<typeof goto<'RULES_EGRESS'>> | ReturnType<typeof ct<'RULES_EGRESS'>>;

/** What a port says while it has no address: DHCP's first questions, and neighbour discovery's. */
function* unspecifiedSourceFlows({ view, ofport }: WiredPort, mac: Mac, judge: Judge): Generator<BrIntFlow> {
  yield {
    table: 'BASE_EGRESS',
    priority: priorities.BASE_EGRESS.dhcpClient,
    match: ipv4({
      in_port: ofport,
      eth_src: mac,
      ip_src: unspecified4,
      ip_proto: protocol.udp,
      udp_src: dhcpPorts.client4,
      udp_dst: dhcpPorts.server4,
    }),
    actions: [goto('ACCEPT_OR_INGRESS')],
    of: view.id,
    why: `may ask for an address for ${mac}`,
  };
  yield {
    table: 'BASE_EGRESS',
    priority: priorities.BASE_EGRESS.ownAddress,
    match: ipv6({ in_port: ofport, eth_src: mac, ipv6_src: unspecified6 }),
    actions: [judge],
    of: view.id,
    why: `may have no address yet on ${mac}`,
  };
}

function* claimFlows({ view, ofport }: WiredPort, { mac, prefix }: AddressClaim, judge: Judge): Generator<BrIntFlow> {
  const claimed = describeClaimed(prefix);
  const family = cidrFamily(prefix);
  yield {
    table: 'BASE_EGRESS',
    priority: priorities.BASE_EGRESS.ownAddress,
    match: ipOf(family, {
      in_port: ofport,
      eth_src: mac,
      ...(family === 4 ? { ip_src: prefix } : { ipv6_src: prefix }),
    }),
    actions: [judge],
    of: view.id,
    why: `may send from ${claimed} by ${mac}`,
  };
  const claim = {
    table: 'BASE_EGRESS',
    priority: priorities.BASE_EGRESS.addressClaim,
    actions: [goto('ACCEPTED_EGRESS_NORMAL')],
    of: view.id,
    why: `may claim ${claimed} for ${mac}`,
  } as const;
  if (family === 4) {
    yield { ...claim, match: arp({ in_port: ofport, eth_src: mac, arp_spa: prefix, arp_sha: mac }) };
    return;
  }
  // An advertisement names the MAC address in an option that need not be there; the frame's own stands for it.
  yield { ...claim, match: neighborAdvertisement({ in_port: ofport, eth_src: mac, nd_target: prefix }) };
  yield {
    ...claim,
    match: solicitation({ in_port: ofport, eth_src: mac, ipv6_src: unspecified6, nd_target: prefix }),
    why: `may ask whether ${claimed} is free for ${mac}`,
  };
}

function solicitation(tests: Parameters<typeof ipv6>[0]): Match {
  return ipv6({ ...tests, ip_proto: protocol.icmpv6, icmpv6_type: icmpv6.neighborSolicitation });
}

/** What no guarded port may say, and what an own address is enough for. The same for all ports. */
export function* sharedEgressFlows(): Generator<BrIntFlow> {
  yield* impostureFlows();
  yield* ownAddressFlows();
}

/**
 * DHCP's answers and router advertisements are guarded as RFC 7610 and RFC 6105 advise: as they come from the port, and,
 * because they may come in fragments (RFC 7113), as connection tracking has put them together.
 */
function* impostureFlows(): Generator<BrIntFlow> {
  yield* impostures({ table: 'BASE_EGRESS', priority: priorities.BASE_EGRESS.imposture });
  yield* impostures({ table: 'RULES_EGRESS', priority: priorities.RULES.imposture });
}

function* impostures(where: {
  readonly table: 'BASE_EGRESS' | 'RULES_EGRESS';
  readonly priority: number;
}): Generator<BrIntFlow> {
  const imposture = { ...where, actions: [goto('DROPPED')], of: brInt.name } as const;
  const { client4, server4, client6, server6 } = dhcpPorts;
  yield {
    ...imposture,
    match: ipv4({ ip_proto: protocol.udp, udp_src: server4, udp_dst: client4 }),
    why: 'is no DHCP server',
  };
  yield {
    ...imposture,
    match: ipv6({ ip_proto: protocol.udp, udp_src: server6, udp_dst: client6 }),
    why: 'is no DHCPv6 server',
  };
  const discovery = (type: number) => ipv6({ ip_proto: protocol.icmpv6, icmpv6_type: type });
  yield { ...imposture, match: discovery(icmpv6.routerAdvertisement), why: 'is no router that may announce itself' };
  yield { ...imposture, match: discovery(icmpv6.redirect), why: 'is no router that may send others elsewhere' };
  yield { ...imposture, match: discovery(icmpv6.neighborAdvertisement), why: 'claims an address that is not its own' };
}

/**
 * Ahead of the rules, and of what connection tracking says, because it calls most of neighbour discovery invalid.
 * BASE_EGRESS has seen to the addresses: the source is the port's, or the unspecified one.
 */
function* ownAddressFlows(): Generator<BrIntFlow> {
  const base = { table: 'RULES_EGRESS', of: brInt.name } as const;
  yield {
    ...base,
    priority: priorities.RULES.foreignDetection,
    match: solicitation({ ipv6_src: unspecified6 }),
    actions: [goto('DROPPED')],
    why: 'asks for an address that the port may not have',
  };
  for (const [name, type] of Object.entries(discoveryOfHosts)) {
    yield {
      ...base,
      priority: priorities.RULES.ownAddressSuffices,
      match: ipv6({ ip_proto: protocol.icmpv6, icmpv6_type: type }),
      actions: [goto('ACCEPTED_EGRESS_NORMAL')],
      why: `${name} of a host`,
    };
  }
  const { client4, server4, client6, server6 } = dhcpPorts;
  const client = {
    ...base,
    priority: priorities.RULES.ownAddressSuffices,
    actions: [goto('ACCEPT_OR_INGRESS')],
  } as const;
  yield {
    ...client,
    match: ipv4({ ip_proto: protocol.udp, udp_src: client4, udp_dst: server4 }),
    why: 'DHCP client',
  };
  yield {
    ...client,
    match: ipv6({ ip_proto: protocol.udp, udp_src: client6, udp_dst: server6 }),
    why: 'DHCPv6 client',
  };
  yield {
    ...base,
    priority: priorities.RULES.unspecifiedSource,
    match: ipv6({ ipv6_src: unspecified6 }),
    actions: [goto('DROPPED')],
    why: 'has no source address',
  };
}

const discoveryOfHosts = {
  'multicast listener query': icmpv6.multicastListenerQuery,
  'multicast listener report': icmpv6.multicastListenerReport,
  'multicast listener done': icmpv6.multicastListenerDone,
  'multicast listener report (version 2)': icmpv6.multicastListenerReportV2,
  'router solicitation': icmpv6.routerSolicitation,
  'neighbour solicitation': icmpv6.neighborSolicitation,
} as const;
