// Counting what comes in by a router's ways out and leaves by them, in chains with the names that Neutron's metering
// agent gives them: for each label one chain of its rules, and one that the packets pass which are counted. The latter
// never changes, so whatever happens to the rules, what has been counted is kept for as long as the namespace.

import type { HostView, MeteringLabelView, MeteringRuleView, RouterView } from '@neutronium/model/host-view';
import type { Family } from '@neutronium/net/ip';
import { destination, isOfFamily, source } from '../netfilter/conditions.ts';
import { back, goTo, jump, type Rule } from '../netfilter/rule.ts';
import { emptyRuleset, type Chain, type Ruleset } from '../netfilter/ruleset.ts';
import { type HostedRouter, hostedRouters, type HostFacts } from './hosted-router.ts';

const top = 'neutron-meter-FORWARD';

/** The chain of a label whose one rule counts; 28 characters are what a name may have. */
export function countingChain(labelId: string): string {
  return `neutron-meter-l-${labelId}`.slice(0, 28);
}

function rulesChain(labelId: string): string {
  return `neutron-meter-r-${labelId}`.slice(0, 28);
}

/** Nothing for a router without labels or without a way out. */
export function meteringRuleset({ view, gateways, meteringLabels }: HostedRouter, version: Family): Ruleset {
  if (meteringLabels.length === 0 || gateways.length === 0) return emptyRuleset;
  const devices = gateways.map(({ device }) => device);
  const labels = meteringLabels.toSorted((a, b) => (rulesChain(a.id) < rulesChain(b.id) ? -1 : 1));
  const chain = (name: string, rules: readonly Rule[]): Chain => ({ table: 'filter', name, rules });
  return {
    chains: [
      chain(
        top,
        labels.map(({ id }) => ({ match: [], to: jump(rulesChain(id)), of: id, why: 'to what the label counts' })),
      ),
      ...labels.map(({ id }) =>
        chain(countingChain(id), [{ match: [], to: back, of: id, why: 'what the label has counted' }]),
      ),
      ...labels.map((label) => chain(rulesChain(label.id), labelRules(label, { devices, version }))),
    ],
    hooks: [
      {
        table: 'filter',
        chain: 'FORWARD',
        // What the router's own chains drop does not get here.
        position: 'last',
        rule: { match: [], to: jump(top), of: view.id, why: 'what is forwarded is counted' },
      },
    ],
  };
}

/** What is left out stands before what is counted; a packet is counted once, however many rules it matches. */
function labelRules(
  { id, rules }: MeteringLabelView,
  { devices, version }: { readonly devices: readonly string[]; readonly version: Family },
): readonly Rule[] {
  const ours = rules.filter((rule) => isOf(rule, version));
  return [...ours.filter(({ excluded }) => excluded), ...ours.filter(({ excluded }) => !excluded)].flatMap((rule) =>
    devices.map((device) => ({
      match: [
        ...(rule.source === null ? [] : source(rule.source)),
        ...(rule.destination === null ? [] : destination(rule.destination)),
        ...(rule.direction === 'ingress' ? ['-i', device] : ['-o', device]),
      ],
      to: rule.excluded ? back : goTo(countingChain(id)),
      of: rule.id,
      why: rule.excluded ? 'is not counted' : 'is counted',
    })),
  );
}

/** A rule of which the two ends are of different families matches nothing. */
function isOf({ source: from, destination: to }: MeteringRuleView, version: Family): boolean {
  return [from, to].every((prefix) => prefix === null || isOfFamily(prefix, version));
}

/** What a label counts in one namespace of a router. */
export interface MeteredPlace {
  readonly namespace: string;
  readonly router: RouterView;
  readonly label: MeteringLabelView;
}

/** Where labels count on the host, in the order of the routers and of the labels' ids. */
export function meteredPlaces(view: HostView, host: HostFacts): readonly MeteredPlace[] {
  if (view.metering_labels.size === 0) return [];
  return hostedRouters(view, host)
    .filter(({ gateways }) => gateways.length > 0)
    .flatMap(({ namespace, view: router, meteringLabels }) =>
      meteringLabels.map((label) => ({ namespace, router, label })),
    );
}
