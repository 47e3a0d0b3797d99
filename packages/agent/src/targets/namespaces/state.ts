// A network namespace as it stands on the host, in the terms of a NamespacePlan, and the steps that change it. The
// steps are known by what they do to the state (`afterStep`), so that the agent need not look again after its own work.

import { createHash } from 'node:crypto';
import type { LinkPlan, NeighborPlan, RoutePlan, RoutingRulePlan } from '@neutronium/dataplane/host-plan';

export interface LinkState {
  /** The other end in the host's namespace; null when it is elsewhere or the link is not one of a veth pair. */
  readonly hostDevice: string | null;
  /** The other end in another namespace of ours, see `jointText`; null when it is not there. */
  readonly joint: string | null;
  readonly mac: string;
  readonly mtu: number;
  readonly hostMtu: number;
  /** Both ends are up. */
  readonly up: boolean;
  /** Left on, frames reach the userspace datapath of Open vSwitch with checksums that nobody has filled in. */
  readonly checksumOffload: boolean;
  /** With prefix length, in order of text. Link-local addresses that the kernel makes by itself are left out. */
  readonly addresses: readonly string[];
  /** As `routeText` writes them, in order of text. The kernel's own are left out. */
  readonly routes: readonly string[];
  /** Addresses that it answers the questions of neighbours for, in order of text. */
  readonly neighborProxies: readonly string[];
  /** What is known of neighbours for good, as `neighborText` writes it, in order of text. */
  readonly neighbors: readonly string[];
  /** Those of its addresses, and of those that it answers for, that neighbours have been told of. */
  readonly announced: readonly string[];
  /** The mark on the device that says so, see `announcementMark`. */
  readonly mark: string;
}

export interface NamespaceState {
  readonly name: string;
  /** It carries our mark: only then may it be removed. */
  readonly ours: boolean;
  readonly links: ReadonlyMap<string, LinkState>;
  readonly sysctls: ReadonlyMap<string, string>;
  /** As `ruleText` writes them, in order of text. The kernel's own are left out. */
  readonly rules: readonly string[];
}

export type NamespaceStates = ReadonlyMap<string, NamespaceState>;

export type NamespaceStep =
  | { readonly kind: 'create'; readonly namespace: string }
  /** Marks a namespace of a planned name, left by an agent that died between making and marking it. */
  | { readonly kind: 'adopt'; readonly namespace: string }
  | { readonly kind: 'sysctls'; readonly namespace: string; readonly values: Readonly<Record<string, string>> }
  | {
      readonly kind: 'rules';
      readonly namespace: string;
      readonly remove: readonly string[];
      readonly add: readonly string[];
    }
  /** Where the device is one of a pair between namespaces, the other end goes with it. */
  | {
      readonly kind: 'removeLink';
      readonly namespace: string;
      readonly device: string;
      readonly joint: { readonly namespace: string; readonly device: string } | null;
    }
  | { readonly kind: 'addLink'; readonly namespace: string; readonly link: LinkPlan }
  /** Makes a pair between two namespaces, whatever there was of it before. */
  | {
      readonly kind: 'join';
      readonly namespace: string;
      readonly link: LinkPlan;
      readonly other: { readonly namespace: string; readonly link: LinkPlan };
    }
  /** MAC, MTU, up and offloads of both ends. */
  | { readonly kind: 'setLink'; readonly namespace: string; readonly link: LinkPlan }
  /** Takes routes, addresses, proxies and neighbours from a device that stays. */
  | {
      readonly kind: 'withdraw';
      readonly namespace: string;
      readonly link: LinkPlan;
      readonly addresses: readonly string[];
      readonly routes: readonly string[];
      readonly neighborProxies: readonly string[];
      readonly neighbors: readonly string[];
    }
  /** Gives a device the addresses, routes, proxies and neighbours that it lacks. */
  | {
      readonly kind: 'configure';
      readonly namespace: string;
      readonly link: LinkPlan;
      readonly addresses: readonly string[];
      readonly routes: readonly RoutePlan[];
      readonly neighborProxies: readonly string[];
      readonly neighbors: readonly string[];
    }
  /** Tells neighbours of addresses. */
  | {
      readonly kind: 'announce';
      readonly namespace: string;
      readonly link: LinkPlan;
      readonly addresses: readonly string[];
    }
  | { readonly kind: 'remove'; readonly namespace: string };

