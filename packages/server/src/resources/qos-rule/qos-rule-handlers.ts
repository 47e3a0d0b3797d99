// The rules of QoS policies. All types are made, changed and removed alike, by the path of their policy or by their id
// alone. Whoever writes holds the policy's row, so that no two rules of a policy come to be in conflict.

import { randomUUID } from 'node:crypto';
import { HTTPNotImplemented } from '@neutronium/model/errors';
import { QosRuleNotFound } from '@neutronium/model/qos-errors';
import type { AnyResource } from '@neutronium/model/resource';
import { qosPolicy } from '@neutronium/model/resources/qos-policy';
import { qosRuleAliases, qosRules, qosRuleTypes, type QosRuleType } from '@neutronium/model/resources/qos-rules';
import { invariant } from '@neutronium/net/invariant';
import type { Writer } from '../../store/store.ts';
import type { Handlers } from '../handlers.ts';
import { portsOfPolicy } from '../qos-policy/policy-users.ts';
import { ruleRecord, rulesOfPolicies } from '../qos-policy/rules-of-policies.ts';
import { requireEnforceable } from '../qos-policy/supported-rules.ts';
import { requireVisiblePolicies } from '../qos-policy/visible-policies.ts';
import { requireCompatible } from './rule-conflicts.ts';

type Values = Readonly<Record<string, unknown>>;

/** The handlers of each type's rules, below their policies and by their ids alone. */
export function qosRuleHandlers(): readonly Handlers[] {
  return [
    ...qosRuleTypes.map(ruleHandlers),
    aliasHandlers('bandwidth_limit'),
    aliasHandlers('dscp_marking'),
    aliasHandlers('minimum_bandwidth'),
    aliasHandlers('minimum_packet_rate'),
  ];
}

function ruleHandlers(type: QosRuleType): Handlers {
  const resource: AnyResource = qosRules[type];
  return {
    resource,
    notFound: (id, parent) => new QosRuleNotFound({ rule_id: id, policy_id: parent?.id ?? '' }),
    async create({ store, parent }, requests) {
      invariant(parent !== undefined, 'a rule is a part of a policy');
      const created: Values[] = [];
      for (const request of requests) {
        const rule = { ...request, id: randomUUID(), qos_policy_id: parent.id };
        await requireFitting(store, type, rule);
        created.push(...(await store.insert(resource, [rule])));
        await policyChanged(store, type, parent.id);
      }
      return created;
    },
    update: ({ store }, current, changes) => updateRule(store, type, current, changes),
    remove: ({ store }, current) => removeRule(store, type, current),
    derive: async (_call, records) => records.map(() => ({})),
  };
}

function aliasHandlers(type: keyof typeof qosRuleAliases): Handlers {
  const rule: AnyResource = qosRules[type];
  return {
    resource: qosRuleAliases[type],
    notFound: (id) => new QosRuleNotFound({ rule_id: id, policy_id: '' }),
    async records(call, filters) {
      const records = await call.store.list(rule, { where: filters });
      await requireVisiblePolicies(
        call,
        records.map((record) => ({ qos_policy_id: policyOf(record) })),
      );
      return records;
    },
    async update({ store }, current, changes) {
      await store.get(qosPolicy, policyOf(current));
      return updateRule(store, type, current, changes);
    },
    async remove({ store }, current) {
      await store.get(qosPolicy, policyOf(current));
      await removeRule(store, type, current);
    },
    derive: async (_call, records) => records.map((record) => ({ ext_parent_policy_id: policyOf(record) })),
  };
}

async function updateRule(store: Writer, type: QosRuleType, current: Values, changes: Values): Promise<Values> {
  await requireFitting(store, type, { ...current, ...changes });
  const updated = await store.update(qosRules[type], idOf(current), changes);
  await policyChanged(store, type, policyOf(current));
  return updated;
}

async function removeRule(store: Writer, type: QosRuleType, current: Values): Promise<void> {
  await store.remove(qosRules[type], idOf(current));
  await policyChanged(store, type, policyOf(current));
}

async function requireFitting(store: Writer, type: QosRuleType, values: Values): Promise<void> {
  const rule = ruleRecord(type, values);
  const { qos_policy_id } = rule;
  const rules = (await rulesOfPolicies(store, [qos_policy_id])).get(qos_policy_id) ?? [];
  requireCompatible(
    rule,
    rules.filter(({ id }) => id !== rule.id),
  );
}

/**
 * Throws unless everything that has the policy can still have it. What the compute service has reserved for instances
 * cannot be changed behind its back.
 */
async function policyChanged(store: Writer, type: QosRuleType, policyId: string): Promise<void> {
  await store.touch(qosPolicy, policyId);
  const ports = await portsOfPolicy(store, policyId);
  await requireEnforceable(
    store,
    ports.map((port) => ({ port, policyId })),
  );
  const isReserved = type === 'minimum_bandwidth' || type === 'minimum_packet_rate';
  if (isReserved && ports.some(({ device_owner }) => device_owner.startsWith('compute:'))) {
    throw new HTTPNotImplemented({
      message: 'Cannot update QoS policies/rules backed by resources tracked in Placement',
    });
  }
}

function policyOf(record: Values): string {
  return String(record['qos_policy_id']);
}

function idOf(record: Values): string {
  return String(record['id']);
}
