import { blockersOf } from '@neutronium/model/api-error';
import { RouterInUse } from '@neutronium/model/routing-errors';
import { conntrackHelper } from '@neutronium/model/resources/conntrack-helper';
import { router, type RouterRecord } from '@neutronium/model/resources/router';
import type { Writer } from '../../store/store.ts';
import type { Call } from '../handlers.ts';
import { requireNoFloatingIps } from './gateway.ts';
import { requireNoNdpProxies } from './ndp-proxying.ts';
import type { RouterParts } from './router-parts.ts';
import { portsOfRouter, removeRouterPort } from './router-ports.ts';

/** Removes a router with its way out. Throws RouterInUse while it has interfaces. */
export async function removeRouter({ l3 }: RouterParts, call: Call<Writer>, current: RouterRecord): Promise<void> {
  const { store } = call;
  const { id } = current;
  const ports = await portsOfRouter(store, id);
  const interfaces = ports.filter(({ role }) => role === 'interface').map(({ port_id }) => port_id);
  if (interfaces.length > 0) {
    const reason = `has ports still attached: ${interfaces.join(', ')}`;
    throw new RouterInUse({ router_id: id, reason, blockers: blockersOf('port', interfaces) });
  }
  for (const gateway of ports.filter(({ role }) => role === 'gateway')) {
    await requireNoFloatingIps(store, id, gateway);
    await requireNoNdpProxies(store, id);
    await removeRouterPort(store, gateway);
  }
  await l3.dismiss(call, current);
  const helpers = await store.list(conntrackHelper, {
    where: [{ op: 'equals', attribute: 'router_id', values: [id] }],
  });
  for (const { id: helperId } of helpers) await store.remove(conntrackHelper, helperId);
  await store.remove(router, id);
}
