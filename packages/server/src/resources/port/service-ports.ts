// Ports that routers and floating IPs have made for themselves: whoever may change ports must not take them away.

import { isDeepStrictEqual } from 'node:util';
import { BadRequest, ServicePortInUse } from '@neutronium/model/errors';
import type { RequestedIp } from '@neutronium/model/kinds/fixed-ips';
import type { PortRecord } from '@neutronium/model/resources/port';
import type { Reader } from '../../store/store.ts';
import { routerOfPort } from '../router/router-ports.ts';

/** Throws ServicePortInUse for a port that a router or a floating IP has. */
export async function requireNoService(store: Reader, { id, device_owner }: PortRecord): Promise<void> {
  const used = (await routerOfPort(store, id)) !== undefined || (await isOfFloatingIp(store, id));
  if (used) throw new ServicePortInUse({ port_id: id, reason: `has device owner ${device_owner}` });
}

/** Throws BadRequest when a request gives an interface of a router other addresses than it has. */
export async function requireFreeAddresses(
  store: Reader,
  { id, fixed_ips }: PortRecord,
  requested: readonly RequestedIp[],
): Promise<void> {
  if (isDeepStrictEqual(fixed_ips, requested) || (await routerOfPort(store, id))?.role !== 'interface') return;
  throw new BadRequest({ resource: 'ports', msg: `IP updates for port ${id} are not allowed` });
}

async function isOfFloatingIp({ db }: Reader, portId: string): Promise<boolean> {
  const user = await db
    .selectFrom('floatingips')
    .select('id')
    .where('floating_port_id', '=', portId)
    .executeTakeFirst();
  return user !== undefined;
}
