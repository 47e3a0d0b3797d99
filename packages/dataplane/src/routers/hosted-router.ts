// A router that this host carries, with all that the view says of it in one place: what the files beside this one make
// devices, chains and services of.

import type {
  ConntrackHelperView,
  FloatingIpView,
  HostView,
  MeteringLabelView,
  NdpProxyView,
  NetworkView,
  PortForwardingView,
  PortView,
  RouterView,
  SubnetView,
} from '@neutronium/model/host-view';
import { family, type IpAddress } from '@neutronium/net/ip';
import type { Inventory } from '../host-plan.ts';
import {
  agentGatewayName,
  centreInterfaceName,
  centreNamespaceName,
  haPortName,
  routerGatewayName,
  routerInterfaceName,
  routerNamespaceName,
} from '../plan/device-names.ts';
import { linkLocalPairs, type LinkLocalPair } from './link-local.ts';
import { entrancesOf, jointName, neighborsOf, outletsOf, type LocalPart } from './local-part.ts';

export interface HostedRouter {
  readonly view: RouterView;
  readonly namespace: string;
  /**
   * Set for the part of a distributed router that every host of its networks has: its ways out are then the pairs to
   * the external networks on which the host itself is reached, which it leaves untranslated but for floating IPs.
   */
  readonly local: LocalPart | null;
  /** Its ways out, in the order of the view. */
  readonly gateways: readonly GatewayPort[];
  /** Its ports in networks behind it, in the order of the view. */
  readonly interfaces: readonly RouterPort[];
  /** In the order of their ids, as all that follows. Only those that stand for an address or have port forwardings, and
   * that are of a network that the router is reached by. */
  readonly floatingIps: readonly FloatingIpView[];
  readonly portForwardings: readonly PortForwarding[];
  readonly conntrackHelpers: readonly ConntrackHelperView[];
  readonly ndpProxies: readonly NdpProxyView[];
  /** Those of its project, and those that are shared. */
  readonly meteringLabels: readonly MeteringLabelView[];
  /** Null for what this host alone has, which its part of a distributed router is. */
  readonly ha: SharedRouter | null;
  /** Whether it forwards here: a host that stands by has everything but the addresses. */
  readonly isActive: boolean;
}

/** What this host must know to settle with others which of them has the router. */
export interface SharedRouter {
  readonly port: RouterPort;
  readonly vrId: number;
  readonly priority: number;
}

export interface RouterPort {
  readonly port: PortView;
  readonly network: NetworkView;
  /** Its name in the namespace, and on br-int. */
  readonly device: string;
  /** In the order of the port's fixed IPs. */
  readonly addresses: readonly RouterAddress[];
}

export interface RouterAddress {
  readonly ip: IpAddress;
  readonly subnet: SubnetView;
}

export interface GatewayPort extends RouterPort {
  readonly enableSnat: boolean;
  /** The subnets of its network in which it has no address: they are on the same wire. */
  readonly otherSubnets: readonly SubnetView[];
}

/** A port forwarding with the address that it is of. */
export interface PortForwarding {
  readonly view: PortForwardingView;
  readonly floatingIp: IpAddress;
}

/**
 * The routers that have ports on this host and are up, in the order of their ids; of a distributed one the host's part,
 * then the centre where it is here. While nothing of a router changes, it is the same object in one plan after another,
 * so that what is made of it need be made only once.
 */
export function hostedRouters(view: HostView, inventory: HostFacts): readonly HostedRouter[] {
  if (view.routers.size === 0) return [];
  const routers = inOrder(view.routers.values()).filter((router) => router.admin_state_up);
  const parts: Attachments = {
    floatingIps: byRouter(view.floating_ips),
    portForwardings: byRouter(view.port_forwardings),
    conntrackHelpers: byRouter(view.conntrack_helpers),
    ndpProxies: byRouter(view.ndp_proxies),
    meteringLabels: inOrder(view.metering_labels.values()),
    subnets: subnetsByNetwork(view),
    ports: routers.some((router) => router.distributed)
      ? grouped(inOrder(view.ports.values()), ({ network_id: networkId }) => networkId)
      : new Map(),
    pairs: linkLocalPairs(
      routers
        .filter((router) => router.distributed)
        .flatMap((router) => [...view.agent_gateways.keys()].map((networkId) => jointName(router.id, networkId))),
    ),
  };
  const given = { inventory, parts };
  return routers.flatMap((router) => {
    if (!router.distributed) {
      const whole = hostedRouter(router, view, given);
      return whole === null ? [] : [settled(whole, 0)];
    }
    const [local, centre] = [localPart(router, view, given), centrePart(router, view, given)];
    return [
      ...(local.interfaces.length === 0 ? [] : [settled(local, 0)]),
      ...(centre === null || (centre.gateways.length === 0 && centre.ha === null) ? [] : [settled(centre, 1)]),
    ];
  });
}

