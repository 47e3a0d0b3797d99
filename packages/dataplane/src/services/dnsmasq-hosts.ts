// Who gets which address and which name: dnsmasq's dhcp-hostsfile and addn-hosts.

import type { IpAddress } from '@neutronium/net/ip';
import type { Mac } from '@neutronium/net/mac';
import type { DnsAssignment, NetworkView, PortView, SubnetView } from '@neutronium/model/host-view';
import type { DhcpPlan } from '../host-plan.ts';

/** One or more addresses of one port in one subnet, and how the port comes to them. */
export interface AddressedHost {
  readonly port: PortView;
  readonly subnet: SubnetView;
  /** Several only where one line can lease several: stateful DHCPv6. */
  readonly addresses: readonly [IpAddress, ...IpAddress[]];
  readonly name: HostName;
}

interface HostName {
  readonly hostname: string;
  readonly fqdn: string;
}

/** Ports whose addresses nobody asks a DHCP server for. Router interfaces stay: their names can be looked up. */
const withoutDhcp: ReadonlySet<string> = new Set([
  'network:dhcp',
  'network:floatingip',
  'network:router_ha_interface',
  'network:distributed',
]);

/** The hosts of a network, port by port. */
export function addressedHosts(given: {
  readonly network: NetworkView;
  readonly subnets: readonly SubnetView[];
  readonly ports: readonly PortView[];
}): readonly AddressedHost[] {
  const subnets = new Map(given.subnets.map((subnet) => [subnet.id, subnet]));
  const hosts: AddressedHost[] = [];
  for (const port of given.ports) {
    if (!withoutDhcp.has(port.device_owner)) hosts.push(...hostsOfPort(port, subnets, given.network.dns_domain));
  }
  return hosts;
}

function hostsOfPort(
  port: PortView,
  subnets: ReadonlyMap<string, SubnetView>,
  domain: string,
): readonly AddressedHost[] {
  const hosts: AddressedHost[] = [];
  for (const { subnet_id, ip_address } of port.fixed_ips) {
    const subnet = subnets.get(subnet_id);
    if (subnet === undefined) continue;
    const sibling = hosts.findIndex((host) => host.subnet === subnet);
    const known = hosts[sibling];
    if (known !== undefined && subnet.ipv6_address_mode === 'dhcpv6-stateful') {
      hosts[sibling] = { ...known, addresses: [...known.addresses, ip_address] };
    } else {
      hosts.push({ port, subnet, addresses: [ip_address], name: nameOf(port, ip_address, domain) });
    }
  }
  // dnsmasq reads its hosts from the end and would take a line without an address, which stateless DHCPv6 has, for the
  // port's only one: such lines come first.
  return hosts.toSorted((a, b) => Number(isStateless(b)) - Number(isStateless(a)));
}

function isStateless({ subnet }: AddressedHost): boolean {
  return subnet.ipv6_address_mode === 'dhcpv6-stateless';
}

function nameOf(port: PortView, address: IpAddress, domain: string): HostName {
  const assigned = port.dns_assignment.find((assignment: DnsAssignment) => assignment.ip_address === address);
  if (assigned !== undefined) return { hostname: assigned.hostname, fqdn: assigned.fqdn };
  const hostname = `host-${address.replaceAll(/[.:]/g, '-')}`;
  return { hostname, fqdn: domain === '' ? hostname : `${hostname}.${domain}` };
}

/** dnsmasq's dhcp-hostsfile. */
export function renderHosts(hosts: readonly AddressedHost[]): string {
  return hosts
    .map(hostLine)
    .filter((line) => line !== null)
    .map((line) => `${line}\n`)
    .join('');
}

/** The line of one host; null for one that leases nothing and is told nothing. */
function hostLine(host: AddressedHost): string | null {
  const { port, subnet } = host;
  // dnsmasq puts the tag dhcpv6 on what comes by DHCPv6, so that such a line answers nothing else.
  const start = subnet.ip_version === 6 ? `${port.mac_address},tag:dhcpv6` : port.mac_address;
  const portTag = `set:port-${port.id}`;
  if (isStateless(host)) return port.extra_dhcp_opts.length === 0 ? null : `${start},${portTag}`;
  if (!isLeased(host)) return null;
  const clientId = clientIdOf(port);
  const options = port.extra_dhcp_opts.filter((option) => !isClientId(option.opt_name));
  return [
    start,
    ...(clientId === undefined ? [] : [`id:${clientId}`]),
    host.name.fqdn,
    ...host.addresses.map((address) => (subnet.ip_version === 6 ? `[${address}]` : address)),
    ...(options.length === 0 ? [] : [portTag]),
  ].join(',');
}

function isLeased({ subnet }: AddressedHost): boolean {
  const configuresItself = subnet.ipv6_address_mode === 'slaac' || subnet.ipv6_address_mode === 'dhcpv6-stateless';
  return subnet.enable_dhcp && !configuresItself;
}

function clientIdOf(port: PortView): string | undefined {
  return port.extra_dhcp_opts.find((option) => isClientId(option.opt_name))?.opt_value.split('\n', 1)[0];
}

/** Option 61 (RFC 2132 section 9.14) is not sent to the client: it is how the client is recognised. */
export function isClientId(optionName: string): boolean {
  return optionName === 'client-id' || optionName === '61';
}

/** dnsmasq's addn-hosts: the names of all addresses, whether or not this server leases them. */
export function renderAddnHosts(hosts: readonly AddressedHost[]): string {
  // The full name comes first, for it is what a reverse look-up answers.
  return hosts
    .flatMap(({ addresses, name }) => addresses.map((address) => `${address}\t${name.fqdn} ${name.hostname}\n`))
    .join('');
}

/** Every address that the hosts can lease. */
export function reservationsOf(hosts: readonly AddressedHost[]): DhcpPlan['reservations'] {
  return hosts.filter(isLeased).flatMap(({ port, addresses }) => addresses.map((ip) => reservation(port, ip)));
}

function reservation(
  port: PortView,
  ip: IpAddress,
): { readonly mac: Mac; readonly ip: IpAddress; readonly portId: string } {
  return { mac: port.mac_address, ip, portId: port.id };
}
