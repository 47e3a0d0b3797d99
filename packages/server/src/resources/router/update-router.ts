import { router, type RouterRecord, type RouterUpdate } from '@neutronium/model/resources/router';
import type { NewRecord, Writer } from '../../store/store.ts';
import type { Call } from '../handlers.ts';
import { checkNextHops, checkRouteCount } from './extra-routes.ts';
import { refuseAbsentFeatures } from './features.ts';
import { changeGateway } from './gateway.ts';
import type { RouterParts } from './router-parts.ts';
import { portsOfRouter } from './router-ports.ts';

/** The router as it is after `changes`. */
export async function updateRouter(
  parts: RouterParts,
  call: Call<Writer>,
  current: RouterRecord,
  changes: RouterUpdate,
): Promise<RouterRecord> {
  const { store } = call;
  const { external_gateway_info: gateway, distributed: _distributed, ha: _ha, enable_ndp_proxy, ...plain } = changes;
  refuseAbsentFeatures(changes);
  if (plain.routes !== undefined) await checkRoutes(parts, call, current.id, plain.routes);
  const routed = { ...current, ...plain };
  const attributes: Partial<NewRecord<typeof router>> = {
    ...plain,
    ...(typeof enable_ndp_proxy === 'boolean' ? { enable_ndp_proxy } : {}),
  };
  if (gateway === undefined) return store.update(router, current.id, attributes);
  await changeGateway(parts, call, routed, gateway);
  const enable_snat = gateway?.enable_snat ?? parts.ports.config.routers.enable_snat_by_default;
  const updated = await store.update(router, current.id, { ...attributes, enable_snat });
  if (updated.revision_number > current.revision_number) return updated;
  // The way out is a port, whose change is the router's too.
  await store.touch(router, current.id);
  return (await store.get(router, current.id)) ?? updated;
}

async function checkRoutes(
  parts: RouterParts,
  { store }: Call<Writer>,
  routerId: string,
  routes: RouterRecord['routes'],
): Promise<void> {
  checkRouteCount(routerId, routes, parts.ports.config.routers.max_routes);
  const addresses = (await portsOfRouter(store, routerId)).flatMap((each) => each.addresses);
  checkNextHops(routes, {
    cidrs: addresses.map(({ cidr }) => cidr),
    addresses: addresses.map(({ ip_address }) => ip_address),
  });
}
