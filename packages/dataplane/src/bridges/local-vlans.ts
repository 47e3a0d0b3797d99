// Local VLANs: the number, of this host only, that keeps a network's frames apart from all others on br-int.

import { firstVlanId, lastVlanId } from '@neutronium/net/vlan';

/**
 * A local VLAN for each network: the remembered one, else the lowest that neither another network has nor the switch
 * still remembers. Numbers of networks that are gone stay unused while a port may carry them, so that no port of a
 * new network ever shares a VLAN with a port of an old one. Networks beyond the 4,094th get none.
 */
export function allocateLocalVlans(
  networks: Iterable<string>,
  remembered: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const ids = [...new Set(networks)].toSorted();
  const owners = ownersOf(remembered);
  const result = new Map<string, number>();
  for (const id of ids) {
    const vlan = remembered.get(id);
    if (vlan !== undefined && owners.get(vlan) === id) result.set(id, vlan);
  }
  let next = firstVlanId;
  for (const id of ids) {
    if (result.has(id)) continue;
    while (owners.has(next)) next += 1;
    if (next > lastVlanId) break;
    result.set(id, next);
    next += 1;
  }
  return result;
}

/** Who keeps each VLAN: where two networks remember one, the first of them by id. */
function ownersOf(remembered: ReadonlyMap<string, number>): ReadonlyMap<number, string> {
  const owners = new Map<number, string>();
  for (const [id, vlan] of remembered) {
    const other = owners.get(vlan);
    const usable = vlan >= firstVlanId && vlan <= lastVlanId;
    if (usable && (other === undefined || id < other)) owners.set(vlan, id);
  }
  return owners;
}
