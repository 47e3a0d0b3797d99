// Which L3 agents host which routers: the table, and the questions that scheduling asks of it.

import { sql } from 'kysely';
import { databaseKind, isOneOf } from '../store/dialect.ts';
import type { Reader, Writer } from '../store/store.ts';

/** The agents that host the router. */
export async function hostingIds({ db }: Reader, routerId: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('router_l3_agents')
    .select('agent_id')
    .where('router_id', '=', routerId)
    .orderBy('agent_id')
    .execute();
  return rows.map(({ agent_id }) => agent_id);
}

/** The agents that host each of the routers; one statement. Routers that none hosts are absent. */
export async function hostingIdsOf(
  { db }: Reader,
  routerIds: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (routerIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('router_l3_agents')
    .select(['router_id', 'agent_id'])
    .where(isOneOf(databaseKind(db), sql.ref('router_id'), routerIds))
    .orderBy('agent_id')
    .execute();
  const byRouter = Map.groupBy(rows, ({ router_id }) => router_id);
  return new Map([...byRouter].map(([id, of]) => [id, of.map(({ agent_id }) => agent_id)]));
}

/** The routers that the agent hosts. */
export async function hostedRouterIds({ db }: Reader, agentId: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('router_l3_agents')
    .select('router_id')
    .where('agent_id', '=', agentId)
    .orderBy('router_id')
    .execute();
  return rows.map(({ router_id }) => router_id);
}

/** How many routers each agent hosts; agents that host none are absent. */
export async function routersPerAgent({ db }: Reader): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('router_l3_agents')
    .select(['agent_id', (expression) => expression.fn.countAll<number>().as('routers')])
    .groupBy('agent_id')
    .execute();
  return new Map(rows.map(({ agent_id, routers }) => [agent_id, routers]));
}

/**
 * Routers that are to be hosted and that none of the agents in `hosting` hosts: those with ports, and distributed ones
 * that lead outside.
 */
export async function routersWithout(
  { db }: Reader,
  { distributed }: { readonly distributed: boolean },
  hosting: readonly string[] | 'any',
): Promise<readonly string[]> {
  const hosted = db.selectFrom('router_l3_agents').select('router_id');
  let query = db
    .selectFrom('router_ports')
    .innerJoin('routers', 'routers.id', 'router_ports.router_id')
    .select('router_id')
    .distinct()
    .where('routers.distributed', '=', distributed ? 1 : 0)
    .where('router_id', 'not in', hosting === 'any' ? hosted : hosted.where('agent_id', 'in', hosting))
    .orderBy('router_id');
  if (distributed) query = query.where('router_ports.role', '=', 'gateway');
  const rows = await query.execute();
  return rows.map(({ router_id }) => router_id);
}

export async function bindRouter(store: Writer, routerId: string, agentId: string): Promise<void> {
  const binding = { router_id: routerId, agent_id: agentId };
  await store.db.insertInto('router_l3_agents').values(binding).execute();
  store.log({ kind: 'l3_binding', id: `${routerId}/${agentId}`, before: null, after: binding });
}

export async function unbindRouter(store: Writer, routerId: string, agentId: string): Promise<void> {
  await store.db
    .deleteFrom('router_l3_agents')
    .where('router_id', '=', routerId)
    .where('agent_id', '=', agentId)
    .execute();
  const binding = { router_id: routerId, agent_id: agentId };
  store.log({ kind: 'l3_binding', id: `${routerId}/${agentId}`, before: binding, after: null });
}

/** Whether the host has confirmed the flows of the port. */
export async function isWiredOn({ db }: Reader, portId: string, host: string): Promise<boolean> {
  const mark = await db
    .selectFrom('port_provisioning')
    .select('port_id')
    .where('port_id', '=', portId)
    .where('part', '=', 'l2')
    .where('host', '=', host)
    .executeTakeFirst();
  return mark !== undefined;
}
