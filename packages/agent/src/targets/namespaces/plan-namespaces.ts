// From the namespaces that there are to those that there should be. Pure.

import type { LinkPlan, NamespacePlan } from '@neutronium/dataplane/host-plan';
import { plannedLink, removalSpreads, routeText, ruleText, without } from './state.ts';
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

/** True for the steps that speak to neighbours; they wait until the devices are wired. */
export function isAnnouncement(step: NamespaceStep): boolean {
  return step.kind === 'announce';
}

function* stepsOf(plan: NamespacePlan, actual: NamespaceState | undefined): Generator<NamespaceStep> {
  const namespace = plan.name;
  if (actual === undefined) yield { kind: 'create', namespace };
  else if (!actual.ours) yield { kind: 'adopt', namespace };

  // Before the links: what a link does when it comes up depends on them.
  yield* sysctlSteps(namespace, plan.sysctls, actual?.sysctls);

  const rules = plan.rules?.map(ruleText) ?? [];
  const [remove, add] = [without(actual?.rules ?? [], rules), without(rules, actual?.rules ?? [])];
  if (remove.length + add.length > 0) yield { kind: 'rules', namespace, remove, add };

  // A device that has lost its other end is of no use.
  const links = new Map(plan.links.map((link) => [link.device, link]));
  const kept = new Map<string, LinkState>();
  for (const [device, state] of actual?.links ?? []) {
    if (links.get(device)?.hostDevice === state.hostDevice) kept.set(device, state);
    else yield { kind: 'removeLink', namespace, device };
  }
  for (const link of plan.links) yield* withdrawal(namespace, link, kept.get(link.device));
  for (const link of plan.links) yield* linkSteps(namespace, link, kept.get(link.device), actual?.sysctls);
}

function* sysctlSteps(
  namespace: string,
  planned: Readonly<Record<string, string>>,
  actual: ReadonlyMap<string, string> | undefined,
): Generator<NamespaceStep> {
  const values = Object.entries(planned).filter(([key, value]) => actual?.get(key) !== value);
  if (values.length > 0) yield { kind: 'sysctls', namespace, values: Object.fromEntries(values) };
}

/**
 * From all devices before any is given something: an address or a route may go from one to another, and the kernel has
 * one route to a destination.
 */
function* withdrawal(namespace: string, link: LinkPlan, actual: LinkState | undefined): Generator<NamespaceStep> {
  if (actual === undefined) return;
  const planned = plannedLink(link);
  const isShared = link.isShared === true;
  const addresses = isShared ? [] : without(actual.addresses, planned.addresses);
  const routes = isShared ? [] : without(actual.routes, planned.routes);
  const neighborProxies = without(actual.neighborProxies, planned.neighborProxies);
  if (addresses.length + routes.length + neighborProxies.length > 0) {
    yield { kind: 'withdraw', namespace, link, addresses, routes, neighborProxies };
  }
}

function* linkSteps(
  namespace: string,
  link: LinkPlan,
  actual: LinkState | undefined,
  sysctls: ReadonlyMap<string, string> | undefined,
): Generator<NamespaceStep> {
  const planned = plannedLink(link);
  if (actual === undefined) yield { kind: 'addLink', namespace, link };
  else if (!sameSettings(planned, actual)) yield { kind: 'setLink', namespace, link };
  // A device that is made anew has none of the settings of the one before.
  yield* sysctlSteps(namespace, link.sysctls, actual === undefined ? undefined : sysctls);

  const withdrawn = link.isShared === true ? [] : without(actual?.addresses ?? [], planned.addresses);
  const anew = actual === undefined || removalSpreads(withdrawn, actual.addresses);
  // In the order of the plan, in which routes can be added.
  const addresses = anew ? link.addresses : without(link.addresses, actual.addresses);
  const present = new Set(anew ? [] : actual.routes);
  const routes = link.routes.filter((route) => !present.has(routeText(route)));
  const neighborProxies = without(link.neighborProxies, actual?.neighborProxies ?? []);
  if (addresses.length + routes.length + neighborProxies.length > 0) {
    yield { kind: 'configure', namespace, link, addresses, routes, neighborProxies };
  }

  if (!link.announce || (actual !== undefined && actual.mark === planned.mark && !anew)) return;
  const told = actual !== undefined && actual.mac === link.mac ? without(actual.announced, withdrawn) : [];
  yield { kind: 'announce', namespace, link, addresses: without(link.addresses, told) };
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
