// Local VLANs: the number, of this host only, that keeps a network's frames apart from all others on br-int.

import { firstVlanId, lastVlanId } from '@neutronium/net/vlan';
import { keepNumbers } from '../plan/keep-numbers.ts';

/**
 * A local VLAN for each network: the remembered one, else the lowest that neither another network has nor the switch
 * still remembers. Numbers of networks that are gone stay unused while a port may carry them, so that no port of a
 * new network ever shares a VLAN with a port of an old one. Networks beyond the 4,094th get none.
 */
export function allocateLocalVlans(
  networks: Iterable<string>,
  remembered: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  return keepNumbers(networks, remembered, { first: firstVlanId, last: lastVlanId });
}
