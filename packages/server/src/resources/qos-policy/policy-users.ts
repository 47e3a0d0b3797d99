// What has a QoS policy.

import type { Reader } from '../../store/store.ts';

/** What keeps policies: in the words of Neutron's refusal, by the name of its resource, and by its table. */
const users = [
  { type: 'port', resource: 'port', table: 'ports' },
  { type: 'network', resource: 'network', table: 'networks' },
  { type: 'fip', resource: 'floatingip', table: 'floatingips' },
  { type: 'router', resource: 'router', table: 'routers' },
] as const;

export interface PolicyUser {
  readonly object_type: string;
  readonly object_id: string;
  readonly resource: string;
}

/** The objects that have the policy. */
export async function usersOf({ db }: Reader, policyId: string): Promise<readonly PolicyUser[]> {
  const found: PolicyUser[] = [];
  for (const { type, resource, table } of users) {
    const rows = await db.selectFrom(table).select('id').where('qos_policy_id', '=', policyId).execute();
    found.push(...rows.map(({ id }) => ({ object_type: type, object_id: id, resource })));
  }
  return found;
}

/** The same, with the projects that they belong to. */
export async function usesOfPolicy(
  { db }: Reader,
  policyId: string,
): Promise<readonly { readonly resource: string; readonly id: string; readonly project_id: string }[]> {
  const found = [];
  for (const { resource, table } of users) {
    const rows = await db
      .selectFrom(table)
      .select(['id', 'project_id'])
      .where('qos_policy_id', '=', policyId)
      .execute();
    found.push(...rows.map((row) => ({ resource, ...row })));
  }
  return found;
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
