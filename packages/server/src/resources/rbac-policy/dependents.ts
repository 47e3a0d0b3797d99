// Who depends on an object's being shared: the projects that use it. A line for each way of sharing; what is not in the
// table nobody can come to depend on.

import type { RbacAction, RbacObjectType } from '@neutronium/model/rbac-objects';
import type { Reader } from '../../store/store.ts';
import { projectsOfUsers } from '../qos-policy/policy-users.ts';

type Users = (store: Reader, objectId: string) => Promise<readonly { readonly project_id: string }[]>;

/** By type and action. Ports without a project (gateways, floating IPs) are the network service's own. */
const users: Readonly<Record<RbacObjectType, Partial<Readonly<Record<RbacAction, Users>>>>> = {
  network: {
    access_as_shared: ({ db }, id) =>
      db
        .selectFrom('ports')
        .select('project_id')
        .distinct()
        .where('network_id', '=', id)
        .where('project_id', '!=', '')
        .execute(),
    access_as_external: async ({ db }, id) => {
      const floating = db.selectFrom('floatingips').select('project_id').where('floating_network_id', '=', id);
      const routed = db
        .selectFrom('router_ports')
        .innerJoin('ports', 'ports.id', 'router_ports.port_id')
        .innerJoin('routers', 'routers.id', 'router_ports.router_id')
        .select('routers.project_id')
        .where('router_ports.role', '=', 'gateway')
        .where('ports.network_id', '=', id);
      return floating.union(routed).execute();
    },
  },
  subnetpool: {
    access_as_shared: ({ db }, id) =>
      db.selectFrom('subnets').select('project_id').distinct().where('subnetpool_id', '=', id).execute(),
  },
  security_group: {
    access_as_shared: ({ db }, id) =>
      db
        .selectFrom('port_security_groups')
        .innerJoin('ports', 'ports.id', 'port_security_groups.port_id')
        .select('ports.project_id')
        .distinct()
        .where('port_security_groups.security_group_id', '=', id)
        .execute(),
  },
  address_scope: {
    access_as_shared: ({ db }, id) =>
      db.selectFrom('subnetpools').select('project_id').distinct().where('address_scope_id', '=', id).execute(),
  },
  address_group: {
    access_as_shared: ({ db }, id) =>
      db
        .selectFrom('security_group_rules')
        .select('project_id')
        .distinct()
        .where('remote_address_group_id', '=', id)
        .execute(),
  },
  qos_policy: { access_as_shared: projectsOfUsers },
};

/** The projects that use the object in a way that needs `action`; its owner may be among them, who needs nothing. */
export async function dependentsOf(
  store: Reader,
  { object_type, object_id, action }: { object_type: RbacObjectType; object_id: string; action: RbacAction },
): Promise<ReadonlySet<string>> {
  const projects = (await users[object_type][action]?.(store, object_id)) ?? [];
  return new Set(projects.map(({ project_id }) => project_id));
}
