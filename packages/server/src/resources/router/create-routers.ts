import { randomUUID } from 'node:crypto';
import { router, type RouterCreate, type RouterRecord } from '@neutronium/model/resources/router';
import { invariant } from '@neutronium/net/invariant';
import type { Writer } from '../../store/store.ts';
import type { Call } from '../handlers.ts';
import { requireRouterFlavor } from '../flavor/router-flavor.ts';
import { requireZones } from '../network/availability-zones.ts';
import { requireVisiblePolicies } from '../qos-policy/visible-policies.ts';
import { changeGateway } from './gateway.ts';
import { requireWayForNdpProxy } from './ndp-proxying.ts';
import type { RouterParts } from './router-parts.ts';

/** Creates the routers with the ways out that they ask for. */
export async function createRouters(
  parts: RouterParts,
  call: Call<Writer>,
  requests: readonly RouterCreate[],
): Promise<readonly RouterRecord[]> {
  const created: RouterRecord[] = [];
  for (const request of requests) created.push(await createRouter(parts, call, request));
  return created;
}

async function createRouter(parts: RouterParts, call: Call<Writer>, request: RouterCreate): Promise<RouterRecord> {
  const { external_gateway_info: gateway, ...attributes } = request;
  const { router_distributed, l3_ha } = parts.ports.config.routers;
  const distributed = request.distributed ?? router_distributed;
  const ha = request.ha ?? l3_ha;
  if (request.flavor_id !== undefined) await requireRouterFlavor(call.store, request.flavor_id, request);
  if (gateway !== null) await requireVisiblePolicies(call, [gateway]);
  await requireZones(call.store, 'L3 agent', request.availability_zone_hints);
  const [record] = await call.store.insert(router, [
    {
      ...attributes,
      id: randomUUID(),
      status: 'ACTIVE',
      routes: [],
      distributed,
      ha,
      enable_ndp_proxy: request.enable_ndp_proxy ?? false,
      flavor_id: request.flavor_id ?? null,
      qos_policy_id: gateway?.qos_policy_id ?? null,
      enable_default_route_ecmp:
        request.enable_default_route_ecmp ?? parts.ports.config.routers.enable_default_route_ecmp,
      tags: [],
    },
  ]);
  invariant(record !== undefined, 'one router was inserted');
  if (gateway !== null) await changeGateway(parts, call, record, gateway);
  else if (record.ha) await parts.l3.syncRouter(call, record.id);
  if (record.enable_ndp_proxy) await requireWayForNdpProxy(call.store, record.id, gateway);
  return record;
}
