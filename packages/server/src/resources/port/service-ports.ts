// Ports that routers and floating IPs have made for themselves or depend on: whoever may change ports must not take from
// them what they need.

import { isDeepStrictEqual } from 'node:util';
import { blockersOf } from '@neutronium/model/api-error';
import { BadRequest, ServicePortInUse } from '@neutronium/model/errors';
import { FipAssociated } from '@neutronium/model/routing-errors';
import type { PortRecord } from '@neutronium/model/resources/port';
import type { Reader } from '../../store/store.ts';
import { isAgentGateway } from '../floatingip/agent-gateways.ts';
import { routerOfPort } from '../router/router-ports.ts';

/** Throws ServicePortInUse for a port that a router or a floating IP has. */
export async function requireNoService(store: Reader, { id, device_owner }: PortRecord): Promise<void> {
  const ofRouter = await routerOfPort(store, id);
  const floatingIp = await floatingIpOfPort(store, id);
  const blockers = [
    ...blockersOf('router', ofRouter === undefined ? [] : [ofRouter.router_id]),
    ...blockersOf('floatingip', floatingIp === undefined ? [] : [floatingIp]),
  ];
  if (blockers.length === 0 && !(await isAgentGateway(store, id))) return;
  throw new ServicePortInUse({ port_id: id, reason: `has device owner ${device_owner}`, blockers });
}

/** Throws BadRequest when an interface of a router, or the port of a floating IP, has other addresses than before. */
export async function requireSameAddresses(store: Reader, before: PortRecord, after: PortRecord): Promise<void> {
  if (isDeepStrictEqual(addressesOf(before), addressesOf(after))) return;
  const role = (await routerOfPort(store, after.id))?.role;
  const isInside = role === 'interface' || role === 'snat';
  if (!isInside && (await floatingIpOfPort(store, after.id)) === undefined) return;
  throw new BadRequest({ resource: 'ports', msg: `IP updates for port ${after.id} are not allowed` });
}

/** Throws FipAssociated when the port has lost an address that a floating IP stands for. */
export async function requireFloatingIpsKept({ db }: Reader, { id, fixed_ips }: PortRecord): Promise<void> {
  const floating = await db
    .selectFrom('floatingips')
    .select(['id', 'fixed_ip_address'])
    .where('port_id', '=', id)
    .execute();
  const kept = new Set<string | null>(fixed_ips.map(({ ip_address }) => ip_address));
  const losing = floating.filter(({ fixed_ip_address }) => !kept.has(fixed_ip_address));
  const blockers = blockersOf(
    'floatingip',
    losing.map((each) => each.id),
  );
  if (losing.length > 0) throw new FipAssociated({ port_id: id, blockers });
}

async function floatingIpOfPort({ db }: Reader, portId: string): Promise<string | undefined> {
  const user = await db
    .selectFrom('floatingips')
    .select('id')
    .where('floating_port_id', '=', portId)
    .executeTakeFirst();
  return user?.id;
}

function addressesOf({ fixed_ips }: PortRecord): readonly string[] {
  return fixed_ips.map(({ ip_address }) => ip_address).toSorted();
}
