// Which DHCP agents serve which networks: the table, and the questions that scheduling asks of it.

import { sql } from 'kysely';
import { databaseKind, isOneOf } from '../store/dialect.ts';
import type { Reader, Writer } from '../store/store.ts';

/** The agents that serve the network. */
export async function servingIds({ db }: Reader, networkId: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('network_dhcp_agents')
    .select('agent_id')
    .where('network_id', '=', networkId)
    .orderBy('agent_id')
    .execute();
  return rows.map(({ agent_id }) => agent_id);
}

/** The agents that serve each of the networks; those that none serves are absent. */
export async function servingIdsOf(
  { db }: Reader,
  networkIds: readonly string[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const rows = await db
    .selectFrom('network_dhcp_agents')
    .selectAll()
    .where(isOneOf(databaseKind(db), sql.ref('network_id'), networkIds))
    .execute();
  const byNetwork = Map.groupBy(rows, ({ network_id }) => network_id);
  return new Map([...byNetwork].map(([id, bindings]) => [id, new Set(bindings.map(({ agent_id }) => agent_id))]));
}

/** The segments of routed networks on which somebody has to answer DHCP requests. */
export async function servedSegments({
  db,
}: Reader): Promise<readonly { readonly network_id: string; readonly segment_id: string }[]> {
  const rows = await db
    .selectFrom('subnets')
    .select(['network_id', 'segment_id'])
    .distinct()
    .where('enable_dhcp', '=', 1)
    .where('segment_id', 'is not', null)
    .where(needsDhcpServer)
    .orderBy('network_id')
    .orderBy('segment_id')
    .execute();
  return rows.flatMap(({ network_id, segment_id }) => (segment_id === null ? [] : [{ network_id, segment_id }]));
}

/** The networks that the agent serves. */
export async function servedNetworkIds({ db }: Reader, agentId: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('network_dhcp_agents')
    .select('network_id')
    .where('agent_id', '=', agentId)
    .orderBy('network_id')
    .execute();
  return rows.map(({ network_id }) => network_id);
}

/** How many networks each agent serves; agents that serve none are absent. */
export async function networksPerAgent({ db }: Reader): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('network_dhcp_agents')
    .select(['agent_id', (expression) => expression.fn.countAll<number>().as('networks')])
    .groupBy('agent_id')
    .execute();
  return new Map(rows.map(({ agent_id, networks }) => [agent_id, networks]));
}

/** As the function of this name says of a subnet with DHCP. */
const needsDhcpServer = sql<boolean>`(subnets.ip_version = 4
  or subnets.ipv6_address_mode in ('dhcpv6-stateful', 'dhcpv6-stateless')
  or (subnets.ipv6_address_mode is null and subnets.ipv6_ra_mode is null))`;

/**
 * Networks, but for routed ones, with DHCP that fewer than `wanted` of the `usable` agents serve, and that one of them could serve; none
 * when no agent is usable.
 */
export async function underservedNetworks(
  { db }: Reader,
  usable: readonly string[],
  wanted: number,
): Promise<readonly string[]> {
  if (usable.length === 0) return [];
  const rows = await db
    .selectFrom('subnets')
    .leftJoin('network_dhcp_agents', (join) =>
      join.onRef('network_dhcp_agents.network_id', '=', 'subnets.network_id').on('agent_id', 'in', usable),
    )
    .select('subnets.network_id')
    .where('subnets.enable_dhcp', '=', 1)
    .where('subnets.segment_id', 'is', null)
    .where(needsDhcpServer)
    .groupBy('subnets.network_id')
    .having((expression) => expression.fn.count('agent_id').distinct(), '<', Math.min(wanted, usable.length))
    .orderBy('subnets.network_id')
    .execute();
  return rows.map(({ network_id }) => network_id);
}

export async function bindToAgent(store: Writer, networkId: string, agentId: string): Promise<void> {
  const binding = { network_id: networkId, agent_id: agentId };
  await store.db.insertInto('network_dhcp_agents').values(binding).execute();
  store.log({ kind: 'dhcp_binding', id: `${networkId}/${agentId}`, before: null, after: binding });
}

/** Takes all its networks from an agent that is about to be forgotten. */
export async function unbindAgent(store: Writer, agentId: string): Promise<void> {
  const rows = await store.db
    .deleteFrom('network_dhcp_agents')
    .where('agent_id', '=', agentId)
    .returning('network_id')
    .execute();
  for (const { network_id } of rows) {
    const before = { network_id, agent_id: agentId };
    store.log({ kind: 'dhcp_binding', id: `${network_id}/${agentId}`, before, after: null });
  }
}

/** Networks with the DHCP port of an agent that serves them no more, and so has no more business on its host. */
export async function networksWithStrayPorts({ db }: Reader): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('ports')
    .select('network_id')
    .distinct()
    // As the index has it, which databases only use where they see the value.
    .where(sql<boolean>`device_owner = 'network:dhcp'`)
    .where('binding:host_id', '!=', '')
    .where(sql<boolean>`device_id like 'dhcp%-' || network_id`)
    .where((port) =>
      port.not(
        port.exists(
          port
            .selectFrom('network_dhcp_agents as serving')
            .innerJoin('agents', 'agents.id', 'serving.agent_id')
            .select('agents.id')
            .whereRef('serving.network_id', '=', 'ports.network_id')
            .whereRef('agents.host', '=', 'ports.binding:host_id'),
        ),
      ),
    )
    .orderBy('network_id')
    .execute();
  return rows.map(({ network_id }) => network_id);
}

export async function unbindFromAgent(store: Writer, networkId: string, agentId: string): Promise<void> {
  await store.db
    .deleteFrom('network_dhcp_agents')
    .where('network_id', '=', networkId)
    .where('agent_id', '=', agentId)
    .execute();
  const binding = { network_id: networkId, agent_id: agentId };
  store.log({ kind: 'dhcp_binding', id: `${networkId}/${agentId}`, before: binding, after: null });
}
