import { qosRules, qosRuleTypes, type QosRuleRecord, type QosRuleType } from '@neutronium/model/resources/qos-rules';
import type { AnyResource } from '@neutronium/model/resource';
import type { Reader } from '../../store/store.ts';

/** The rules of each policy, by type; one statement for each of `types`, whatever the number of policies. */
export async function rulesOfPolicies(
  store: Reader,
  policyIds: readonly string[],
  types: readonly QosRuleType[] = qosRuleTypes,
): Promise<ReadonlyMap<string, readonly QosRuleRecord[]>> {
  const ids = [...new Set(policyIds)];
  const rules: QosRuleRecord[] = [];
  if (ids.length === 0) return new Map();
  for (const type of types) {
    const resource: AnyResource = qosRules[type];
    const records = await store.list(resource, {
      where: [{ op: 'equals', attribute: 'qos_policy_id', values: ids }],
      sort: [{ attribute: 'id', direction: 'asc' }],
    });
    rules.push(...records.map((record) => ruleRecord(type, record)));
  }
  return Map.groupBy(rules, ({ qos_policy_id }) => qos_policy_id);
}

/** A record of the resource that has the rules of `type`. */
export function ruleRecord(type: QosRuleType, record: Readonly<Record<string, unknown>>): QosRuleRecord {
  // The compiler cannot see that the resource goes with the type; the store has read the record by its declaration.
  return { type, ...record } as unknown as QosRuleRecord;
}
