import { randomUUID } from 'node:crypto';
import { blockersOf } from '@neutronium/model/api-error';
import { QosPolicyInUse, QosPolicyNotFound } from '@neutronium/model/qos-errors';
import { qosPolicy, type QosPolicyRecord } from '@neutronium/model/resources/qos-policy';
import { RbacPolicyInUse } from '@neutronium/model/security-group-errors';
import { qosRules } from '@neutronium/model/resources/qos-rules';
import type { Reader, Writer } from '../../store/store.ts';
import type { Call, Derived, Handlers } from '../handlers.ts';
import { sharedFlags } from '../sharing.ts';
import { requireNoOtherDefaultPolicy } from './default-policy.ts';
import { usersOf, usesOfPolicy } from './policy-users.ts';
import { rulesOfPolicies } from './rules-of-policies.ts';

export function qosPolicyHandlers(): Handlers<typeof qosPolicy> {
  return {
    resource: qosPolicy,
    notFound: (id) => new QosPolicyNotFound({ policy_id: id }),
    async create({ store }, requests) {
      const policies = requests.map((request) => ({ ...request, id: randomUUID(), tags: [] }));
      const created: QosPolicyRecord[] = [];
      for (const policy of policies) {
        if (policy.is_default) await requireNoOtherDefaultPolicy(store, policy.id, policy.project_id);
        created.push(...(await store.insert(qosPolicy, [policy])));
      }
      return created;
    },
    async update({ store }, current, changes) {
      if (changes.is_default === true) await requireNoOtherDefaultPolicy(store, current.id, current.project_id);
      if (changes.shared === false && current.shared) await requireUnsharable(store, current.id);
      return store.update(qosPolicy, current.id, changes);
    },
    remove: ({ store }, { id }) => removePolicy(store, id),
    derive: derivePolicies,
  };
}

/** Throws RbacPolicyInUse when projects use the policy with which it is not shared alone; its own counts, as in Neutron. */
async function requireUnsharable(store: Writer, id: string): Promise<void> {
  const rows = await store.db.selectFrom('rbac_policies').select('target_tenant').where('object_id', '=', id).execute();
  const targets = new Set(rows.map(({ target_tenant }) => target_tenant));
  const blockers = (await usesOfPolicy(store, id)).filter(({ project_id }) => !targets.has(project_id));
  const [losing] = blockers;
  if (losing === undefined) return;
  throw new RbacPolicyInUse({ object_id: id, details: `project_id=${losing.project_id}`, blockers });
}

async function removePolicy(store: Writer, id: string): Promise<void> {
  const [user, ...others] = await usersOf(store, id);
  if (user !== undefined) {
    const { object_type, object_id } = user;
    const blockers = [user, ...others].flatMap((each) => blockersOf(each.resource, [each.object_id]));
    throw new QosPolicyInUse({ policy_id: id, object_type, object_id, blockers });
  }
  for (const rule of (await rulesOfPolicies(store, [id])).get(id) ?? [])
    await store.remove(qosRules[rule.type], rule.id);
  await store.remove(qosPolicy, id);
}

async function derivePolicies(
  { context, store }: Call<Reader>,
  records: readonly QosPolicyRecord[],
  fields: ReadonlySet<string>,
): Promise<readonly Derived<typeof qosPolicy>[]> {
  const shared = await sharedFlags(store, 'qos_policy', records, context.projectId);
  const wanted = fields.size === 0 || fields.has('rules');
  const rules = await rulesOfPolicies(store, wanted ? records.map(({ id }) => id) : []);
  return records.map(({ id }, index) => ({ ...shared[index], rules: rules.get(id) ?? [] }));
}
