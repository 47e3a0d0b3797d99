// A port of the host as the flows of br-int see it, and what it may call its own: its fixed IPs from its own MAC
// address, and each allowed address pair as a pair.

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

export interface LocalPort {
  readonly view: PortView;
  readonly ofport: number;
}

/** A port whose network has a local VLAN. */
export interface WiredPort extends LocalPort {
  readonly localVlan: number;
}

/**
 * Whether a port is held to its own addresses and to the rules of its security groups. Ports of the platform itself
 * (routers, DHCP servers) speak for addresses that are not their own, so they are not, and neither are those where the
 * user turned port security off.
 */
export function isGuarded(port: PortView): boolean {
  return port.port_security_enabled && !port.device_owner.startsWith('network:');
}

/** Why a port that is not guarded is not. */
export function whyTrusted(port: PortView): string {
  return port.port_security_enabled ? 'belongs to the platform' : 'has no port security';
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
  // Every IPv6 interface has a link-local address (RFC 4291 section 2.5.6), which no subnet hands out.
  for (const mac of macsOf(port)) add(mac, hostCidr(eui64Address(linkLocalPrefix, mac)));
  return [...claims.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, claim]) => claim);
}

/** The MAC addresses of a port, its own first. */
export function macsOf(port: PortView): readonly Mac[] {
  return [...new Set([port.mac_address, ...port.allowed_address_pairs.map((pair) => pair.mac_address).toSorted()])];
}

/** A claim's prefix for people. */
export function describeClaimed(prefix: Cidr): string {
  return prefixLength(prefix) === 0 ? `any IPv${cidrFamily(prefix)} address` : prefix.replace(/\/(?:32|128)$/, '');
}
