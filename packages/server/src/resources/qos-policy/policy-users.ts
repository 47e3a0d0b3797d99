// What has a QoS policy.

import type { Reader } from '../../store/store.ts';

/** What keeps policies, in the words of the API, and its table. */
const users = [
  { type: 'port', table: 'ports' },
  { type: 'network', table: 'networks' },
  { type: 'fip', table: 'floatingips' },
  { type: 'router', table: 'routers' },
] as const;

/** One of the objects that have the policy; undefined when nothing has it. */
export async function someUser(
  { db }: Reader,
  policyId: string,
): Promise<{ readonly object_type: string; readonly object_id: string } | undefined> {
  for (const { type, table } of users) {
    const user = await db
      .selectFrom(table)
      .select('id')
      .where('qos_policy_id', '=', policyId)
      .limit(1)
      .executeTakeFirst();
    if (user !== undefined) return { object_type: type, object_id: user.id };
  }
  return undefined;
}

/** The projects of what has the policy. */
export async function projectsOfUsers(
  { db }: Reader,
  policyId: string,
): Promise<readonly { readonly project_id: string }[]> {
  const of = (table: (typeof users)[number]['table']) =>
    db.selectFrom(table).select('project_id').where('qos_policy_id', '=', policyId);
  return of('ports').union(of('networks')).union(of('floatingips')).union(of('routers')).execute();
}

/** What decides whether the rules of a policy can be enforced on a port. */
export interface GovernedPort {
  readonly id: string;
  readonly network_id: string;
  readonly device_owner: string;
  readonly 'binding:vnic_type': string;
  readonly 'binding:vif_type': string;
}

/** The ports that have the policy, or have none and are on a network that has it. */
export async function portsOfPolicy({ db }: Reader, policyId: string): Promise<readonly GovernedPort[]> {
  const columns = ['ports.id', 'network_id', 'device_owner', 'binding:vnic_type', 'binding:vif_type'] as const;
  const own = db.selectFrom('ports').select(columns).where('ports.qos_policy_id', '=', policyId);
  const inherited = db
    .selectFrom('ports')
    .innerJoin('networks', 'networks.id', 'ports.network_id')
    .select(columns)
    .where('ports.qos_policy_id', 'is', null)
    .where('networks.qos_policy_id', '=', policyId);
  return own.unionAll(inherited).execute();
}
