// A network namespace as it stands on the host, in the terms of a NamespacePlan, and the steps that change it. The
// steps are known by what they do to the state (`afterStep`), so that the agent need not look again after its own work.

import type { LinkPlan } from '@neutronium/dataplane/host-plan';

export interface LinkState {
  /** The other end in the host's namespace; null when it is elsewhere or the link is not one of a veth pair. */
  readonly hostDevice: string | null;
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
}

export interface NamespaceState {
  readonly name: string;
  /** It carries our mark: only then may it be removed. */
  readonly ours: boolean;
  readonly links: ReadonlyMap<string, LinkState>;
  readonly sysctls: ReadonlyMap<string, string>;
}

export type NamespaceStates = ReadonlyMap<string, NamespaceState>;

export type NamespaceStep =
  | { readonly kind: 'create'; readonly namespace: string }
  /** Marks a namespace of a planned name, left by an agent that died between making and marking it. */
  | { readonly kind: 'adopt'; readonly namespace: string }
  | { readonly kind: 'sysctls'; readonly namespace: string; readonly values: Readonly<Record<string, string>> }
  | { readonly kind: 'removeLink'; readonly namespace: string; readonly device: string }
  | { readonly kind: 'addLink'; readonly namespace: string; readonly link: LinkPlan }
  /** MAC, MTU, up and offloads of both ends. */
  | { readonly kind: 'setLink'; readonly namespace: string; readonly link: LinkPlan }
  | {
      readonly kind: 'configure';
      readonly namespace: string;
      readonly link: LinkPlan;
      readonly removeAddresses: readonly string[];
      readonly removeRoutes: readonly string[];
    }
  | { readonly kind: 'remove'; readonly namespace: string };

/** A route in the words of ip-route(8), without its device. */
export function routeText(route: LinkPlan['routes'][number]): string {
  return `${route.destination}${route.via === null ? '' : ` via ${route.via} onlink`}`;
}

/** The link exactly as planned. */
export function plannedLink(link: LinkPlan): LinkState {
  return {
    hostDevice: link.hostDevice,
    mac: link.mac,
    mtu: link.mtu,
    hostMtu: link.mtu,
    up: true,
    checksumOffload: false,
    addresses: link.addresses.toSorted(),
    routes: link.routes.map(routeText).toSorted(),
  };
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
    case 'removeLink':
      return next.set(step.namespace, withLink(step.device, undefined));
    case 'addLink':
      return next.set(
        step.namespace,
        withLink(step.link.device, { ...plannedLink(step.link), addresses: [], routes: [] }),
      );
    case 'setLink': {
      const link = before.links.get(step.link.device);
      const { addresses, routes } = link ?? { addresses: [], routes: [] };
      return next.set(step.namespace, withLink(step.link.device, { ...plannedLink(step.link), addresses, routes }));
    }
    case 'configure': {
      const link = before.links.get(step.link.device) ?? plannedLink(step.link);
      const planned = plannedLink(step.link);
      return next.set(
        step.namespace,
        withLink(step.link.device, { ...link, addresses: planned.addresses, routes: planned.routes }),
      );
    }
    case 'remove':
      next.delete(step.namespace);
      return next;
  }
}

function emptyNamespace(name: string): NamespaceState {
  return { name, ours: true, links: new Map(), sysctls: new Map() };
}
