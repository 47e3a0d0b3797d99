// What filters and translates packets in the network namespaces of a host, and the steps from what there is to what
// there should be: settings of the kernel, then sets, then the rules that ask them, and last the sets that no rule
// asks any more.

import type { Family } from '@neutronium/net/ip';
import { planIpSets, type IpSet, type ObservedIpSets } from './ip-set.ts';
import type { ObservedRuleset } from './observed.ts';
import { planRuleset } from './plan-ruleset.ts';
import { emptyRuleset, type Ruleset } from './ruleset.ts';

export interface NetfilterPlan {
  /** Name of the network namespace; empty for the host's own. */
  readonly namespace: string;
  readonly rules: Readonly<Record<Family, Ruleset>>;
  readonly sets: readonly IpSet[];
  /** Values below /proc/sys that the rules depend on, by name (`net.bridge.bridge-nf-call-iptables`). */
  readonly sysctls: Readonly<Record<string, string>>;
}

/** What is in one network namespace. */
export interface ObservedNetfilter {
  readonly rules: Readonly<Record<Family, ObservedRuleset>>;
  readonly sets: ObservedIpSets;
  readonly sysctls: ReadonlyMap<string, string>;
}

/** By namespace. One that is not there has nothing of ours in it. */
export type ObservedNamespaces = ReadonlyMap<string, ObservedNetfilter>;

export type NetfilterStep = {
  readonly namespace: string;
  /** What is in the namespace once the step has been carried out. */
  readonly result: ObservedNetfilter;
} & (
  | { readonly kind: 'sysctls'; readonly values: Readonly<Record<string, string>> }
  /** `ipset restore` */
  | { readonly kind: 'sets'; readonly restore: string }
  /** `iptables-restore --noflush`, `ip6tables-restore --noflush` */
  | { readonly kind: 'rules'; readonly family: Family; readonly restore: string }
);

export const emptyNetfilter: ObservedNetfilter = {
  rules: { 4: new Map(), 6: new Map() },
  sets: new Map(),
  sysctls: new Map(),
};

/** The steps from `actual` to `desired`, in the order in which they must run. */
export function planNetfilter(desired: readonly NetfilterPlan[], actual: ObservedNamespaces): readonly NetfilterStep[] {
  const planned = new Set(desired.map(({ namespace }) => namespace));
  const cleared = [...actual.keys()].filter((namespace) => !planned.has(namespace)).map(nothingIn);
  return [...desired, ...cleared].flatMap((plan) => [
    ...namespaceSteps(plan, actual.get(plan.namespace) ?? emptyNetfilter),
  ]);
}

function nothingIn(namespace: string): NetfilterPlan {
  return { namespace, rules: { 4: emptyRuleset, 6: emptyRuleset }, sets: [], sysctls: {} };
}

function* namespaceSteps(plan: NetfilterPlan, actual: ObservedNetfilter): Generator<NetfilterStep> {
  const { namespace } = plan;
  let result = actual;
  const values = Object.entries(plan.sysctls).filter(([name, value]) => actual.sysctls.get(name) !== value);
  if (values.length > 0) {
    result = { ...result, sysctls: new Map([...result.sysctls, ...values]) };
    yield { kind: 'sysctls', namespace, values: Object.fromEntries(values), result };
  }
  const sets = planIpSets(plan.sets, actual.sets);
  if (sets.fill !== '') {
    result = { ...result, sets: sets.filled };
    yield { kind: 'sets', namespace, restore: sets.fill, result };
  }
  for (const family of [4, 6] as const) {
    const change = planRuleset(plan.rules[family], actual.rules[family]);
    if (change === null) continue;
    result = { ...result, rules: { ...result.rules, [family]: change.result } };
    yield { kind: 'rules', namespace, family, restore: change.restore, result };
  }
  if (sets.destroy !== '') {
    result = { ...result, sets: sets.result };
    yield { kind: 'sets', namespace, restore: sets.destroy, result };
  }
}
