import { DistributedHaRouterNotOffered } from '@neutronium/model/distributed-routing-errors';
import { BadRequest } from '@neutronium/model/errors';
import type { RouterRecord, RouterUpdate } from '@neutronium/model/resources/router';

/**
 * Throws DistributedHaRouterNotOffered where a router would be both distributed and highly available: its centre has one
 * host.
 */
export function requireOffered({ distributed, ha }: Pick<RouterRecord, 'distributed' | 'ha'>): void {
  if (distributed && ha) throw new DistributedHaRouterNotOffered();
}

/** Whether the router is to become highly available, or to be so no more. Throws BadRequest while it forwards. */
export function isToChangeHa(
  current: Pick<RouterRecord, 'ha' | 'admin_state_up'>,
  { ha, admin_state_up = current.admin_state_up }: Pick<RouterUpdate, 'ha' | 'admin_state_up'>,
): boolean {
  if (typeof ha !== 'boolean' || ha === current.ha) return false;
  if (!admin_state_up) return true;
  throw new BadRequest({
    resource: 'router',
    msg: 'Cannot change HA attribute of active routers. Please set router admin_state_up to False prior to upgrade',
  });
}
