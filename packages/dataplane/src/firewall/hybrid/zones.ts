// Zones of connection tracking on a host where iptables filters: a number for each port, so that connections of
// different networks are told apart although their addresses are the same.

import { keepNumbers } from '../../plan/keep-numbers.ts';

/** Neutron's range; lower zones are others', such as those that Open vSwitch has for local VLANs. */
export const zoneRange = { first: 4097, last: 65_535 } as const;

/** A zone for each port: the remembered one, else the lowest that no port has. */
export function allocateZones(
  ports: Iterable<string>,
  remembered: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  return keepNumbers(ports, remembered, zoneRange);
}
