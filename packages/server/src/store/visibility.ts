// What one project may see of each resource. Policy decides what it may do with it; a record that is not visible does
// not exist for the caller.

import { sql, type RawBuilder } from 'kysely';
import type { RecordTable } from './record-table.ts';

/** Ways in which an object is shared (Networking API: RBAC policies); each shows it to the project it is shared with. */
export type RbacAction = 'access_as_shared' | 'access_as_external';

export function visibleToSql(table: RecordTable, project: string): RawBuilder<boolean> {
  const own = sql<boolean>`${sql.ref(`${table.name}.project_id`)} = ${project}`;
  switch (table.name) {
    case 'networks':
    case 'subnetpools':
    case 'address_scopes':
      return sql`(${own} or ${sql.ref(`${table.name}.id`)} in (${sharedWith(table.resource.name, project)}))`;
    case 'subnets':
      return sql`(${own} or subnets.network_id in (${sharedWith('network', project)}))`;
    case 'ports':
      return sql`(${own} or ports.network_id in (select id from networks where project_id = ${project}))`;
    case 'flavors':
      return sql`1 = 1`;
    default:
      // What belongs to no project (agents) is for administrators, who are not asked. Parts of an object are not asked
      // about here: they are listed by the object, which was found to be visible.
      return table.has('project_id') ? own : sql`1 = 0`;
  }
}

function sharedWith(objectType: string, project: string): RawBuilder<unknown> {
  return sql`select object_id from rbac_entries where object_type = ${objectType} and target_project in (${project}, '*')`;
}