/** What a host knows of itself that its routers depend on. */
export type HostFacts = Pick<Inventory, 'host' | 'haStates'>;

interface Attachments {
  readonly floatingIps: ReadonlyMap<string, readonly FloatingIpView[]>;
  readonly portForwardings: ReadonlyMap<string, readonly PortForwardingView[]>;
  readonly conntrackHelpers: ReadonlyMap<string, readonly ConntrackHelperView[]>;
  readonly ndpProxies: ReadonlyMap<string, readonly NdpProxyView[]>;
  /** Of all projects. */
  readonly meteringLabels: readonly MeteringLabelView[];
  /** By network, in the order of their ids. */
  readonly subnets: ReadonlyMap<string, readonly SubnetView[]>;
  /** By network, in the order of their ids; only where a router needs its neighbours. */
  readonly ports: ReadonlyMap<string, readonly PortView[]>;
  /** By `jointName`. */
  readonly pairs: ReadonlyMap<string, LinkLocalPair>;
}

interface Given {
  readonly inventory: HostFacts;
  readonly parts: Attachments;
}

/** The router as a whole; null where the host cannot tell how it shares it. */
function hostedRouter(router: RouterView, view: HostView, given: Given): HostedRouter | null {
  const namespace = routerNamespaceName(router.id);
  const interfaces = interfacesOf(view, given, { ids: router.interface_ports, nameOf: routerInterfaceName });
  const whole = withAttachments(router, view, given, { interfaces, floatingIps: 'all' });
  return whole === null ? null : { ...whole, namespace };
}

/**
 * The centre of a distributed router: it is on the networks behind it by ports of its own. Null where the host cannot tell
 * how it shares it.
 */
function centrePart(router: RouterView, view: HostView, given: Given): HostedRouter | null {
  const namespace = centreNamespaceName(router.id);
  const interfaces = interfacesOf(view, given, { ids: router.snat_ports, nameOf: centreInterfaceName });
  const centre = withAttachments(router, view, given, { interfaces, floatingIps: 'elsewhere' });
  return centre === null ? null : { ...centre, namespace };
}

/** The part of a distributed router that the host has for its own instances. */
function localPart(router: RouterView, view: HostView, given: Given): HostedRouter {
  const {
    parts,
    inventory: { host },
  } = given;
  const interfaces = interfacesOf(view, given, { ids: router.interface_ports, nameOf: routerInterfaceName });
  const local = (parts.floatingIps.get(router.id) ?? []).filter((each) => isReachedHere(view, host, each));
  const reached = new Map(
    [...Map.groupBy(local, ({ floating_network_id: id }) => id)].flatMap(([networkId, floatingIps]) => {
      const portId = view.agent_gateways.get(networkId)?.port_id;
      const gateway = portId === undefined ? null : routerPort(view, host, portId, agentGatewayName);
      return gateway === null ? [] : [[networkId, { gateway, floatingIps }]];
    }),
  );
  const entrances = entrancesOf(router.id, reached, parts.pairs);
  return {
    view: router,
    namespace: routerNamespaceName(router.id),
    local: {
      outlets: outletsOf(
        interfaces,
        router.snat_ports.flatMap((id) => view.ports.get(id) ?? []),
      ),
      entrances,
      neighbors: neighborsOf(interfaces, (networkId) => parts.ports.get(networkId) ?? []),
    },
    gateways: entrances.map(({ gateway, devices }) => ({
      ...gateway,
      device: devices.router,
      enableSnat: false,
      otherSubnets: [],
    })),
    interfaces,
    floatingIps: entrances.flatMap((entrance) => entrance.floatingIps),
    portForwardings: [],
    conntrackHelpers: parts.conntrackHelpers.get(router.id) ?? [],
    ndpProxies: [],
    meteringLabels: labelsOf(router, parts),
    ha: null,
    isActive: true,
  };
}