/** A route in the words of ip-route(8), without its device. */
export function routeText(route: RoutePlan): string {
  const table = route.table === undefined ? '' : ` table ${route.table}`;
  return `${route.destination}${route.via === null ? '' : ` via ${route.via} onlink`}${table}`;
}

/** A rule in the words of ip-rule(8), after the option that names its family. */
export function ruleText({
  family,
  priority,
  from,
  fwmark,
  iif,
  table,
  suppressPrefixLength,
}: RoutingRulePlan): string {
  return [
    `-${family} rule priority ${priority}`,
    ...(from === undefined ? [] : [`from ${from}`]),
    ...(fwmark === undefined ? [] : [`fwmark ${fwmark}`]),
    ...(iif === undefined ? [] : [`iif ${iif}`]),
    `lookup ${table}`,
    ...(suppressPrefixLength === undefined ? [] : [`suppress_prefixlength ${suppressPrefixLength}`]),
  ].join(' ');
}

/** A neighbour in the words of ip-neighbour(8), without the device. */
export function neighborText({ ip, mac }: NeighborPlan): string {
  return `${ip} lladdr ${mac}`;
}

/** The alias of one end of a pair between two namespaces: a fresh agent must know where the other end is. */
export function jointText({ namespace, device }: { readonly namespace: string; readonly device: string }): string {
  return `${jointMark}${namespace} ${device}`;
}

export const jointMark = 'joins ';

/** Where the other end is, by what `jointText` says. */
export function parseJoint(text: string): { readonly namespace: string; readonly device: string } | null {
  const [namespace, device] = text.startsWith(jointMark) ? text.slice(jointMark.length).split(' ') : [];
  return namespace === undefined || device === undefined ? null : { namespace, device };
}

/** The addresses of a device that neighbours are told of: its own, and those of IPv4 that it answers for. */
export function announcedAddresses({ addresses, neighborProxies }: LinkPlan): readonly string[] {
  return [...addresses, ...neighborProxies.filter((address) => !address.includes(':'))];
}

/**
 * What a device of whose addresses neighbours have been told bears as its alias, so that a fresh agent knows. It
 * depends on the MAC address too, which is the other half of what they were told.
 */
export function announcementMark(mac: string, addresses: readonly string[]): string {
  const digest = createHash('sha256')
    .update([mac, ...addresses.toSorted()].join(' '))
    .digest('hex');
  return `announced ${digest.slice(0, 16)}`;
}

/** The link exactly as planned. */
export function plannedLink(link: LinkPlan): LinkState {
  const announced = link.announce ? announcedAddresses(link) : [];
  return {
    hostDevice: link.hostDevice,
    joint: link.joint === undefined ? null : jointText(link.joint),
    mac: link.mac,
    mtu: link.mtu,
    hostMtu: link.joint === undefined ? link.mtu : 0,
    up: true,
    checksumOffload: false,
    addresses: link.addresses.toSorted(),
    routes: link.routes.map(routeText).toSorted(),
    neighborProxies: link.neighborProxies.toSorted(),
    neighbors: (link.neighbors ?? []).map(neighborText).toSorted(),
    announced: announced.toSorted(),
    mark: link.announce ? announcementMark(link.mac, announced) : '',
  };
}

/** A planned link that has just been made. */
export function newLink(link: LinkPlan): LinkState {
  return {
    ...plannedLink(link),
    addresses: [],
    routes: [],
    neighborProxies: [],
    neighbors: [],
    announced: [],
    mark: '',
  };
}

/** Whether removing `addresses` from those that a device has may take others of its addresses and routes along. */
export function removalSpreads(addresses: readonly string[], present: readonly string[]): boolean {
  // The kernel drops the other addresses of an IPv4 prefix with the first, and all routes with the last address.
  return addresses.length > 0 && (addresses.length === present.length || !addresses.every(isHostAddress));
}

function isHostAddress(address: string): boolean {
  return address.endsWith('/32') || address.endsWith('/128');
}

