import { BadRequest, HTTPBadRequest } from '@neutronium/model/errors';
import type { RouterCreate, RouterRecord, RouterUpdate } from '@neutronium/model/resources/router';

/**
 * Throws when a request wants a router that is distributed. A Neutron without the feature does not know the attribute,
 * and says that.
 */
export function refuseAbsentFeatures(request: Pick<RouterCreate | RouterUpdate, 'distributed'>): void {
  if (request.distributed === true) throw new HTTPBadRequest({ message: `Unrecognized attribute(s) 'distributed'` });
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
