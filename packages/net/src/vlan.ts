// VLAN identifiers of IEEE 802.1Q: 0 means "priority tag only" and 4095 is reserved, so 1-4094 can name a VLAN.

import { branded, type Branded } from './brand.ts';
import { accept, refuse, trusted, type Parsed } from './parsed.ts';

export type VlanId = Branded<number, 'VlanId'>;

export const firstVlanId = 1;
export const lastVlanId = 4094;

export function parseVlanId(value: number): Parsed<VlanId> {
  if (!Number.isInteger(value) || value < firstVlanId || value > lastVlanId) {
    return refuse(`${value} is not a VLAN id (${firstVlanId}-${lastVlanId})`);
  }
  return accept(branded<VlanId>(value));
}

/** The VLAN id that a literal names; throws outside 1-4094. */
export function vlanId(literal: number): VlanId {
  return trusted(parseVlanId(literal));
}
