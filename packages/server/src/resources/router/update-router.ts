import { RouterGatewayNotValid } from '@neutronium/model/routing-errors';
import type { RequestedGateway } from '@neutronium/model/kinds/external-gateway';
import { router, type RouterRecord, type RouterUpdate } from '@neutronium/model/resources/router';
import type { NewRecord, Writer } from '../../store/store.ts';
import type { Call } from '../handlers.ts';
import { requireKindOfFlavor } from '../flavor/router-flavor.ts';
import { convertInterfaces, settleCentre } from './distribution.ts';
import { requireVisiblePolicies } from '../qos-policy/visible-policies.ts';
import { checkNextHops, checkRouteCount } from './extra-routes.ts';
import { requireDown } from './features.ts';
import { changeGateway } from './gateway.ts';
import { requireWayKept } from './ndp-proxying.ts';
import type { RouterParts } from './router-parts.ts';
import { portsOfRouter } from './router-ports.ts';

/** The router as it is after `changes`. */
export async function updateRouter(
  parts: RouterParts,
  call: Call<Writer>,
  current: RouterRecord,
  changes: RouterUpdate,
): Promise<RouterRecord> {
  const distributed = changes.distributed ?? current.distributed;
  const ha = changes.ha ?? current.ha;
  if (changes.routes !== undefined) await checkRoutes(parts, call, current.id, changes.routes);
  requireDown(current, changes);
  await requireKindOfFlavor(call.store, current, changes);
  const changesHa = ha !== current.ha;
  if (changesHa) await parts.l3.dismiss(call, current);
  const updated = await updateAttributes(parts, call, { ...current, distributed, ha }, changes);
  if (!changesHa && distributed === current.distributed) return updated;
  await convertInterfaces(parts, call, updated);
  await settleCentre(parts, call, updated);
  await parts.l3.syncRouter(call, current.id);
  return updated;
}

async function updateAttributes(
  parts: RouterParts,
  call: Call<Writer>,
  current: RouterRecord,
  changes: RouterUpdate,
): Promise<RouterRecord> {
  const { store } = call;
  const { external_gateway_info: gateway, distributed: _distributed, ha: _ha, ...others } = changes;
  const { enable_ndp_proxy, enable_default_route_ecmp, ...plain } = others;
  const attributes: Partial<NewRecord<typeof router>> = {
    ...plain,
    distributed: current.distributed,
    ha: current.ha,
    ...(typeof enable_ndp_proxy === 'boolean' ? { enable_ndp_proxy } : {}),
    ...(typeof enable_default_route_ecmp === 'boolean' ? { enable_default_route_ecmp } : {}),
  };
  if (gateway === undefined) {
    if (enable_ndp_proxy === true) await requireWayKept(store, current.id, { asked: true });
    return store.update(router, current.id, attributes);
  }
  if (gateway !== null) await requireVisiblePolicies(call, [gateway]);
  const kept = await changeGateway(parts, call, { ...current, ...plain }, gateway);
  const proxies = await isToProxy(call, current, { gateway, kept, asked: enable_ndp_proxy });
  // The policy is that of whatever ways out there are; without one there is nothing to limit.
  const qos_policy_id = gateway?.qos_policy_id === undefined ? current.qos_policy_id : gateway.qos_policy_id;
  const updated = await store.update(router, current.id, {
    ...attributes,
    enable_ndp_proxy: proxies,
    qos_policy_id: gateway === null ? null : qos_policy_id,
  });
  if (updated.revision_number > current.revision_number) return updated;
  // The way out is a port, whose change is the router's too.
  await store.touch(router, current.id);
  return (await store.get(router, current.id)) ?? updated;
}

/** Whether the router answers for others after its way out has changed. It does not go on by another way unasked. */
async function isToProxy(
  { store }: Call<Writer>,
  { id, enable_ndp_proxy: before }: RouterRecord,
  {
    gateway,
    kept,
    asked,
  }: {
    readonly gateway: RequestedGateway | null;
    /** Whether it leads out by the same port. */
    readonly kept: boolean;
    readonly asked: boolean | null | undefined;
  },
): Promise<boolean> {
  if (gateway === null) {
    if (asked !== true) return false;
    throw new RouterGatewayNotValid({ router_id: id, reason: "The router's external gateway will be unset" });
  }
  const proxies = asked ?? (kept && before);
  const readdressed = (gateway.external_fixed_ips ?? []).length > 0;
  if (proxies && (asked === true || readdressed)) await requireWayKept(store, id, { asked: asked === true });
  return proxies;
}

async function checkRoutes(
  parts: RouterParts,
  { store }: Call<Writer>,
  routerId: string,
  routes: RouterRecord['routes'],
): Promise<void> {
  checkRouteCount(routerId, routes, parts.ports.config.routers.max_routes);
  const ports = (await portsOfRouter(store, routerId)).filter(({ role }) => role !== 'ha');
  const addresses = ports.flatMap((each) => each.addresses);
  checkNextHops(routes, {
    cidrs: addresses.map(({ cidr }) => cidr),
    addresses: addresses.map(({ ip_address }) => ip_address),
  });
}