/** Whether the floating IP, which is of a distributed router, is reached on the host itself, and not by the centre. */
export function isReachedHere(view: HostView, host: string, { port_id, floating_network_id }: FloatingIpView): boolean {
  if (port_id === null || view.ports.get(port_id)?.host !== host) return false;
  return view.agent_gateways.has(floating_network_id);
}

/** A port of the host with what belongs to it; null where it is not of this host. */
function routerPort(view: HostView, host: string, id: string, nameOf: (portId: string) => string): RouterPort | null {
  const port = view.ports.get(id);
  const network = port === undefined ? undefined : view.networks.get(port.network_id);
  if (port === undefined || network === undefined || port.host !== host) return null;
  const addresses = port.fixed_ips.flatMap(({ ip_address: ip, subnet_id }): readonly RouterAddress[] => {
    const subnet = view.subnets.get(subnet_id);
    return subnet === undefined ? [] : [{ ip, subnet }];
  });
  return { port, network, device: nameOf(port.id), addresses };
}

function interfacesOf(
  view: HostView,
  { inventory: { host } }: Given,
  { ids, nameOf }: { readonly ids: readonly string[]; readonly nameOf: (portId: string) => string },
): readonly RouterPort[] {
  return ids.flatMap((id) => routerPort(view, host, id, nameOf) ?? []).filter(({ port }) => port.admin_state_up);
}

function withAttachments(
  router: RouterView,
  view: HostView,
  { inventory: { host, haStates }, parts }: Given,
  {
    interfaces,
    floatingIps: which,
  }: {
    readonly interfaces: readonly RouterPort[];
    readonly floatingIps: 'all' | 'elsewhere';
  },
): Omit<HostedRouter, 'namespace'> | null {
  const haPort = router.ha === null ? null : routerPort(view, host, router.ha.port_id, haPortName);
  // Without it, this host would take itself for the only one.
  if (router.ha !== null && haPort === null) return null;
  const gateways = router.gateways.flatMap(({ port_id, enable_snat: enableSnat }): readonly GatewayPort[] => {
    const found = routerPort(view, host, port_id, routerGatewayName);
    return found === null ? [] : [{ ...found, enableSnat, otherSubnets: otherSubnets(found, parts) }];
  });
  const reached = (parts.floatingIps.get(router.id) ?? []).filter(
    (each) =>
      entranceOf({ gateways, interfaces }, each) !== undefined && (which === 'all' || !isReachedHere(view, host, each)),
  );
  const floatingIps = new Map(reached.map((each) => [each.id, each]));
  const portForwardings = (parts.portForwardings.get(router.id) ?? []).flatMap((each): readonly PortForwarding[] => {
    const floatingIp = floatingIps.get(each.floatingip_id);
    return floatingIp === undefined ? [] : [{ view: each, floatingIp: floatingIp.floating_ip_address }];
  });
  const forwarded = new Set(portForwardings.map((each) => each.view.floatingip_id));
  return {
    view: router,
    local: null,
    gateways,
    interfaces,
    floatingIps: [...floatingIps.values()].filter((each) => each.fixed_ip_address !== null || forwarded.has(each.id)),
    portForwardings,
    conntrackHelpers: parts.conntrackHelpers.get(router.id) ?? [],
    ndpProxies: parts.ndpProxies.get(router.id) ?? [],
    meteringLabels: labelsOf(router, parts),
    ha:
      router.ha === null || haPort === null
        ? null
        : { port: haPort, vrId: router.ha.vr_id, priority: router.ha.priority },
    isActive: router.ha === null || haStates.get(router.id) === 'active',
  };
}

/**
 * The port by which a floating IP is reached: of several gateways on its network the first, or an interface in that
 * network (router-interface-fip).
 */
