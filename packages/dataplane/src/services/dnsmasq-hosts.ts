// Who gets which address and which name: dnsmasq's dhcp-hostsfile and addn-hosts.

import type { IpAddress } from '@neutronium/net/ip';
import type { DnsAssignment, NetworkView, PortView, SubnetView } from '@neutronium/model/host-view';
import type { DhcpPlan } from '../host-plan.ts';

/** What dnsmasq's files say of one port. */
export interface PortEntries {
  /** Lines of the dhcp-hostsfile. */
  readonly hosts: readonly string[];
  /** Lines of addn-hosts. */
  readonly names: readonly string[];
  /** Every address that the port can lease. */
  readonly reservations: DhcpPlan['reservations'];
}

/** One or more addresses of one port in one subnet, and how the port comes to them. */
interface AddressedHost {
  readonly port: PortView;
  readonly subnet: SubnetView;
  /** Several only where one line can lease several: stateful DHCPv6. */
  readonly addresses: readonly [NamedAddress, ...NamedAddress[]];
}

interface NamedAddress {
  readonly ip: IpAddress;
  readonly hostname: string;
  readonly fqdn: string;
  /** In the domain that the port has of its own, or of its network. */
  readonly furtherFqdn: string | undefined;
}

/** Ports whose addresses nobody asks a DHCP server for. Router interfaces stay: their names can be looked up. */
const withoutDhcp: ReadonlySet<string> = new Set([
  'network:dhcp',
  'network:floatingip',
  'network:router_ha_interface',
  'network:distributed',
]);

/** The entries of a network, port by port. */
export function portEntries(given: {
  readonly network: NetworkView;
  readonly subnets: readonly SubnetView[];
  readonly ports: readonly PortView[];
}): readonly PortEntries[] {
  const subnets = new Map(given.subnets.map((subnet) => [subnet.id, subnet]));
  return given.ports
    .filter((port) => !withoutDhcp.has(port.device_owner))
    .map((port) => entriesOf(port, subnets, given.network.dns_domain));
}

interface Remembered {
  readonly domain: string;
  /** Those of the port's fixed IPs, in their order. */
  readonly subnets: readonly (SubnetView | undefined)[];
  readonly entries: PortEntries;
}

// Views share what did not change, so a port's entries are made once for as long as it and its subnets stay the same.
const remembered = new WeakMap<PortView, Remembered>();

function entriesOf(port: PortView, subnetsById: ReadonlyMap<string, SubnetView>, domain: string): PortEntries {
  const known = remembered.get(port);
  const subnets = port.fixed_ips.map(({ subnet_id }) => subnetsById.get(subnet_id));
  if (known?.domain === domain && known.subnets.every((subnet, index) => subnet === subnets[index]))
    return known.entries;
  const hosts = hostsOfPort(port, subnetsById, domain);
  const entries: PortEntries = {
    hosts: [...new Set(hosts.map(hostLine).filter((line) => line !== null))],
    names: hosts.flatMap(nameLines),
    reservations: hosts
      .filter(isLeased)
      .flatMap(({ addresses }) => addresses.map(({ ip }) => ({ mac: port.mac_address, ip, portId: port.id }))),
  };
  remembered.set(port, { domain, subnets, entries });
  return entries;
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
      hosts[sibling] = { ...known, addresses: [...known.addresses, named(port, ip_address, domain)] };
    } else {
      hosts.push({ port, subnet, addresses: [named(port, ip_address, domain)] });
    }
  }
  // dnsmasq reads its hosts from the end and would take a line without an address, which stateless DHCPv6 has, for the
  // port's only one: such lines come first.
  return hosts.toSorted((a, b) => Number(isStateless(b)) - Number(isStateless(a)));
}

function isStateless({ subnet }: AddressedHost): boolean {
  return subnet.ipv6_address_mode === 'dhcpv6-stateless';
}

function named(port: PortView, ip: IpAddress, domain: string): NamedAddress {
  const assigned = port.dns_assignment.find((assignment: DnsAssignment) => assignment.ip_address === ip);
  if (assigned !== undefined) {
    const { hostname, fqdn } = assigned;
    return {
      ip,
      hostname,
      fqdn,
      furtherFqdn: port.dns_zone === undefined ? undefined : `${hostname}.${port.dns_zone}`,
    };
  }
  const hostname = `host-${ip.replaceAll(/[.:]/g, '-')}`;
  return { ip, hostname, fqdn: domain === '' ? hostname : `${hostname}.${domain}`, furtherFqdn: undefined };
}

/** The line of one host; null for one that leases nothing and is told nothing. */
function hostLine(host: AddressedHost): string | null {
  const { port, subnet, addresses } = host;
  // dnsmasq puts the tag dhcpv6 on what comes by DHCPv6, so that such a line answers nothing else.
  const start = subnet.ip_version === 6 ? `${port.mac_address},tag:dhcpv6` : port.mac_address;
  const portTag = hasOptions(host) ? [`set:port-${port.id}`] : [];
  if (isStateless(host)) return portTag.length === 0 ? null : [start, ...portTag].join(',');
  if (!isLeased(host)) return null;
  const clientId = clientIdOf(host);
  return [
    start,
    ...(clientId === undefined ? [] : [`id:${clientId}`]),
    addresses[0].fqdn,
    ...addresses.map(({ ip }) => (subnet.ip_version === 6 ? `[${ip}]` : ip)),
    ...portTag,
  ].join(',');
}

function hasOptions({ port, subnet }: AddressedHost): boolean {
  return port.extra_dhcp_opts.some((option) => option.ip_version === subnet.ip_version && !isClientId(option.opt_name));
}

function isLeased({ subnet }: AddressedHost): boolean {
  const configuresItself = subnet.ipv6_address_mode === 'slaac' || subnet.ipv6_address_mode === 'dhcpv6-stateless';
  return subnet.enable_dhcp && !configuresItself;
}

/** The id that the user gave; a comma or line break in it would begin another setting. */
function clientIdOf({ port, subnet }: AddressedHost): string | undefined {
  return port.extra_dhcp_opts
    .find((option) => option.ip_version === subnet.ip_version && isClientId(option.opt_name))
    ?.opt_value.split(/[,\r\n]/, 1)[0];
}

/** Option 61 (RFC 2132 section 9.14) is not sent to the client: it is how the client is recognised. */
export function isClientId(optionName: string): boolean {
  return optionName === 'client-id' || optionName === '61';
}

/** The names of all addresses, whether or not this server leases them. */
function nameLines({ addresses }: AddressedHost): readonly string[] {
  // The full name comes first, for it is what a reverse look-up answers.
  return addresses.map(({ ip, fqdn, hostname, furtherFqdn }) => {
    const names = furtherFqdn === undefined || furtherFqdn === fqdn ? [fqdn] : [fqdn, furtherFqdn];
    return `${ip}\t${[...names, hostname].join(' ')}`;
  });
}
