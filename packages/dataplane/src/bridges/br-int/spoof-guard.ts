// Keeps a port to its own addresses: the MAC addresses it sends from, and the IP addresses it claims in ARP (RFC 826)
// and in neighbour advertisements (RFC 4861). A port may use its fixed IPs from its own MAC address, and each allowed
// address pair as a pair. What it sends otherwise is the security groups' business.

import {
  cidrFamily,
  eui64Address,
  hostCidr,
  isCidr,
  linkLocalPrefix,
  prefixLength,
  type Cidr,
} from '@neutronium/net/cidr';
import type { Mac } from '@neutronium/net/mac';
import type { PortView } from '@neutronium/model/host-view';
import { goto } from '../../openflow/action.ts';
import { arp, match, neighborAdvertisement } from '../../openflow/match.ts';
import { priorities, type BrIntFlow } from './pipeline.ts';

export interface LocalPort {
  readonly view: PortView;
  readonly ofport: number;
}

/**
 * Whether the guard is on. Ports of the platform itself (routers, DHCP servers) speak for addresses that are not
 * their own, so it is off for them, as it is where the user turned port security off.
 */
export function isGuarded(port: PortView): boolean {
  return port.port_security_enabled && !port.device_owner.startsWith('network:');
}

/** The flows by which a wired port's frames enter the bridge: past the guard, or without one. */
export function portFlows(port: LocalPort): Generator<BrIntFlow> {
  return isGuarded(port.view) ? guardedFlows(port) : trustedFlows(port);
}

function* trustedFlows({ view, ofport }: LocalPort): Generator<BrIntFlow> {
  yield {
    table: 'LOCAL_SWITCHING',
    priority: priorities.LOCAL_SWITCHING.fromPort,
    match: match({ in_port: ofport }),
    actions: [goto('PACKET_RATE_LIMIT')],
    of: view.id,
    why: view.port_security_enabled ? 'belongs to the platform' : 'has no port security',
  };
}

function* guardedFlows(port: LocalPort): Generator<BrIntFlow> {
  yield* entryFlows(port);
  const claims = addressClaims(port.view);
  for (const claim of claims) yield claimFlow(port, claim);
  for (const mac of new Set([port.view.mac_address, ...claims.map((claim) => claim.mac)])) {
    yield {
      table: 'MAC_SPOOF',
      priority: priorities.MAC_SPOOF.allowed,
      match: match({ in_port: port.ofport, eth_src: mac }),
      actions: [goto('LOCAL_EGRESS')],
      of: port.view.id,
      why: `may send from ${mac}`,
    };
  }
}

function* entryFlows({ view, ofport }: LocalPort): Generator<BrIntFlow> {
  const claim = { table: 'LOCAL_SWITCHING', priority: priorities.LOCAL_SWITCHING.addressClaim, of: view.id } as const;
  yield { ...claim, match: arp({ in_port: ofport }), actions: [goto('ARP_SPOOF')], why: 'claims an address by ARP' };
  yield {
    ...claim,
    match: neighborAdvertisement({ in_port: ofport }),
    actions: [goto('ARP_SPOOF')],
    why: 'claims an address by neighbour advertisement',
  };
  yield {
    table: 'LOCAL_SWITCHING',
    priority: priorities.LOCAL_SWITCHING.fromPort,
    match: match({ in_port: ofport }),
    actions: [goto('MAC_SPOOF')],
    of: view.id,
    why: 'sends anything else',
  };
}

export interface AddressClaim {
  readonly mac: Mac;
  readonly prefix: Cidr;
}

/** What a port may claim, each once, in an order that does not depend on the order of its addresses. */
export function addressClaims(port: PortView): readonly AddressClaim[] {
  const claims = new Map<string, AddressClaim>();
  const add = (mac: Mac, prefix: Cidr) => claims.set(`${mac} ${prefix}`, { mac, prefix });
  for (const { ip_address } of port.fixed_ips) add(port.mac_address, hostCidr(ip_address));
  for (const pair of port.allowed_address_pairs) {
    add(pair.mac_address, isCidr(pair.ip_address) ? pair.ip_address : hostCidr(pair.ip_address));
  }
  const macs = new Set([port.mac_address, ...port.allowed_address_pairs.map((pair) => pair.mac_address)]);
  // Every IPv6 interface has a link-local address (RFC 4291 section 2.5.6), which no subnet hands out.
  for (const mac of macs) add(mac, hostCidr(eui64Address(linkLocalPrefix, mac)));
  return [...claims.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, claim]) => claim);
}

/**
 * ARP names the claiming MAC address in a field that can be matched with the IP address. A neighbour advertisement
 * does so in an option that need not be there, so there the frame's own source address stands for it.
 */
function claimFlow({ view, ofport }: LocalPort, { mac, prefix }: AddressClaim): BrIntFlow {
  const claimed = prefixLength(prefix) === 0 ? `any IPv${cidrFamily(prefix)} address` : describe(prefix);
  return {
    table: 'ARP_SPOOF',
    priority: priorities.ARP_SPOOF.allowed,
    match:
      cidrFamily(prefix) === 4
        ? arp({ in_port: ofport, arp_spa: prefix, arp_sha: mac })
        : neighborAdvertisement({ in_port: ofport, eth_src: mac, nd_target: prefix }),
    actions: [goto('MAC_SPOOF')],
    of: view.id,
    why: `may claim ${claimed} for ${mac}`,
  };
}

function describe(prefix: Cidr): string {
  return prefix.replace(/\/(?:32|128)$/, '');
}
