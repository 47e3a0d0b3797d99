// The pairs between routers and the namespaces of external networks: two link-local addresses (RFC 3927) and two MAC
// addresses for each. They follow from what they join, so that a restarted agent has them again without remembering;
// only where two would be the same, the second takes the next.

import { ipFromBigInt, type IpAddress } from '@neutronium/net/ip';
import { macFromBigInt, type Mac } from '@neutronium/net/mac';
import { hashOf } from '../netfilter/hash.ts';

/** 169.254.64.0/18, which Neutron's agent takes them from too. */
const first = 0xa9fe4000n;
const pairs = 8192;

export interface JointEnd {
  readonly address: IpAddress;
  readonly mac: Mac;
}

export interface LinkLocalPair {
  /** The router's end. */
  readonly near: JointEnd;
  readonly far: JointEnd;
}

/** A pair of each of the names, all different. */
export function linkLocalPairs(names: readonly string[]): ReadonlyMap<string, LinkLocalPair> {
  const taken = new Set<number>();
  const assigned = new Map<string, LinkLocalPair>();
  for (const name of names.toSorted()) {
    let number = Number.parseInt(hashOf(name).slice(0, 8), 16) % pairs;
    while (taken.has(number)) number = (number + 1) % pairs;
    taken.add(number);
    const end = (side: 0 | 1): JointEnd => ({
      address: ipFromBigInt(first + BigInt(number * 2 + side), 4),
      mac: localMac(`${name} ${side}`),
    });
    assigned.set(name, { near: end(0), far: end(1) });
  }
  return assigned;
}

/** A MAC address of nobody's range: locally administered, to one station (IEEE 802 section 8.4.4). */
function localMac(name: string): Mac {
  return macFromBigInt((0x0en << 40n) | BigInt(`0x${hashOf(name).slice(0, 10)}`));
}
