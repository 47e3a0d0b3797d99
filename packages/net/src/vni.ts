// Identifiers of tunnelled networks: VXLAN and Geneve carry 24 bits (RFC 7348 section 5, RFC 8926 section 3.4), a GRE
// key 32 (RFC 2890 section 2.1). Zero is legal on the wire, but the Networking API counts from one.

import { branded, type Branded } from './brand.ts';
import { accept, refuse, trusted, type Parsed } from './parsed.ts';

export type Vni = Branded<number, 'Vni'>;

/** What can carry an id of a tunnelled network. */
export type TunnelType = 'gre' | 'vxlan' | 'geneve';

export const firstTunnelId = 1;
export const lastTunnelId: Readonly<Record<TunnelType, number>> = {
  gre: 2 ** 32 - 1,
  vxlan: 2 ** 24 - 1,
  geneve: 2 ** 24 - 1,
};

export function parseVni(value: number, type: TunnelType): Parsed<Vni> {
  if (!Number.isInteger(value) || value < firstTunnelId || value > lastTunnelId[type]) {
    return refuse(`${value} is not a ${type} id (${firstTunnelId}-${lastTunnelId[type]})`);
  }
  return accept(branded<Vni>(value));
}

/** The tunnel id that a literal names; throws outside the range of `type`. */
export function vni(literal: number, type: TunnelType): Vni {
  return trusted(parseVni(literal, type));
}
