import { AvailabilityZoneNotFound } from '@neutronium/model/errors';
import { agent } from '@neutronium/model/resources/agent';
import { isOneOf } from '../../store/dialect.ts';
import { databaseKind } from '../../store/dialect.ts';
import { sql } from 'kysely';
import type { Reader } from '../../store/store.ts';

/** Throws AvailabilityZoneNotFound unless each of `zones` has an agent of that type. */
export async function requireZones(
  store: Reader,
  agentType: 'DHCP agent' | 'L3 agent',
  zones: readonly string[],
): Promise<void> {
  if (zones.length === 0) return;
  const agents = await store.list(agent, {
    where: [
      { op: 'equals', attribute: 'agent_type', values: [agentType] },
      { op: 'equals', attribute: 'availability_zone', values: zones },
    ],
  });
  const known = new Set(agents.map((each) => each.availability_zone));
  const unknown = zones.find((zone) => !known.has(zone));
  if (unknown !== undefined) throw new AvailabilityZoneNotFound({ availability_zone: unknown });
}

/** The zones of the agents that serve each of the networks, in alphabetical order. */
export async function zonesByNetwork(
  { db }: Reader,
  networkIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await db
    .selectFrom('network_dhcp_agents')
    .innerJoin('agents', 'agents.id', 'network_dhcp_agents.agent_id')
    .select(['network_id', 'availability_zone'])
    .distinct()
    .where(isOneOf(databaseKind(db), sql.ref('network_id'), networkIds))
    .orderBy('availability_zone')
    .execute();
  const zones = new Map<string, string[]>();
  for (const { network_id, availability_zone } of rows) {
    if (availability_zone === null) continue;
    zones.set(network_id, [...(zones.get(network_id) ?? []), availability_zone]);
  }
  return zones;
}
