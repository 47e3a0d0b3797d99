// What one project may see of each resource. Policy decides what it may do with it; a record that is not visible does
// not exist for the caller.

import { rbacObjectTypeOf } from '@neutronium/model/rbac-objects';
import { everyProject } from '@neutronium/model/resources/rbac-policy';
import { sql, type RawBuilder } from 'kysely';
import type { RecordTable } from './record-table.ts';

export function visibleToSql(table: RecordTable, project: string): RawBuilder<boolean> {
  const own = sql<boolean>`${sql.ref(`${table.name}.project_id`)} = ${project}`;
  // Each way in which an object is shared shows it to the project that it is shared with.
  const objectType = rbacObjectTypeOf(table.resource);
  if (objectType !== undefined) {
    return sql`(${own} or ${sql.ref(`${table.name}.id`)} in (${sharedWith(objectType, project)}))`;
  }
  switch (table.name) {
    case 'subnets':
      return sql`(${own} or subnets.network_id in (${sharedWith('network', project)}))`;
    case 'ports':
      return sql`(${own} or ports.network_id in (select id from networks where project_id = ${project}))`;
    case 'security_group_rules':
      return sql`(${own} or security_group_id in (select id from security_groups where project_id = ${project}))`;
    case 'metering_label_rules':
      return sql`metering_label_id in (select id from metering_labels where project_id = ${project})`;
    default:
      // What belongs to no project, such as agents and flavors, policy alone shows or hides. Parts of an object are not
      // asked about here: they are listed by the object, which was found to be visible.
      return table.has('project_id') ? own : sql`1 = 1`;
  }
}

function sharedWith(objectType: string, project: string): RawBuilder<unknown> {
  return sql`select object_id from rbac_policies
               where object_type = ${objectType} and target_tenant in (${project}, ${everyProject})`;
}
