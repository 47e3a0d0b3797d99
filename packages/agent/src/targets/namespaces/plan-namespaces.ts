// From the namespaces that there are to those that there should be. Pure.

import type { LinkPlan, NamespacePlan } from '@neutronium/dataplane/host-plan';
import { plannedLink } from './state.ts';
import type { LinkState, NamespaceState, NamespaceStates, NamespaceStep } from './state.ts';

/** The steps from `actual` to `desired`. Namespaces that are neither planned nor ours are left alone. */
export function planNamespaces(desired: readonly NamespacePlan[], actual: NamespaceStates): readonly NamespaceStep[] {
  const planned = new Set(desired.map((plan) => plan.name));
  const steps = desired.flatMap((plan) => [...stepsOf(plan, actual.get(plan.name))]);
  for (const { name, ours } of actual.values()) {
    if (ours && !planned.has(name)) steps.push({ kind: 'remove', namespace: name });
  }
  return steps;
}

/** True for the steps that take things away for good; they wait until the switch has let go of the devices. */
export function isRemoval(step: NamespaceStep): boolean {
  return step.kind === 'remove';
}

function* stepsOf(plan: NamespacePlan, actual: NamespaceState | undefined): Generator<NamespaceStep> {
  const namespace = plan.name;
  if (actual === undefined) yield { kind: 'create', namespace };
  else if (!actual.ours) yield { kind: 'adopt', namespace };

  // Before the links: what a link does when it comes up depends on them.
  const values = Object.entries(plan.sysctls).filter(([key, value]) => actual?.sysctls.get(key) !== value);
  if (values.length > 0) yield { kind: 'sysctls', namespace, values: Object.fromEntries(values) };

  const planned = new Set(plan.links.map((link) => link.device));
  for (const device of actual?.links.keys() ?? []) {
    if (!planned.has(device)) yield { kind: 'removeLink', namespace, device };
  }
  for (const link of plan.links) yield* linkSteps(namespace, link, actual?.links.get(link.device));
}

function* linkSteps(namespace: string, link: LinkPlan, found: LinkState | undefined): Generator<NamespaceStep> {
  let actual = found;
  if (actual !== undefined && actual.hostDevice !== link.hostDevice) {
    yield { kind: 'removeLink', namespace, device: link.device };
    actual = undefined;
  }
  const planned = plannedLink(link);
  if (actual === undefined) yield { kind: 'addLink', namespace, link };
  else if (!sameSettings(planned, actual)) yield { kind: 'setLink', namespace, link };

  const removeAddresses = missingFrom(planned.addresses, actual?.addresses ?? []);
  const removeRoutes = missingFrom(planned.routes, actual?.routes ?? []);
  const settled =
    removeAddresses.length === 0 &&
    removeRoutes.length === 0 &&
    missingFrom(actual?.addresses ?? [], planned.addresses).length === 0 &&
    missingFrom(actual?.routes ?? [], planned.routes).length === 0;
  if (!settled) yield { kind: 'configure', namespace, link, removeAddresses, removeRoutes };
}

function sameSettings(planned: LinkState, actual: LinkState): boolean {
  return (
    planned.mac === actual.mac &&
    planned.mtu === actual.mtu &&
    planned.hostMtu === actual.hostMtu &&
    planned.up === actual.up &&
    planned.checksumOffload === actual.checksumOffload
  );
}

/** Those of `these` that are not among `those`. */
function missingFrom(those: readonly string[], these: readonly string[]): readonly string[] {
  return these.filter((item) => !those.includes(item));
}
