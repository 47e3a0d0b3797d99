// The DHCP and DNS server of a network: dnsmasq's command line. Its files are in dnsmasq-hosts.ts and
// dnsmasq-options.ts. File names, tags and options are those of Neutron's DHCP agent.

import { addressCount, netmask, networkAddress, prefixLength } from '@neutronium/net/cidr';
import type { IpAddress } from '@neutronium/net/ip';
import type { NetworkView, PortView, SubnetView } from '@neutronium/model/host-view';
import type { DhcpPlan } from '../host-plan.ts';
import { portEntries } from './dnsmasq-hosts.ts';
import { renderOptions } from './dnsmasq-options.ts';

export interface DnsmasqNetwork {
  readonly network: NetworkView;
  /** All subnets of the network, in the order in which the files shall name them. */
  readonly subnets: readonly SubnetView[];
  /** All ports of the network, in that order too. */
  readonly ports: readonly PortView[];
  /** Next hops to the network's own metadata proxy, by the ids of the IPv4 subnets that use it. */
  readonly metadataHops: ReadonlyMap<string, IpAddress>;
  readonly namespace: string;
  readonly device: string;
  /** Absolute folder of the server's files. */
  readonly directory: string;
}

/** Neutron's dhcp_lease_duration. */
export const leaseSeconds = 86_400;
/** Neutron's dnsmasq_lease_max: what bounds the server's memory when subnets are huge. */
const mostLeases = 2n ** 24n;
/** dnsmasq refuses ranges of shorter IPv6 prefixes. */
const shortestIpv6Prefix = 64;

/**
 * The server of a network with its files, or null when no subnet needs one: addresses of SLAAC subnets come from
 * router advertisements (RFC 4862).
 */
export function dnsmasqPlan(given: DnsmasqNetwork): DhcpPlan | null {
  const { network, subnets, namespace, device, directory } = given;
  const ranges = subnets.filter(hasRange);
  if (ranges.length === 0) return null;
  const entries = portEntries(given);
  return {
    networkId: network.id,
    namespace,
    device,
    directory,
    files: new Map([
      ['host', lines(entries.flatMap((entry) => entry.hosts))],
      ['addn_hosts', lines(entries.flatMap((entry) => entry.names))],
      ['opts', renderOptions(given)],
      ['interface', device],
    ]),
    args: dnsmasqArguments(given, ranges),
    served: ranges.map(({ cidr }) => cidr),
    reservations: entries.flatMap((entry) => entry.reservations),
  };
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('');
}

/** Whether dnsmasq answers requests from the subnet. */
function hasRange(subnet: SubnetView): boolean {
  if (!subnet.enable_dhcp) return false;
  if (subnet.ip_version === 4) return true;
  const mode = subnet.ipv6_address_mode;
  const unmanaged = mode === null && subnet.ipv6_ra_mode === null;
  return (
    (mode === 'dhcpv6-stateful' || mode === 'dhcpv6-stateless' || unmanaged) &&
    prefixLength(subnet.cidr) >= shortestIpv6Prefix
  );
}

function dnsmasqArguments({ network, directory }: DnsmasqNetwork, ranges: readonly SubnetView[]): readonly string[] {
  const addresses = ranges.reduce((sum, subnet) => sum + addressCount(subnet.cidr), 0n);
  return [
    '--no-hosts',
    '--no-resolv',
    `--pid-file=${directory}/pid`,
    `--dhcp-hostsfile=${directory}/host`,
    `--addn-hosts=${directory}/addn_hosts`,
    `--dhcp-optsfile=${directory}/opts`,
    `--dhcp-leasefile=${directory}/leases`,
    '--dhcp-match=set:ipxe,175',
    '--dhcp-userclass=set:ipxe6,iPXE',
    '--local-service',
    '--bind-dynamic',
    ...ranges.map(rangeArgument),
    ...(network.mtu > 0 ? [`--dhcp-option-force=option:mtu,${network.mtu}`] : []),
    `--dhcp-lease-max=${addresses < mostLeases ? addresses : mostLeases}`,
    '--conf-file=/dev/null',
    ...(network.dns_domain === '' ? [] : [`--domain=${network.dns_domain}`]),
  ];
}

/** `static`: only those that the hosts file names get an address. */
function rangeArgument({ id, cidr, ip_version: version }: SubnetView): string {
  const size = version === 4 ? netmask(cidr) : prefixLength(cidr);
  return `--dhcp-range=set:subnet-${id},${networkAddress(cidr)},static,${size},${leaseSeconds}s`;
}
