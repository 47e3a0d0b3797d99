import { randomUUID } from 'node:crypto';
import { blockersOf } from '@neutronium/model/api-error';
import { InvalidInput } from '@neutronium/model/errors';
import { pythonTuple } from '@neutronium/model/python-text';
import { rbacObjects, type RbacAction, type RbacObjectType } from '@neutronium/model/rbac-objects';
import type { AnyResource } from '@neutronium/model/resource';
import { addressGroup } from '@neutronium/model/resources/address-group';
import { addressScope } from '@neutronium/model/resources/address-scope';
import { network } from '@neutronium/model/resources/network';
import { qosPolicy } from '@neutronium/model/resources/qos-policy';
import {
  everyProject,
  rbacPolicy,
  type RbacPolicyCreate,
  type RbacPolicyRecord,
} from '@neutronium/model/resources/rbac-policy';
import { securityGroup } from '@neutronium/model/resources/security-group';
import { subnetpool } from '@neutronium/model/resources/subnetpool';
import {
  DuplicateRbacPolicy,
  InvalidActionForType,
  RbacPolicyInUse,
  RbacPolicyNotFound,
} from '@neutronium/model/security-group-errors';
import { visibility } from '../../context.ts';
import type { Writer } from '../../store/store.ts';
import type { Call, Handlers } from '../handlers.ts';
import { usesOf } from './dependents.ts';

const resources: Readonly<Record<RbacObjectType, AnyResource>> = {
  network,
  subnetpool,
  security_group: securityGroup,
  address_scope: addressScope,
  address_group: addressGroup,
  qos_policy: qosPolicy,
};

/** A policy whose action is one of those that its type of object has. */
interface Sharing extends Omit<RbacPolicyRecord, 'action' | 'id'> {
  readonly action: RbacAction;
}

export function rbacPolicyHandlers(): Handlers<typeof rbacPolicy> {
  return {
    resource: rbacPolicy,
    // Neutron does not know the type of what it does not find.
    notFound: (id) => new RbacPolicyNotFound({ id, object_type: 'unknown' }),
    async create(call, requests) {
      const created: RbacPolicyRecord[] = [];
      for (const request of requests) created.push(await createPolicy(call, request));
      return created;
    },
    async update(call, current, { target_tenant = current.target_tenant }) {
      await requireOwnObject(call, current);
      if (target_tenant === current.target_tenant) return current;
      // Of QoS policies, as in Neutron, whoever uses one keeps it by a sharing that is there already.
      const replacement = current.object_type === 'qos_policy' ? undefined : target_tenant;
      await requireDispensable(call.store, current, replacement);
      await requireNew(call.store, { ...sharingOf(current), target_tenant });
      await requireScopeShared(call.store, { ...current, target_tenant });
      const updated = await call.store.update(rbacPolicy, current.id, { target_tenant });
      await noteSharing(call.store, current);
      return updated;
    },
    async remove({ store }, current) {
      await requireDispensable(store, current, undefined);
      await store.remove(rbacPolicy, current.id);
      await noteSharing(store, current);
    },
    derive: async (_call, records) => records.map(() => ({})),
  };
}

async function createPolicy(call: Call<Writer>, request: RbacPolicyCreate): Promise<RbacPolicyRecord> {
  const policy = sharingOf(request);
  await requireOwnObject(call, request);
  await requireNew(call.store, policy);
  await requireScopeShared(call.store, policy);
  const [created] = await call.store.insert(rbacPolicy, [{ ...policy, id: randomUUID() }]);
  if (created === undefined) throw new Error('the store gives back what it has inserted');
  await noteSharing(call.store, created);
  return created;
}

/** The owner of an object shares it, and an administrator anybody's. */
async function requireOwnObject(
  { context, store }: Call<Writer>,
  { object_type, object_id }: Pick<RbacPolicyRecord, 'object_type' | 'object_id'>,
): Promise<void> {
  const resource = resources[object_type];
  const [object] = await store.list(resource, {
    where: [{ op: 'equals', attribute: 'id', values: [object_id] }],
    ...visibility(context),
  });
  if (object === undefined) {
    throw new InvalidInput({ error_message: `The ${object_type} ${object_id} could not be found` });
  }
  if (context.isAdmin || object['project_id'] === context.projectId) return;
  throw new InvalidInput({ error_message: 'Only admins can manipulate policies on objects they do not own' });
}

