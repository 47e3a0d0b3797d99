// From the namespaces that there are to those that there should be. Pure.

import type { LinkPlan, NamespacePlan } from '@neutronium/dataplane/host-plan';
import {
  announcedAddresses,
  newLink,
  parseJoint,
  plannedLink,
  removalSpreads,
  routeText,
  ruleText,
  without,
} from './state.ts';
import type { LinkState, NamespaceState, NamespaceStates, NamespaceStep } from './state.ts';

/** The steps from `actual` to `desired`. Namespaces that are neither planned nor ours are left alone. */
export function planNamespaces(desired: readonly NamespacePlan[], actual: NamespaceStates): readonly NamespaceStep[] {
  const planned = new Map(desired.map((plan) => [plan.name, plan]));
  const prepared = desired.map((plan) => preparation(plan, actual.get(plan.name)));
  const joins = desired.flatMap((plan) => [...joinSteps(plan, planned, actual)]);
  const made = new Set(
    joins.flatMap(({ namespace, link, other }) => [
      endName(namespace, link.device),
      endName(other.namespace, other.link.device),
    ]),
  );
  const removals = [...actual.values()].flatMap(({ name, ours }): readonly NamespaceStep[] =>
    ours && !planned.has(name) ? [{ kind: 'remove', namespace: name }] : [],
  );
  return [
    ...withoutOtherEnds(prepared.flatMap(({ steps }) => steps)),
    ...joins,
    ...prepared.flatMap(({ plan, kept }) => [...settling(plan, withMade(plan, kept, made), actual.get(plan.name))]),
    ...desired.flatMap((plan) => turns(plan, actual.get(plan.name))),
    ...removals,
  ];
}

/** True for the steps that take things away for good; they wait until the switch has let go of the devices. */
export function isRemoval(step: NamespaceStep): boolean {
  return step.kind === 'remove';
}

/**
 * True for the steps that turn packets to another way than they have gone until now; they wait until all of that way is
 * there, its devices wired and its translation in force.
 */
export function isTurn(step: NamespaceStep): boolean {
  return step.kind === 'rules' && step.add.length > 0;
}

/** True for the steps that speak to neighbours; they wait until the devices are wired. */
export function isAnnouncement(step: NamespaceStep): boolean {
  return step.kind === 'announce';
}

interface Preparation {
  readonly plan: NamespacePlan;
  readonly steps: readonly NamespaceStep[];
  /** The links that stay. */
  readonly kept: ReadonlyMap<string, LinkState>;
}

/** The namespace itself, without the links that it must not have. */
function preparation(plan: NamespacePlan, actual: NamespaceState | undefined): Preparation {
  const namespace = plan.name;
  const steps: NamespaceStep[] = [];
  if (actual === undefined) steps.push({ kind: 'create', namespace });
  else if (!actual.ours) steps.push({ kind: 'adopt', namespace });

  // Before the links: what a link does when it comes up depends on them.
  steps.push(...sysctlSteps(namespace, plan.sysctls, actual?.sysctls));

  const remove = without(actual?.rules ?? [], plan.rules?.map(ruleText) ?? []);
  if (remove.length > 0) steps.push({ kind: 'rules', namespace, remove, add: [] });

  // A device that has lost its other end is of no use.
  const links = new Map(plan.links.map((link) => [link.device, link]));
  const kept = new Map<string, LinkState>();
  for (const [device, state] of actual?.links ?? []) {
    const link = links.get(device);
    const isSame =
      link !== undefined && plannedLink(link).joint === state.joint && link.hostDevice === state.hostDevice;
    if (isSame) kept.set(device, state);
    // What is joined otherwise goes when it is joined anew.
    else if (link?.joint === undefined) {
      steps.push({ kind: 'removeLink', namespace, device, joint: parseJoint(state.joint ?? '') });
    }
  }
  return { plan, steps, kept };
}

/** With one end of a pair goes the other, which need not be removed any more. */
function withoutOtherEnds(steps: readonly NamespaceStep[]): readonly NamespaceStep[] {
  const gone = new Set<string>();
  return steps.filter((step) => {
    if (step.kind !== 'removeLink') return true;
    if (gone.has(endName(step.namespace, step.device))) return false;
    if (step.joint !== null) gone.add(endName(step.joint.namespace, step.joint.device));
    return true;
  });
}

/** Each pair between two namespaces that is not there as planned, once: it is the business of the first by name. */
function* joinSteps(
  { name: namespace, links }: NamespacePlan,
  planned: ReadonlyMap<string, NamespacePlan>,
  actual: NamespaceStates,
): Generator<Extract<NamespaceStep, { kind: 'join' }>> {
  for (const link of links) {
    const { joint } = link;
    if (joint === undefined || joint.namespace < namespace) continue;
    const other = planned.get(joint.namespace)?.links.find(({ device }) => device === joint.device);
    if (other === undefined) continue;
    const isThere = [
      { namespace, link },
      { namespace: joint.namespace, link: other },
    ].every((end) => {
      const state = actual.get(end.namespace)?.links.get(end.link.device);
      return state !== undefined && state.joint === plannedLink(end.link).joint;
    });
    if (!isThere) yield { kind: 'join', namespace, link, other: { namespace: joint.namespace, link: other } };
  }
}

function withMade(
  plan: NamespacePlan,
  kept: ReadonlyMap<string, LinkState>,
  made: ReadonlySet<string>,
): ReadonlyMap<string, LinkState> {
  const links = new Map(kept);
  for (const link of plan.links) if (made.has(endName(plan.name, link.device))) links.set(link.device, newLink(link));
  return links;
}

function turns(
  { name: namespace, rules = [] }: NamespacePlan,
  actual: NamespaceState | undefined,
): readonly NamespaceStep[] {
  const add = without(rules.map(ruleText), actual?.rules ?? []);
  return add.length === 0 ? [] : [{ kind: 'rules', namespace, remove: [], add }];
}

function endName(namespace: string, device: string): string {
  return `${namespace} ${device}`;
}

function* settling(
  plan: NamespacePlan,
  links: ReadonlyMap<string, LinkState>,
  actual: NamespaceState | undefined,
): Generator<NamespaceStep> {
  const namespace = plan.name;
  for (const link of plan.links) yield* withdrawal(namespace, link, links.get(link.device));
  for (const link of plan.links) {
    // A pair whose other end is not planned waits for it.
    if (link.joint !== undefined && !links.has(link.device)) continue;
    yield* linkSteps(namespace, link, links.get(link.device), actual?.sysctls);
  }
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
  const neighbors = without(actual.neighbors, planned.neighbors);
  if (addresses.length + routes.length + neighborProxies.length + neighbors.length > 0) {
    yield { kind: 'withdraw', namespace, link, addresses, routes, neighborProxies, neighbors };
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
  // With another MAC address the kernel forgets its neighbours.
  const knows = actual !== undefined && actual.mac === link.mac ? actual.neighbors : [];
  const neighbors = without(planned.neighbors, knows);
  if (addresses.length + routes.length + neighborProxies.length + neighbors.length > 0) {
    yield { kind: 'configure', namespace, link, addresses, routes, neighborProxies, neighbors };
  }

  if (!link.announce || (actual !== undefined && actual.mark === planned.mark && !anew)) return;
  const told = actual !== undefined && actual.mac === link.mac ? without(actual.announced, withdrawn) : [];
  yield { kind: 'announce', namespace, link, addresses: without(announcedAddresses(link), told) };
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
