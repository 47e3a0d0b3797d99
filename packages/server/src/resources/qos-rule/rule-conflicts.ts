// Which rules a policy cannot have together.

import { QoSRuleParameterConflict, QoSRulesConflict } from '@neutronium/model/qos-errors';
import type { QosRuleRecord } from '@neutronium/model/resources/qos-rules';

/**
 * Throws when `rule` cannot be among `others`, the remaining rules of its policy: because its minimum is more than what
 * they limit it to, because packets would be reserved for one direction and for both together, or because another rule
 * is for the same. Limits of either direction bound minimums of either, as in Neutron.
 */
export function requireCompatible(rule: QosRuleRecord, others: readonly QosRuleRecord[]): void {
  const policy_id = rule.qos_policy_id;
  for (const other of others) {
    if (rule.type === 'bandwidth_limit' && other.type === 'minimum_bandwidth' && other.min_kbps > rule.max_kbps) {
      throw conflict(policy_id, rule.max_kbps, other, other.min_kbps);
    }
    if (rule.type === 'minimum_bandwidth' && other.type === 'bandwidth_limit' && other.max_kbps < rule.min_kbps) {
      throw conflict(policy_id, rule.min_kbps, other, other.max_kbps);
    }
  }
  for (const other of others) {
    if (rule.type !== 'minimum_packet_rate' || other.type !== rule.type || other.direction === rule.direction) continue;
    if (rule.direction === 'any' || other.direction === 'any') {
      throw conflict(policy_id, rule.direction, other, other.direction);
    }
  }
  const same = others.find((other) => other.type === rule.type && directionOf(other) === directionOf(rule));
  if (same !== undefined) throw new QoSRulesConflict({ new_rule_type: rule.type, rule_id: same.id, policy_id });
}

function conflict(
  policy_id: string,
  rule_value: number | string,
  { type: existing_rule }: QosRuleRecord,
  existing_value: number | string,
): Error {
  return new QoSRuleParameterConflict({ rule_value, policy_id, existing_rule, existing_value });
}

function directionOf(rule: QosRuleRecord): string | null {
  return rule.type === 'dscp_marking' ? null : rule.direction;
}