/** The states after `step` has been carried out. */
export function afterStep(states: NamespaceStates, step: NamespaceStep): NamespaceStates {
  const next = new Map(states);
  const before = states.get(step.namespace) ?? emptyNamespace(step.namespace);
  const withLink = (device: string, link: LinkState | undefined): NamespaceState => {
    const links = new Map(before.links);
    if (link === undefined) links.delete(device);
    else links.set(device, link);
    return { ...before, links };
  };
  switch (step.kind) {
    case 'create':
    case 'adopt':
      return next.set(step.namespace, { ...before, ours: true });
    case 'sysctls': {
      const sysctls = new Map([...before.sysctls, ...Object.entries(step.values)]);
      return next.set(step.namespace, { ...before, sysctls });
    }
    case 'rules': {
      const rules = [...without(before.rules, step.remove), ...step.add].toSorted();
      return next.set(step.namespace, { ...before, rules });
    }
    case 'removeLink': {
      next.set(step.namespace, {
        ...withLink(step.device, undefined),
        sysctls: sysctlsWithout(before, step.device),
      });
      return step.joint === null ? next : withoutLink(next, step.joint);
    }
    case 'join': {
      for (const { namespace, link } of [step, step.other]) {
        const there = withoutLink(next, { namespace, device: link.device }).get(namespace) ?? emptyNamespace(namespace);
        next.set(namespace, { ...there, links: new Map(there.links).set(link.device, newLink(link)) });
      }
      return next;
    }
    case 'addLink': {
      const { device } = step.link;
      return next.set(step.namespace, {
        ...withLink(device, newLink(step.link)),
        sysctls: sysctlsWithout(before, device),
      });
    }
    case 'setLink': {
      const known = before.links.get(step.link.device) ?? newLink(step.link);
      const { addresses, routes, neighborProxies, mark } = known;
      const isSame = known.mac === step.link.mac;
      // With another MAC address the kernel forgets its neighbours.
      const [announced, neighbors] = isSame ? [known.announced, known.neighbors] : [[], []];
      return next.set(
        step.namespace,
        withLink(step.link.device, {
          ...plannedLink(step.link),
          addresses,
          routes,
          neighborProxies,
          neighbors,
          announced,
          mark,
        }),
      );
    }
    case 'withdraw': {
      const known = before.links.get(step.link.device) ?? newLink(step.link);
      const spreads = removalSpreads(step.addresses, known.addresses);
      const remaining = (all: readonly string[], gone: readonly string[]): readonly string[] =>
        spreads ? [] : without(all, gone);
      return next.set(
        step.namespace,
        withLink(step.link.device, {
          ...known,
          addresses: remaining(known.addresses, step.addresses),
          routes: remaining(known.routes, step.routes),
          neighborProxies: without(known.neighborProxies, step.neighborProxies),
          neighbors: without(known.neighbors, step.neighbors),
          announced: without(known.announced, [...step.addresses, ...step.neighborProxies]),
        }),
      );
    }
    case 'configure': {
      const known = before.links.get(step.link.device) ?? newLink(step.link);
      const { addresses, routes, neighborProxies, neighbors } = plannedLink(step.link);
      return next.set(
        step.namespace,
        withLink(step.link.device, { ...known, addresses, routes, neighborProxies, neighbors }),
      );
    }
    case 'announce': {
      const known = before.links.get(step.link.device) ?? newLink(step.link);
      const { announced, mark } = plannedLink(step.link);
      return next.set(step.namespace, withLink(step.link.device, { ...known, announced, mark }));
    }
    case 'remove':
      next.delete(step.namespace);
      return next;
  }
}

function withoutLink(
  states: Map<string, NamespaceState>,
  { namespace, device }: { readonly namespace: string; readonly device: string },
): Map<string, NamespaceState> {
  const before = states.get(namespace);
  if (before === undefined) return states;
  const links = new Map(before.links);
  links.delete(device);
  return states.set(namespace, { ...before, links, sysctls: sysctlsWithout(before, device) });
}

/** Settings of a device go with it. */
function sysctlsWithout({ sysctls }: NamespaceState, device: string): ReadonlyMap<string, string> {
  return new Map([...sysctls].filter(([key]) => !key.includes(`.${device}.`)));
}

/** Those of `all` that are not among `others`. */
export function without(all: readonly string[], others: readonly string[]): readonly string[] {
  const excluded = new Set(others);
  return all.filter((item) => !excluded.has(item));
}

function emptyNamespace(name: string): NamespaceState {
  return { name, ours: true, links: new Map(), sysctls: new Map(), rules: [] };
}
