// Who depends on an object's being shared: what uses it, and whose that is. A line for each way of sharing; what is not
// in the table nobody can come to depend on.

import type { Blocker } from '@neutronium/model/api-error';
import type { RbacAction, RbacObjectType } from '@neutronium/model/rbac-objects';
import type { Reader } from '../../store/store.ts';
import { usesOfPolicy } from '../qos-policy/policy-users.ts';

/** Something that uses an object, and the project that it belongs to. */
export interface Use extends Blocker {
  readonly project_id: string;
}

type Owned = Omit<Use, 'resource'>;
type Uses = (store: Reader, objectId: string) => Promise<readonly Use[]>;

/** By type and action. Ports without a project (gateways, floating IPs) are the network service's own. */
const uses: Readonly<Record<RbacObjectType, Partial<Readonly<Record<RbacAction, Uses>>>>> = {
  network: {
    access_as_shared: async ({ db }, id) =>
      named(
        'port',
        await db
          .selectFrom('ports')
          .select(['id', 'project_id'])
          .where('network_id', '=', id)
          .where('project_id', '!=', '')
          .execute(),
      ),
    access_as_external: async ({ db }, id) => {
      const floating = db.selectFrom('floatingips').select(['id', 'project_id']).where('floating_network_id', '=', id);
      const routed = db
        .selectFrom('router_ports')
        .innerJoin('ports', 'ports.id', 'router_ports.port_id')
        .innerJoin('routers', 'routers.id', 'router_ports.router_id')
        .select(['routers.id', 'routers.project_id'])
        .where('router_ports.role', '=', 'gateway')
        .where('ports.network_id', '=', id);
      return [...named('floatingip', await floating.execute()), ...named('router', await routed.execute())];
    },
  },
  subnetpool: {
    access_as_shared: async ({ db }, id) =>
      named(
        'subnet',
        await db.selectFrom('subnets').select(['id', 'project_id']).where('subnetpool_id', '=', id).execute(),
      ),
  },
  security_group: {
    access_as_shared: async ({ db }, id) =>
      named(
        'port',
        await db
          .selectFrom('port_security_groups')
          .innerJoin('ports', 'ports.id', 'port_security_groups.port_id')
          .select(['ports.id', 'ports.project_id'])
          .where('port_security_groups.security_group_id', '=', id)
          .execute(),
      ),
  },
  address_scope: {
    access_as_shared: async ({ db }, id) =>
      named(
        'subnetpool',
        await db.selectFrom('subnetpools').select(['id', 'project_id']).where('address_scope_id', '=', id).execute(),
      ),
  },
  address_group: {
    access_as_shared: async ({ db }, id) =>
      named(
        'security_group_rule',
        await db
          .selectFrom('security_group_rules')
          .select(['id', 'project_id'])
          .where('remote_address_group_id', '=', id)
          .execute(),
      ),
  },
  qos_policy: { access_as_shared: usesOfPolicy },
};

function named(resource: string, owned: readonly Owned[]): readonly Use[] {
  return owned.map((each) => ({ resource, ...each }));
}

/** What uses the object in a way that needs `action`; things of its owner may be among them, who needs nothing. */
export async function usesOf(
  store: Reader,
  { object_type, object_id, action }: { object_type: RbacObjectType; object_id: string; action: RbacAction },
): Promise<readonly Use[]> {
  return (await uses[object_type][action]?.(store, object_id)) ?? [];
}