export function entranceOf(
  { gateways, interfaces }: Pick<HostedRouter, 'gateways' | 'interfaces'>,
  { floating_network_id: networkId }: Pick<FloatingIpView, 'floating_network_id'>,
): RouterPort | undefined {
  const isThere = ({ network }: RouterPort): boolean => network.id === networkId;
  return (
    gateways.find(isThere) ??
    interfaces.find((port) => isThere(port) && port.addresses.some(({ ip }) => family(ip) === 4))
  );
}

function labelsOf({ project_id: project }: RouterView, { meteringLabels }: Attachments): readonly MeteringLabelView[] {
  return meteringLabels.filter((label) => label.shared || label.project_id === project);
}

function otherSubnets({ network, addresses }: RouterPort, { subnets }: Attachments): readonly SubnetView[] {
  const own = new Set(addresses.map(({ subnet }) => subnet.id));
  return (subnets.get(network.id) ?? []).filter(({ id }) => !own.has(id));
}

interface Known {
  readonly parts: readonly unknown[];
  readonly router: HostedRouter;
}

const known = [new WeakMap<RouterView, Known>(), new WeakMap<RouterView, Known>()] as const;

/**
 * The router of before, where it is made of the same objects. Objects of a view are replaced, never changed. `part` tells
 * two parts of one router apart.
 */
function settled(router: HostedRouter, part: 0 | 1): HostedRouter {
  const parts = partsOf(router);
  const before = known[part].get(router.view);
  if (before?.parts.length === parts.length && before.parts.every((part, index) => part === parts[index])) {
    return before.router;
  }
  known[part].set(router.view, { parts, router });
  return router;
}

/** What a router is made of, in one row. Texts stand between the lists, so that no part is taken for one of another. */
function partsOf({ gateways, interfaces, floatingIps, ha, ...more }: HostedRouter): readonly unknown[] {
  const ports = [...gateways, ...interfaces, ...(ha === null ? [] : [ha.port])].flatMap(
    ({ port, network, addresses }) => [port, network, ...addresses.map(({ subnet }) => subnet)],
  );
  return [
    gateways.length,
    more.isActive,
    ...ports,
    ...gateways.flatMap(({ otherSubnets: others }) => ['subnets', ...others]),
    'floating IPs',
    ...floatingIps,
    'port forwardings',
    ...more.portForwardings.flatMap(({ view, floatingIp }) => [view, floatingIp]),
    'helpers',
    ...more.conntrackHelpers,
    'proxies',
    ...more.ndpProxies,
    'labels',
    ...more.meteringLabels,
    ...(more.local === null ? [] : localParts(more.local)),
  ];
}

function localParts({ outlets, entrances, neighbors }: LocalPart): readonly unknown[] {
  return [
    'local',
    ...outlets.flatMap(({ device, from, via }) => [device, from, via]),
    'entrances',
    ...entrances.flatMap(({ gateway, devices, pair, floatingIps }) => [
      gateway.port,
      devices.router,
      pair.near.address,
      ...gateway.addresses.map(({ subnet }) => subnet),
      ...floatingIps,
    ]),
    ...[...neighbors].flatMap(([device, known]) => [device, ...known.flatMap(({ ip, mac }) => [ip, mac])]),
  ];
}

function byRouter<T extends { readonly id: string; readonly router_id: string }>(
  objects: ReadonlyMap<string, T>,
): ReadonlyMap<string, readonly T[]> {
  return grouped(inOrder(objects.values()), ({ router_id: routerId }) => routerId);
}

/** Of networks that routers lead to; views without routers are not looked through. */
function subnetsByNetwork(view: HostView): ReadonlyMap<string, readonly SubnetView[]> {
  return grouped(inOrder(view.subnets.values()), ({ network_id: networkId }) => networkId);
}

function grouped<T>(objects: readonly T[], keyOf: (object: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const object of objects) {
    const group = groups.get(keyOf(object));
    if (group === undefined) groups.set(keyOf(object), [object]);
    else group.push(object);
  }
  return groups;
}

function inOrder<T extends { readonly id: string }>(objects: Iterable<T>): readonly T[] {
  return [...objects].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
