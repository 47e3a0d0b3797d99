// What the DHCP server tells its clients besides their address: dnsmasq's dhcp-optsfile, one option on a line, each
// bound to a subnet's tag or, for extra_dhcp_opts, to a port's.

import { family, isUnspecified, type IpAddress } from '@neutronium/net/ip';
import { prefixLength } from '@neutronium/net/cidr';
import type { NetworkView, PortView, SubnetView } from '@neutronium/model/host-view';
import { isClientId } from './dnsmasq-hosts.ts';
import { hasRouter } from './isolated-metadata.ts';
import { metadataHost } from './metadata-proxy.ts';

interface OptionsOf {
  readonly network: NetworkView;
  readonly subnets: readonly SubnetView[];
  readonly ports: readonly PortView[];
  /** Next hops to the network's own metadata proxy, by the ids of the subnets that use it. */
  readonly metadataHops: ReadonlyMap<string, IpAddress>;
}

/** Classless static routes as Windows XP and Server 2003 ask for them; the option of RFC 3442 is 121. */
const microsoftClasslessStaticRoute = '249';

/** dnsmasq's dhcp-optsfile. */
export function renderOptions(given: OptionsOf): string {
  const lines: string[] = [];
  for (const subnet of given.subnets) {
    // A client of a SLAAC subnet does not ask a DHCP server for anything.
    if (!subnet.enable_dhcp || subnet.ipv6_address_mode === 'slaac') continue;
    lines.push(...subnetOptions(subnet, given));
  }
  for (const port of given.ports) lines.push(...portOptions(port));
  return lines.map((line) => `${line}\n`).join('');
}

function subnetOptions(subnet: SubnetView, given: OptionsOf): readonly string[] {
  const option = (name: string, values: readonly string[]) =>
    renderOption({ version: subnet.ip_version, tag: `subnet-${subnet.id}`, name, values });
  const lines: string[] = [];
  const servers = nameServers(subnet, given.ports);
  if (servers !== null) lines.push(option('dns-server', servers));
  if (subnet.ip_version === 6) {
    if (given.network.dns_domain !== '') lines.push(option('domain-search', [given.network.dns_domain]));
    return lines;
  }
  const gateway = gatewayOf(subnet);
  const routes = classlessRoutes(subnet, gateway, given);
  if (routes.length > 0) {
    lines.push(option('classless-static-route', routes), option(microsoftClasslessStaticRoute, routes));
  }
  // Without a value the option is not sent; without the line dnsmasq would name itself as the router.
  lines.push(option('router', gateway === null ? [] : [gateway]));
  return lines;
}

/** What the subnet's clients ask for names: null leaves it to dnsmasq, which then names itself; none announces none. */
function nameServers(subnet: SubnetView, ports: readonly PortView[]): readonly string[] | null {
  if (subnet.dns_nameservers.length > 0) {
    const own = subnet.dns_nameservers.filter((server) => family(server) === subnet.ip_version);
    // 0.0.0.0 or :: is how a user says "none" (Networking API, dns_nameservers).
    return own.length > 0 && own.every(isUnspecified) ? [] : own.map(literal);
  }
  const servers = ports
    .filter((port) => port.device_owner === 'network:dhcp')
    .flatMap((port) => port.fixed_ips)
    .filter((fixedIp) => fixedIp.subnet_id === subnet.id)
    .map((fixedIp) => literal(fixedIp.ip_address));
  return servers.length > 1 ? servers.toSorted() : null;
}

/** An address as options carry it: IPv6 in brackets. */
function literal(address: IpAddress): string {
  return family(address) === 6 ? `[${address}]` : address;
}

/** The subnet's gateway, or the next hop of its own default route where it has none. */
function gatewayOf(subnet: SubnetView): IpAddress | null {
  return (
    subnet.gateway_ip ?? subnet.host_routes.find((route) => prefixLength(route.destination) === 0)?.nexthop ?? null
  );
}

/**
 * Routes of an IPv4 subnet's clients as `destination,next hop` pairs. A client that reads them ignores the router
 * option (RFC 3442), so the default route is among them as soon as there are any.
 */
function classlessRoutes(
  subnet: SubnetView,
  gateway: IpAddress | null,
  { subnets, ports, metadataHops }: OptionsOf,
): readonly string[] {
  const neighbours = subnets.filter((other) => other.ip_version === 4 && other.cidr !== subnet.cidr);
  const routes = [
    ...neighbours.map((other) => `${other.cidr},0.0.0.0`),
    ...subnet.host_routes
      .filter((route) => prefixLength(route.destination) > 0)
      .map((route) => `${route.destination},${route.nexthop}`),
  ];
  // Without a proxy of the network or a router, which answers for it too, there is nobody to send the client to.
  const metadataHop = metadataHops.get(subnet.id) ?? (hasRouter(subnet, ports) ? gateway : null);
  if (metadataHop !== null) routes.push(`${metadataHost},${metadataHop}`);
  if (routes.length > 0 && gateway !== null) routes.push(`0.0.0.0/0,${gateway}`);
  return routes;
}

function portOptions(port: PortView): readonly string[] {
  const versions = new Set(port.fixed_ips.map((fixedIp) => family(fixedIp.ip_address)));
  return port.extra_dhcp_opts
    .filter((option) => !isClientId(option.opt_name) && versions.has(option.ip_version))
    .map((option) =>
      renderOption({
        version: option.ip_version,
        tag: `port-${port.id}`,
        name: option.opt_name,
        values: [option.opt_value],
      }),
    );
}

interface DhcpOption {
  readonly version: 4 | 6;
  readonly tag: string;
  /** A name or number, after `tag:<another tag>,` where the user wants that tag to be set as well. */
  readonly name: string;
  readonly values: readonly string[];
}

/** One line. Users write names and values; a line break in one would begin an option of somebody else. */
function renderOption({ version, tag, name, values }: DhcpOption): string {
  const [line = ''] = name.split(/[\r\n]/, 1);
  const [, userTag = '', option = ''] = /^(tag:.*,)?(.*)$/.exec(line) ?? [];
  const qualified = version === 6 ? `option6:${option}` : /^[0-9]+$/.test(option) ? option : `option:${option}`;
  const lines = values.map((value) => value.split(/[\r\n]/, 1)[0] ?? '');
  return [`tag:${tag}`, ...(userTag === '' ? [] : [userTag.slice(0, -1)]), qualified, ...lines].join(',');
}
