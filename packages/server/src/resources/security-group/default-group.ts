// The default group of a project: made when the project first asks for groups, or makes something that has to do with
// them. It is known by its name, which no other group can have.

import { randomUUID } from 'node:crypto';
import { defaultGroupName } from '@neutronium/model/kinds/group-name';
import { securityGroup } from '@neutronium/model/resources/security-group';
import { securityGroupRule } from '@neutronium/model/resources/security-group-rule';
import type { RequestContext } from '../../context.ts';
import type { Reader, Writer } from '../../store/store.ts';
import type { BeforeList } from '../handlers.ts';
import { statefulnessOfProjects } from '../default-statefulness/statefulness-of-projects.ts';
import { startingRules } from './starting-rules.ts';

/** Whether the caller's requests make the default group of `projectId`: its own, and for administrators anybody's. */
export function makesDefaultGroupOf({ isAdmin, projectId: own }: RequestContext, projectId: string): boolean {
  return projectId !== '' && (isAdmin || projectId === own);
}

/** The id of the project's default group, undefined while it has none. */
export async function defaultGroupOf({ db }: Reader, projectId: string): Promise<string | undefined> {
  const group = await db
    .selectFrom('security_groups')
    .select('id')
    .where('project_id', '=', projectId)
    .where('name', '=', defaultGroupName)
    .executeTakeFirst();
  return group?.id;
}

/**
 * The id of the project's default group, which is made if there is none. Of two transactions that make it at once, one
 * runs again and finds the other's (UniqueViolation). No quota keeps a project from having it.
 */
export async function ensureDefaultGroup(store: Writer, projectId: string): Promise<string> {
  const known = await defaultGroupOf(store, projectId);
  if (known !== undefined) return known;
  const group = {
    id: randomUUID(),
    project_id: projectId,
    name: defaultGroupName,
    description: 'Default security group',
    stateful: (await statefulnessOfProjects(store, [projectId]))(projectId),
    shared: false,
    tags: [],
  };
  await store.insert(securityGroup, [group]);
  await store.insert(securityGroupRule, await startingRules(store, [group]));
  return group.id;
}

/** Lists of groups and of rules show the default group of the project that they are about, although nobody made it yet. */
export const defaultGroups: BeforeList = {
  async isDue({ context, store }, projectId) {
    return makesDefaultGroupOf(context, projectId) && (await defaultGroupOf(store, projectId)) === undefined;
  },
  async make({ store }, projectId) {
    await ensureDefaultGroup(store, projectId);
  },
};