function sharingOf<P extends RbacPolicyCreate>(policy: P): P & { readonly action: RbacAction } {
  const { object_type } = policy;
  const valid_actions: readonly RbacAction[] = rbacObjects[object_type].actions;
  const action = valid_actions.find((each) => each === policy.action);
  if (action === undefined) {
    throw new InvalidActionForType({
      action: policy.action,
      object_type,
      valid_actions: pythonTuple(valid_actions),
    });
  }
  return { ...policy, action };
}

/** Of two that share alike at the same time, one violates the unique constraint, runs again, and is told so here. */
async function requireNew(
  { db }: Writer,
  { object_id, action, target_tenant }: Omit<Sharing, 'object_type' | 'project_id'>,
): Promise<void> {
  const same = await db
    .selectFrom('rbac_policies')
    .select('id')
    .where('object_id', '=', object_id)
    .where('action', '=', action)
    .where('target_tenant', '=', target_tenant)
    .executeTakeFirst();
  if (same !== undefined) throw new DuplicateRbacPolicy();
}

/** A subnet pool in an address scope can be shared only with those who may use the scope. */
async function requireScopeShared(
  store: Writer,
  { object_type, object_id, target_tenant }: Omit<RbacPolicyRecord, 'id'>,
): Promise<void> {
  if (object_type !== 'subnetpool') return;
  const scopeId = (await store.get(subnetpool, object_id))?.address_scope_id ?? null;
  const scope = scopeId === null ? undefined : await store.get(addressScope, scopeId);
  if (scope === undefined || scope.project_id === target_tenant) return;
  const entry = await store.db
    .selectFrom('rbac_policies')
    .select('id')
    .where('object_id', '=', scope.id)
    .where('target_tenant', 'in', [everyProject, target_tenant])
    .limit(1)
    .executeTakeFirst();
  if (entry !== undefined) return;
  throw new InvalidInput({
    error_message:
      `Failed to create RBAC policy on object ${object_id} because target project doesn't have access to ` +
      'associated address scope',
  });
}

/** Throws RbacPolicyInUse when the policy is for everyone and its network is the usual way out of all projects. */
async function requireNoDefaultWayOut(store: Writer, policy: RbacPolicyRecord): Promise<void> {
  const { object_id, action, target_tenant } = policy;
  if (action !== 'access_as_external' || target_tenant !== everyProject) return;
  if ((await store.get(network, object_id))?.is_default !== true) return;
  throw new RbacPolicyInUse({
    object_id,
    details: 'Default external networks must be shared to everyone.',
    blockers: blockersOf('network', [object_id]),
  });
}

/**
 * Throws RbacPolicyInUse when projects use the object that neither own it nor have it by another policy once this one
 * is gone, or is for `replacement`.
 */
async function requireDispensable(
  store: Writer,
  policy: RbacPolicyRecord,
  replacement: string | undefined,
): Promise<void> {
  const { object_type, object_id, target_tenant } = policy;
  const { action } = sharingOf(policy);
  const resource = resources[object_type];
  const owner = (await store.get(resource, object_id))?.['project_id'];
  await requireNoDefaultWayOut(store, policy);
  if (target_tenant === owner) return;
  const rows = await store.db
    .selectFrom('rbac_policies')
    .select('target_tenant')
    .where('object_id', '=', object_id)
    .where('action', '=', action)
    .where('id', '!=', policy.id)
    .execute();
  const remaining = new Set([...rows.map((row) => row.target_tenant), replacement, owner]);
  if (remaining.has(everyProject)) return;
  const blockers = (await usesOf(store, { object_type, object_id, action })).filter(
    ({ project_id }) => !remaining.has(project_id) && (target_tenant === everyProject || target_tenant === project_id),
  );
  if (blockers.length > 0) throw new RbacPolicyInUse({ object_id, details: `project_id=${target_tenant}`, blockers });
}

/** A network's revision tells that it is shared with others now. */
async function noteSharing(
  store: Writer,
  { object_type, object_id }: Pick<RbacPolicyRecord, 'object_type' | 'object_id'>,
): Promise<void> {
  if (object_type === 'network') await store.touch(network, object_id);
}
