// Which rules can be enforced where. Open vSwitch enforces all types on the ports that it wires, but for a minimum
// bandwidth where there is no physical network to have it of.

import { QosRuleNotSupported, QosRuleNotSupportedByNetwork } from '@neutronium/model/qos-errors';
import type { QosRuleRecord } from '@neutronium/model/resources/qos-rules';
import { isSwitched } from '#binding/switched-port';
import { segmentFacts } from '#ipam/network-facts';
import type { Reader } from '../../store/store.ts';
import type { GovernedPort } from './policy-users.ts';
import { rulesOfPolicies } from './rules-of-policies.ts';

/** Throws QosRuleNotSupported for the first port that one of the rules of its policy cannot be enforced on. */
export async function requireEnforceable(
  store: Reader,
  governed: readonly { readonly port: GovernedPort; readonly policyId: string | null }[],
): Promise<void> {
  const policyIds = governed.flatMap(({ policyId }) => (policyId === null ? [] : [policyId]));
  const rules = await rulesOfPolicies(store, policyIds);
  if (rules.size === 0) return;
  const wired = await physicalNetworks(
    store,
    governed.map(({ port }) => port.network_id),
  );
  for (const { port, policyId } of governed) {
    const refused = (rules.get(policyId ?? '') ?? []).find(
      (rule) => !isSwitched(port) || !isNetworkSupported(rule, wired.has(port.network_id)),
    );
    if (refused !== undefined) throw new QosRuleNotSupported({ rule_type: refused.type, port_id: port.id });
  }
}

/** Throws QosRuleNotSupportedByNetwork when ports of the network could not have the policy. */
export async function requireEnforceableOnNetwork(
  store: Reader,
  {
    id,
    segments,
    qos_policy_id,
  }: {
    readonly id: string;
    readonly segments: readonly { readonly physical_network: string | null }[];
    readonly qos_policy_id: string | null;
  },
): Promise<void> {
  if (qos_policy_id === null) return;
  const rules = (await rulesOfPolicies(store, [qos_policy_id])).get(qos_policy_id) ?? [];
  const isWired = (segments[0]?.physical_network ?? null) !== null;
  const refused = rules.find((rule) => !isNetworkSupported(rule, isWired));
  if (refused !== undefined) throw new QosRuleNotSupportedByNetwork({ rule_type: refused.type, network_id: id });
}

function isNetworkSupported({ type }: QosRuleRecord, isWired: boolean): boolean {
  return type !== 'minimum_bandwidth' || isWired;
}

/** Those of the networks whose first segment is on a physical network, with its label. */
export async function physicalNetworks(
  store: Reader,
  networkIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const segments = await segmentFacts(store, [...new Set(networkIds)]);
  return new Map(
    [...segments].flatMap(([id, [first]]) =>
      first === undefined || first.physical_network === null ? [] : [[id, first.physical_network]],
    ),
  );
}
