// A router that this host carries, with all that the view says of it in one place: what the files beside this one make
// devices, chains and services of.

import type {
  ConntrackHelperView,
  FloatingIpView,
  HostView,
  NdpProxyView,
  NetworkView,
  PortForwardingView,
  PortView,
  RouterView,
  SubnetView,
} from '@neutronium/model/host-view';
import { family, type IpAddress } from '@neutronium/net/ip';
import type { Inventory } from '../host-plan.ts';
import { haPortName, routerGatewayName, routerInterfaceName, routerNamespaceName } from '../plan/device-names.ts';

export interface HostedRouter {
  readonly view: RouterView;
  readonly namespace: string;
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
  /** Null for a router that this host alone has. */
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
 * The routers that have ports on this host and are up, in the order of their ids. While nothing of a router changes,
 * it is the same object in one plan after another, so that what is made of it need be made only once.
 */
export function hostedRouters(view: HostView, inventory: HostFacts): readonly HostedRouter[] {
  if (view.routers.size === 0) return [];
  const parts: Attachments = {
    floatingIps: byRouter(view.floating_ips),
    portForwardings: byRouter(view.port_forwardings),
    conntrackHelpers: byRouter(view.conntrack_helpers),
    ndpProxies: byRouter(view.ndp_proxies),
    subnets: subnetsByNetwork(view),
  };
  return inOrder(view.routers.values())
    .filter((router) => router.admin_state_up)
    .flatMap((router) => hostedRouter(router, view, { inventory, parts }) ?? [])
    .map(settled);
}

/** What a host knows of itself that its routers depend on. */
export type HostFacts = Pick<Inventory, 'host' | 'haStates'>;

interface Attachments {
  readonly floatingIps: ReadonlyMap<string, readonly FloatingIpView[]>;
  readonly portForwardings: ReadonlyMap<string, readonly PortForwardingView[]>;
  readonly conntrackHelpers: ReadonlyMap<string, readonly ConntrackHelperView[]>;
  readonly ndpProxies: ReadonlyMap<string, readonly NdpProxyView[]>;
  /** By network, in the order of their ids. */
  readonly subnets: ReadonlyMap<string, readonly SubnetView[]>;
}

function hostedRouter(
  router: RouterView,
  view: HostView,
  { inventory: { host, haStates }, parts }: { readonly inventory: HostFacts; readonly parts: Attachments },
): HostedRouter | null {
  const portOf = (id: string, nameOf: (portId: string) => string): RouterPort | null => {
    const port = view.ports.get(id);
    const network = port === undefined ? undefined : view.networks.get(port.network_id);
    if (port === undefined || network === undefined || port.host !== host) return null;
    const addresses = port.fixed_ips.flatMap(({ ip_address: ip, subnet_id }): readonly RouterAddress[] => {
      const subnet = view.subnets.get(subnet_id);
      return subnet === undefined ? [] : [{ ip, subnet }];
    });
    return { port, network, device: nameOf(port.id), addresses };
  };
  const haPort = router.ha === null ? null : portOf(router.ha.port_id, haPortName);
  // Without it, this host would take itself for the only one.
  if (router.ha !== null && haPort === null) return null;
  const interfaces = router.interface_ports
    .flatMap((id) => portOf(id, routerInterfaceName) ?? [])
    .filter(({ port }) => port.admin_state_up);
  const gateways = router.gateways.flatMap(({ port_id, enable_snat: enableSnat }): readonly GatewayPort[] => {
    const found = portOf(port_id, routerGatewayName);
    return found === null ? [] : [{ ...found, enableSnat, otherSubnets: otherSubnets(found, parts) }];
  });
  const reached = (parts.floatingIps.get(router.id) ?? []).filter(
    (each) => entranceOf({ gateways, interfaces }, each) !== undefined,
  );
  const floatingIps = new Map(reached.map((each) => [each.id, each]));
  const portForwardings = (parts.portForwardings.get(router.id) ?? []).flatMap((each): readonly PortForwarding[] => {
    const floatingIp = floatingIps.get(each.floatingip_id);
    return floatingIp === undefined ? [] : [{ view: each, floatingIp: floatingIp.floating_ip_address }];
  });
  const forwarded = new Set(portForwardings.map((each) => each.view.floatingip_id));
  return {
    view: router,
    namespace: routerNamespaceName(router.id),
    gateways,
    interfaces,
    floatingIps: [...floatingIps.values()].filter((each) => each.fixed_ip_address !== null || forwarded.has(each.id)),
    portForwardings,
    conntrackHelpers: parts.conntrackHelpers.get(router.id) ?? [],
    ndpProxies: parts.ndpProxies.get(router.id) ?? [],
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

function otherSubnets({ network, addresses }: RouterPort, { subnets }: Attachments): readonly SubnetView[] {
  const own = new Set(addresses.map(({ subnet }) => subnet.id));
  return (subnets.get(network.id) ?? []).filter(({ id }) => !own.has(id));
}

const known = new WeakMap<RouterView, { readonly parts: readonly unknown[]; readonly router: HostedRouter }>();

/** The router of before, where it is made of the same objects. Objects of a view are replaced, never changed. */
function settled(router: HostedRouter): HostedRouter {
  const parts = partsOf(router);
  const before = known.get(router.view);
  if (before?.parts.length === parts.length && before.parts.every((part, index) => part === parts[index])) {
    return before.router;
  }
  known.set(router.view, { parts, router });
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
