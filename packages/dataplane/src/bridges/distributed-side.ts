// An interface of a distributed router on this host. Each of its hosts has it with the same addresses, so that none of
// them may be seen beyond the host: to others it sends from the host's own address, and nobody else reaches it.

import type { IpAddress } from '@neutronium/net/ip';
import type { Mac } from '@neutronium/net/mac';

export interface DistributedSide {
  /** The port's id. */
  readonly id: string;
  readonly networkId: string;
  readonly localVlan: number;
  readonly mac: Mac;
  /** What it has on the network, its link-local address of IPv6 among it. */
  readonly addresses: readonly IpAddress[];
}

/** The addresses that hosts send from have their first three octets in common (DistributedRoutingView). */
const sharedOctets = 0xff_ff_ff_00_00_00n;

/** A test of a MAC address for being that of some host. */
export function ofAnyHost(own: bigint): { readonly value: bigint; readonly mask: bigint } {
  return { value: own & sharedOctets, mask: sharedOctets };
}
