// A router must not have the same address on two sides, for it could not tell where to send what goes there.

import { BadRequest } from '@neutronium/model/errors';
import type { Cidr } from '@neutronium/net/cidr';
import { cidrOverlaps } from '@neutronium/net/cidr';
import type { Reader } from '../../store/store.ts';
import type { RouterPort } from './router-ports.ts';

export interface Side {
  readonly id: string;
  readonly cidr: Cidr;
}

/** Throws BadRequest when the router, which has `ports`, is on one of the `added` subnets or on one that overlaps it. */
export async function requireDistinct(
  store: Reader,
  ports: readonly RouterPort[],
  added: readonly Side[],
): Promise<void> {
  const addresses = ports.flatMap((each) => each.addresses);
  const twice = addresses.find(({ subnet_id }) => added.some(({ id }) => id === subnet_id));
  if (twice !== undefined) refuse(`Router already has a port on subnet ${twice.subnet_id}`);
  const present = [
    ...addresses.map(({ subnet_id, cidr }) => ({ id: subnet_id, cidr })),
    ...(await outsideSubnets(store, ports)),
  ];
  for (const { id: sub_id, cidr } of present) {
    const overlapping = added.find((side) => cidrOverlaps(side.cidr, cidr));
    if (overlapping === undefined) continue;
    const { id, cidr: added_cidr } = overlapping;
    refuse(`Cidr ${added_cidr} of subnet ${id} overlaps with cidr ${cidr} of subnet ${sub_id}`);
  }
}

/** All subnets of the networks that lead outside, whether the router has an address there or not. */
async function outsideSubnets({ db }: Reader, ports: readonly RouterPort[]): Promise<readonly Side[]> {
  const outside = ports.filter(({ role }) => role === 'gateway').map(({ network_id }) => network_id);
  if (outside.length === 0) return [];
  return db.selectFrom('subnets').select(['id', 'cidr']).where('network_id', 'in', outside).orderBy('id').execute();
}

function refuse(msg: string): never {
  throw new BadRequest({ resource: 'router', msg });
}
