import { randomUUID } from 'node:crypto';
import { blockersOf } from '@neutronium/model/api-error';
import { defaultGroupName } from '@neutronium/model/kinds/group-name';
import { defaultSecurityGroupRule } from '@neutronium/model/resources/default-security-group-rule';
import {
  securityGroup,
  type SecurityGroupCreate,
  type SecurityGroupRecord,
  type SecurityGroupUpdate,
} from '@neutronium/model/resources/security-group';
import { securityGroupRule } from '@neutronium/model/resources/security-group-rule';
import {
  SecurityGroupCannotRemoveDefault,
  SecurityGroupCannotUpdateDefault,
  SecurityGroupInUse,
  SecurityGroupNotFound,
} from '@neutronium/model/security-group-errors';
import type { Quotas } from '../../quota/quotas.ts';
import type { Reader, Writer } from '../../store/store.ts';
import type { Call, Derived, Handlers } from '../handlers.ts';
import { removeLogs } from '../log/remove-logs.ts';
import { statefulnessOfProjects } from '../default-statefulness/statefulness-of-projects.ts';
import { sharedFlags } from '../sharing.ts';
import { defaultGroups, ensureDefaultGroup, makesDefaultGroupOf } from './default-group.ts';
import { startingRules } from './starting-rules.ts';

export function securityGroupHandlers(quotas: Quotas): Handlers<typeof securityGroup> {
  return {
    resource: securityGroup,
    notFound: (id) => new SecurityGroupNotFound({ id }),
    beforeList: defaultGroups,
    create: (call, requests) => createGroups(call, requests, quotas),
    update: ({ store }, current, changes) => updateGroup(store, current, changes),
    remove: removeGroup,
    derive: deriveGroups,
  };
}

async function createGroups(
  call: Call<Writer>,
  requests: readonly SecurityGroupCreate[],
  quotas: Quotas,
): Promise<readonly SecurityGroupRecord[]> {
  const { context, store } = call;
  for (const projectId of new Set(requests.map(({ project_id }) => project_id))) {
    if (makesDefaultGroupOf(context, projectId)) await ensureDefaultGroup(store, projectId);
  }
  const isStateful = await statefulnessOfProjects(
    store,
    requests.map(({ project_id }) => project_id),
  );
  const groups = requests.map((request) => {
    const { stateful = isStateful(request.project_id) } = request;
    return { ...request, stateful, id: randomUUID(), shared: false, tags: [] };
  });
  const rules = await startingRules(store, groups);
  await quotas.reserve(call, securityGroupRule, rules);
  const created = await store.insert(securityGroup, groups);
  await store.insert(securityGroupRule, rules);
  return created;
}

async function updateGroup(
  store: Writer,
  current: SecurityGroupRecord,
  changes: SecurityGroupUpdate,
): Promise<SecurityGroupRecord> {
  if (changes.stateful !== undefined && changes.stateful !== current.stateful) await requireUnused(store, current.id);
  if (current.name === defaultGroupName && changes.name !== undefined) throw new SecurityGroupCannotUpdateDefault();
  return store.update(securityGroup, current.id, changes);
}

/** Removes the group, its rules, and the rules of other groups for which it was the far end. */
async function removeGroup({ context, store }: Call<Writer>, { id, name }: SecurityGroupRecord): Promise<void> {
  await requireUnused(store, id);
  if (name === defaultGroupName && !context.isAdmin) throw new SecurityGroupCannotRemoveDefault();
  const own = await store.list(securityGroupRule, { where: [equals('security_group_id', id)] });
  const pointing = await store.list(securityGroupRule, { where: [equals('remote_group_id', id)] });
  const rules = new Map([...own, ...pointing].map((rule) => [rule.id, rule.security_group_id]));
  for (const ruleId of rules.keys()) await store.remove(securityGroupRule, ruleId);
  for (const groupId of new Set(rules.values())) if (groupId !== id) await store.touch(securityGroup, groupId);
  const templates = await store.list(defaultSecurityGroupRule, { where: [equals('remote_group_id', id)] });
  for (const template of templates) await store.remove(defaultSecurityGroupRule, template.id);
  await removeLogs(store, { resource_id: id });
  await store.remove(securityGroup, id);
}

async function requireUnused({ db }: Reader, id: string): Promise<void> {
  const users = await db
    .selectFrom('port_security_groups')
    .select('port_id')
    .where('security_group_id', '=', id)
    .execute();
  const blockers = blockersOf(
    'port',
    users.map(({ port_id }) => port_id),
  );
  if (users.length > 0) throw new SecurityGroupInUse({ id, blockers });
}

/** The rules of all groups come with one statement, and so does what is shared. */
async function deriveGroups(
  { context, store }: Call<Reader>,
  records: readonly SecurityGroupRecord[],
  fields: ReadonlySet<string>,
): Promise<readonly Derived<typeof securityGroup>[]> {
  const shared = await sharedFlags(store, 'security_group', records, context.projectId);
  const wanted = fields.size === 0 || fields.has('security_group_rules');
  if (!wanted || records.length === 0) return shared;
  const rules = await store.list(securityGroupRule, {
    where: [{ op: 'equals', attribute: 'security_group_id', values: records.map(({ id }) => id) }],
    sort: [{ attribute: 'id', direction: 'asc' }],
  });
  const byGroup = Map.groupBy(rules, ({ security_group_id }) => security_group_id);
  return records.map(({ id }, index) => ({
    ...shared[index],
    security_group_rules: (byGroup.get(id) ?? []).map((rule) => ({ ...rule, tenant_id: rule.project_id })),
  }));
}

function equals(attribute: string, id: string) {
  return { op: 'equals', attribute, values: [id] } as const;
}
