// What filters and translates packets in the namespace of a router: the rules of all its concerns, in an order in which
// each chain reads as Neutron's L3 agent has it.

import type { NetfilterPlan } from '../netfilter/plan-netfilter.ts';
import { joinRulesets } from '../netfilter/ruleset.ts';
import { addressScopeRules } from './address-scopes.ts';
import { type PlacedRule, routerRuleset } from './chains.ts';
import { conntrackHelperRules } from './conntrack-helpers.ts';
import { choiceRules } from './gateway-choice.ts';
import type { HostedRouter } from './hosted-router.ts';
import { haNetworkRules } from './ha-network.ts';
import { meteringRuleset } from './metering.ts';
import { metadataMarks, metadataRules } from './metadata-redirect.ts';
import { natRules } from './nat.ts';
import { ndpProxyRules } from './ndp-proxies.ts';
import { portForwardingRules } from './port-forwardings.ts';

const known = new WeakMap<HostedRouter, NetfilterPlan>();

/** The same object for as long as the router is. */
export function routerNetfilter(router: HostedRouter): NetfilterPlan {
  let plan = known.get(router);
  if (plan === undefined) {
    plan = {
      namespace: router.namespace,
      rules: {
        4: joinRulesets(routerRuleset(router.view.id, [...ipv4Rules(router)]), meteringRuleset(router, 4)),
        6: joinRulesets(routerRuleset(router.view.id, [...ipv6Rules(router)]), meteringRuleset(router, 6)),
      },
      sets: [],
      sysctls: {},
    };
    known.set(router, plan);
  }
  return plan;
}

function* ipv4Rules(router: HostedRouter): Generator<PlacedRule> {
  yield* haNetworkRules(router);
  yield* conntrackHelperRules(router, 4);
  yield* metadataRules(router, 4);
  yield* portForwardingRules(router);
  yield* natRules(router);
  yield* addressScopeRules(router, 4);
  yield* choiceRules(router, 4);
  yield* metadataMarks(router, 4);
}

function* ipv6Rules(router: HostedRouter): Generator<PlacedRule> {
  yield* haNetworkRules(router);
  yield* conntrackHelperRules(router, 6);
  yield* ndpProxyRules(router);
  yield* metadataRules(router, 6);
  yield* addressScopeRules(router, 6);
  yield* choiceRules(router, 6);
  yield* metadataMarks(router, 6);
}
