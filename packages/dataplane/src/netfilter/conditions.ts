// Conditions of rules, as words (iptables-extensions(8)).

import { cidrFamily, isCidr, prefixLength, type Cidr } from '@neutronium/net/cidr';
import { family, type IpAddress } from '@neutronium/net/ip';
import type { Mac } from '@neutronium/net/mac';
import type { Words } from './rule.ts';

/** The addresses of a prefix, or one address; a prefix of length 0 is no condition. */
export function source(addresses: IpAddress | Cidr): Words {
  return addressWords('-s', addresses);
}

export function destination(addresses: IpAddress | Cidr): Words {
  return addressWords('-d', addresses);
}

/** Came in by this port of a Linux bridge. */
export function bridgedIn(device: string): Words {
  return ['-m', 'physdev', '--physdev-in', device];
}

/** Leaves by this port of a Linux bridge, and came in by another port of it. */
export function bridgedOut(device: string): Words {
  return ['-m', 'physdev', '--physdev-out', device, '--physdev-is-bridged'];
}

export function sourceMac(mac: Mac): Words {
  return ['-m', 'mac', '--mac-source', mac];
}

export type CtState = 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED';

/** What connection tracking says of the packet is one of these. */
export function ctState(...states: readonly CtState[]): Words {
  return ['-m', 'conntrack', '--ctstate', states.join(',')];
}

/** The mark of the packet's connection is this. */
export function connectionMark(mark: number): Words {
  return ['-m', 'connmark', '--mark', `0x${mark.toString(16)}`];
}

/** The packet's source, or its destination, is in the set. */
export function inSet(set: string, side: 'source' | 'destination'): Words {
  return ['-m', 'set', '--match-set', set, side === 'source' ? 'src' : 'dst'];
}

/** UDP (RFC 768) from one port to another. */
export function udp(ports: { readonly from: number; readonly to: number }): Words {
  return ['-p', 'udp', '-m', 'udp', '--sport', String(ports.from), '--dport', String(ports.to)];
}

/** ICMP for IPv4 (RFC 792); without a code, every code of the type. */
export function icmp(type: number, code: number | null = null): Words {
  return ['-p', 'icmp', '-m', 'icmp', '--icmp-type', typeAndCode(type, code)];
}

/** ICMP for IPv6 (RFC 4443); without a code, every code of the type. */
export function icmp6(type: number, code: number | null = null): Words {
  return ['-p', 'ipv6-icmp', '-m', 'icmp6', '--icmpv6-type', typeAndCode(type, code)];
}

function addressWords(option: '-s' | '-d', addresses: IpAddress | Cidr): Words {
  if (!isCidr(addresses)) return [option, `${addresses}/${family(addresses) === 4 ? 32 : 128}`];
  return prefixLength(addresses) === 0 ? [] : [option, addresses];
}

/** Whether an address belongs into rules of that family. */
export function isOfFamily(addresses: IpAddress | Cidr, wanted: 4 | 6): boolean {
  return (isCidr(addresses) ? cidrFamily(addresses) : family(addresses)) === wanted;
}

function typeAndCode(type: number, code: number | null): string {
  return code === null ? String(type) : `${type}/${code}`;
}
