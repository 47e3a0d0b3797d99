// Which DHCP agents serve which networks: the table, and the questions that scheduling asks of it.

import { sql } from 'kysely';
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

/**
 * Networks with DHCP that fewer than `wanted` of the `usable` agents serve, and that one of them could serve; none
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
    .where(sql<boolean>`(subnets.ip_version = 4 or subnets.ipv6_address_mode in ('dhcpv6-stateful', 'dhcpv6-stateless')
      or (subnets.ipv6_address_mode is null and subnets.ipv6_ra_mode is null))`)
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

export async function unbindFromAgent(store: Writer, networkId: string, agentId: string): Promise<void> {
  await store.db
    .deleteFrom('network_dhcp_agents')
    .where('network_id', '=', networkId)
    .where('agent_id', '=', agentId)
    .execute();
  const binding = { network_id: networkId, agent_id: agentId };
  store.log({ kind: 'dhcp_binding', id: `${networkId}/${agentId}`, before: binding, after: null });
}
