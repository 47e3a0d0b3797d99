// What a router shows that its record does not hold: its way out, the zones that it is hosted in, its helpers.

import type { ExternalGateway } from '@neutronium/model/kinds/external-gateway';
import { conntrackHelper, type ConntrackHelperRecord } from '@neutronium/model/resources/conntrack-helper';
import type { router, RouterRecord } from '@neutronium/model/resources/router';
import { sql } from 'kysely';
import { databaseKind, isOneOf } from '../../store/dialect.ts';
import type { Reader } from '../../store/store.ts';
import type { Derived } from '../handlers.ts';
import { portsOfRouters, type RouterPort } from './router-ports.ts';

/** One entry for each record, in order. What no field asks for is not read, and comes out empty. */
export async function deriveRouters(
  store: Reader,
  records: readonly RouterRecord[],
  fields: ReadonlySet<string>,
): Promise<readonly Derived<typeof router>[]> {
  const idsIfWanted = (...names: readonly string[]): readonly string[] =>
    fields.size === 0 || names.some((name) => fields.has(name)) ? records.map(({ id }) => id) : [];
  const gateways = await portsOfRouters(store, idsIfWanted('external_gateway_info', 'external_gateways'), 'gateway');
  const zones = await zonesByRouter(store, idsIfWanted('availability_zones'));
  const helpers = await helpersByRouter(store, idsIfWanted('conntrack_helpers'));
  return records.map(({ id, qos_policy_id }) => {
    const ways = gateways.get(id)?.map((gateway) => showGateway(gateway, qos_policy_id)) ?? [];
    return {
      external_gateway_info: ways[0] ?? null,
      external_gateways: ways,
      availability_zones: zones.get(id) ?? [],
      conntrack_helpers: helpers.get(id)?.map(({ protocol, port, helper }) => ({ protocol, port, helper })) ?? [],
    };
  });
}

function showGateway(
  { network_id, addresses, enable_snat }: RouterPort,
  qos_policy_id: string | null,
): ExternalGateway {
  const external_fixed_ips = addresses.map(({ subnet_id, ip_address }) => ({ subnet_id, ip_address }));
  return { network_id, external_fixed_ips, enable_snat: enable_snat ?? false, qos_policy_id };
}

async function helpersByRouter(
  store: Reader,
  routerIds: readonly string[],
): Promise<ReadonlyMap<string, readonly ConntrackHelperRecord[]>> {
  if (routerIds.length === 0) return new Map();
  const all = await store.list(conntrackHelper, {
    where: [{ op: 'equals', attribute: 'router_id', values: routerIds }],
    sort: [{ attribute: 'id', direction: 'asc' }],
  });
  return Map.groupBy(all, ({ router_id }) => router_id);
}

/** The zones of the agents that host each of the routers, in alphabetical order. */
async function zonesByRouter(
  { db }: Reader,
  routerIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (routerIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('router_l3_agents')
    .innerJoin('agents', 'agents.id', 'router_l3_agents.agent_id')
    .select(['router_id', 'availability_zone'])
    .distinct()
    .where(isOneOf(databaseKind(db), sql.ref('router_id'), routerIds))
    .orderBy('availability_zone')
    .execute();
  const zones = new Map<string, string[]>();
  for (const { router_id, availability_zone } of rows) {
    if (availability_zone === null) continue;
    zones.set(router_id, [...(zones.get(router_id) ?? []), availability_zone]);
  }
  return zones;
}
