// The DHCP service of each network that the host serves: its namespace, its device, and its server.

import { hostCidr, prefixLength, cidrContains } from '@neutronium/net/cidr';
import { compareIp } from '@neutronium/net/ip';
import type { DhcpServiceView, HostView, NetworkView, PortView, SubnetView } from '@neutronium/model/host-view';
import type { DhcpPlan, HostPlan, Inventory, LinkPlan, NamespacePlan, ServicePlan } from '../host-plan.ts';
import { dnsmasqPlan } from '../services/dnsmasq.ts';
import { metadataHops, servesMetadata } from '../services/isolated-metadata.ts';
import { metadataAddress6, metadataHost, metadataService } from '../services/metadata-proxy.ts';
import { dhcpNamespaceName, tapName } from './device-names.ts';

/** The namespaces, servers and metadata proxies of the view's DHCP services, in the order of their networks. */
export function dhcpServices(view: HostView, inventory: Inventory): Pick<HostPlan, 'namespaces' | 'dhcp' | 'services'> {
  const { stateDir, metadataProxies } = inventory;
  const namespaces: NamespacePlan[] = [];
  const dhcp: DhcpPlan[] = [];
  const services: ServicePlan[] = [];
  const served = servedNetworks(view, inventory.host);
  for (const network of served.toSorted((a, b) => (a.network.id < b.network.id ? -1 : 1))) {
    const { id } = network.network;
    const place = { namespace: dhcpNamespaceName(id), device: tapName(network.dhcpPort.id) };
    const answersForMetadata = servesMetadata(network, metadataProxies);
    namespaces.push(dhcpNamespace(network, { answersForMetadata }));
    const server = dnsmasqPlan({
      ...network,
      ...place,
      metadataHops: metadataHops(network, metadataProxies),
      directory: `${stateDir}/dhcp/${id}`,
    });
    if (server !== null) dhcp.push(server);
    if (!answersForMetadata) continue;
    const { namespace, device } = place;
    services.push(metadataService({ namespace, serves: { kind: 'network', id, device }, stateDir }));
  }
  return { namespaces, dhcp, services };
}

interface ServedNetwork {
  readonly network: NetworkView;
  /** The network's subnets, IPv4 first, then by prefix. */
  readonly subnets: readonly SubnetView[];
  /** All ports of the network, by id. */
  readonly ports: readonly PortView[];
  readonly dhcpPort: PortView;
}

function servedNetworks(view: HostView, host: string): readonly ServedNetwork[] {
  if (view.dhcp.size === 0) return [];
  const portsByNetwork = groupByNetwork(view.ports.values(), view.dhcp);
  const subnetsByNetwork = groupByNetwork(view.subnets.values(), view.dhcp);
  const served: ServedNetwork[] = [];
  for (const { id, port_id: portId } of view.dhcp.values()) {
    const [network, dhcpPort] = [view.networks.get(id), view.ports.get(portId)];
    // The port is bound elsewhere for as long as the service moves from one host to another.
    if (network?.admin_state_up !== true || dhcpPort?.host !== host) continue;
    const subnets = (subnetsByNetwork.get(id) ?? []).toSorted(bySubnetOrder);
    if (!subnets.some((subnet) => subnet.enable_dhcp)) continue;
    const ports = (portsByNetwork.get(id) ?? []).toSorted((a, b) => (a.id < b.id ? -1 : 1));
    served.push({ network, subnets, ports, dhcpPort });
  }
  return served;
}

function groupByNetwork<T extends { readonly network_id: string }>(
  objects: Iterable<T>,
  served: ReadonlyMap<string, DhcpServiceView>,
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const object of objects) {
    if (!served.has(object.network_id)) continue;
    const group = groups.get(object.network_id);
    if (group === undefined) groups.set(object.network_id, [object]);
    else group.push(object);
  }
  return groups;
}

function bySubnetOrder(a: SubnetView, b: SubnetView): number {
  return a.ip_version - b.ip_version || (a.cidr < b.cidr ? -1 : a.cidr > b.cidr ? 1 : a.id < b.id ? -1 : 1);
}

function dhcpNamespace(
  served: ServedNetwork,
  { answersForMetadata }: { readonly answersForMetadata: boolean },
): NamespacePlan {
  const link = dhcpLink(served);
  return {
    name: dhcpNamespaceName(served.network.id),
    links: [answersForMetadata ? { ...link, addresses: [...link.addresses, ...metadataAddresses] } : link],
    sysctls: {
      // The device has the addresses that the API gave to its port and no others.
      'net.ipv6.conf.default.accept_ra': '0',
      // The API gave each address once; detection (RFC 4862 section 5.4) would only keep the server silent for a second.
      'net.ipv6.conf.default.accept_dad': '0',
    },
  };
}

/** In IPv6 a prefix as long as that of the link-local addresses of instances, who are neighbours. */
const metadataAddresses = [metadataHost, `${metadataAddress6}/64`];

function dhcpLink({ network, subnets, dhcpPort }: ServedNetwork): LinkPlan {
  const name = tapName(dhcpPort.id);
  const subnetsById = new Map(subnets.map((subnet) => [subnet.id, subnet]));
  const addresses = dhcpPort.fixed_ips
    .toSorted((a, b) => compareIp(a.ip_address, b.ip_address))
    .flatMap(({ subnet_id, ip_address }) => {
      const subnet = subnetsById.get(subnet_id);
      return subnet === undefined ? [] : [`${ip_address}/${prefixLength(subnet.cidr)}`];
    });
  const routes = ([4, 6] as const).flatMap((version) => defaultRoute(subnets, version));
  return {
    device: name,
    hostDevice: name,
    mac: dhcpPort.mac_address,
    mtu: network.mtu,
    addresses,
    routes,
    sysctls: {},
    announce: false,
    neighborProxies: [],
  };
}

/** The way out through the first served subnet that has a gateway; by a route of its own where the gateway is outside. */
function defaultRoute(subnets: readonly SubnetView[], version: 4 | 6): LinkPlan['routes'] {
  const subnet = subnets.find((each) => each.ip_version === version && each.enable_dhcp && each.gateway_ip !== null);
  if (subnet === undefined || subnet.gateway_ip === null) return [];
  const route = { destination: 'default', via: subnet.gateway_ip } as const;
  if (cidrContains(subnet.cidr, subnet.gateway_ip)) return [route];
  return [{ destination: hostCidr(subnet.gateway_ip), via: null }, route];
}
