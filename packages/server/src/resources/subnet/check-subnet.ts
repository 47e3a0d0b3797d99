// What a subnet may look like, whoever asks and whatever else exists: the rules that its own attributes obey together.

import { cidrFamily, networkAddress, prefixLength, type Cidr } from '@neutronium/net/cidr';
import { family, isLoopback, isMulticastIp, isUnspecified, type IpAddress } from '@neutronium/net/ip';
import { DNSNameServersExhausted, HostRoutesExhausted, InvalidInput } from '@neutronium/model/errors';
import type { SubnetRecord } from '@neutronium/model/resources/subnet';
import { isAutoAddressSubnet } from '#ipam/auto-address';
import { mayBeGateway } from './gateway.ts';

/** What is checked of a subnet, whether it is there already or still asked for. */
export type SubnetAttributes = Pick<
  SubnetRecord,
  | 'ip_version'
  | 'cidr'
  | 'gateway_ip'
  | 'enable_dhcp'
  | 'dns_nameservers'
  | 'host_routes'
  | 'ipv6_ra_mode'
  | 'ipv6_address_mode'
>;

export interface SubnetLimits {
  readonly max_dns_nameservers: number;
  readonly max_subnet_host_routes: number;
}

/** Who the subnet is, in messages about its limits. */
export interface SubnetName {
  readonly id: string;
}

/** Throws the first thing that is wrong with a new subnet. */
export function checkNewSubnet(subnet: SubnetAttributes, limits: SubnetLimits): void {
  checkFamily(subnet, 'cidr', subnet.cidr);
  if (subnet.enable_dhcp) checkDhcp(subnet.cidr);
  checkGateway(subnet);
  checkServers(subnet, limits, { id: 'new subnet' });
  checkIpv6Modes(subnet);
}

/** Throws the first thing that a change makes wrong; `changes` names what the request changes. */
export function checkChangedSubnet(
  before: SubnetAttributes & SubnetName,
  changes: Partial<SubnetAttributes>,
  limits: SubnetLimits,
): void {
  const after = { ...before, ...changes };
  if (after.enable_dhcp && !before.enable_dhcp) checkDhcp(after.cidr);
  checkGateway(after);
  checkServers(after, limits, before);
  if (changes.enable_dhcp === false && (before.ipv6_ra_mode ?? before.ipv6_address_mode) !== null) {
    throw invalid('Cannot disable enable_dhcp with ipv6 attributes set');
  }
}

/** Throws when an address of a request is not of the subnet's family. */
export function checkFamily(
  { ip_version }: Pick<SubnetAttributes, 'ip_version'>,
  attribute: string,
  address: IpAddress | Cidr,
): void {
  const version = address.includes(':') ? 6 : 4;
  if (version !== ip_version) throw invalid(`${attribute} '${address}' does not match the ip_version '${ip_version}'`);
}

/** What a DHCP server cannot serve: it needs an address of its own beside the gateway's. */
function checkDhcp(cidr: Cidr): void {
  const longest = cidrFamily(cidr) === 4 ? 30 : 126;
  const network = networkAddress(cidr);
  if (prefixLength(cidr) > longest) {
    throw invalid('Subnet has a prefix length that is incompatible with DHCP service enabled');
  }
  if (isMulticastIp(network)) throw invalid('Multicast IP subnet is not supported if enable_dhcp is True');
  if (isLoopback(network)) {
    throw invalid('Loopback IP subnet is not supported if enable_dhcp is True');
  }
  if (family(network) === 4 && isUnspecified(network)) {
    throw invalid("First IP '0.0.0.0' of network is not supported if enable_dhcp is True.");
  }
}

/** A gateway may be elsewhere, reached over the link; inside an IPv4 subnet it is a host like others. */
function checkGateway(subnet: SubnetAttributes): void {
  const { cidr, gateway_ip } = subnet;
  if (gateway_ip === null) return;
  checkFamily(subnet, 'gateway_ip', gateway_ip);
  if (!mayBeGateway(cidr, gateway_ip)) throw invalid('Gateway is not valid on subnet');
}

function checkServers(subnet: SubnetAttributes, limits: SubnetLimits, { id }: SubnetName): void {
  const { dns_nameservers, host_routes } = subnet;
  if (dns_nameservers.length > limits.max_dns_nameservers) {
    throw new DNSNameServersExhausted({ subnet_id: id, quota: limits.max_dns_nameservers });
  }
  for (const server of dns_nameservers) checkFamily(subnet, 'dns_nameserver', server);
  if (host_routes.length > limits.max_subnet_host_routes) {
    throw new HostRoutesExhausted({ subnet_id: id, quota: limits.max_subnet_host_routes });
  }
  for (const { destination, nexthop } of host_routes) {
    checkFamily(subnet, 'nexthop', nexthop);
    checkFamily(subnet, 'destination', destination);
  }
}

function checkIpv6Modes(subnet: SubnetAttributes): void {
  const { ip_version, ipv6_ra_mode, ipv6_address_mode, enable_dhcp, cidr } = subnet;
  if (ip_version === 4) {
    if (ipv6_ra_mode !== null) throw invalid('ipv6_ra_mode is not valid when ip_version is 4');
    if (ipv6_address_mode !== null) throw invalid('ipv6_address_mode is not valid when ip_version is 4');
    return;
  }
  if ((ipv6_ra_mode ?? ipv6_address_mode) !== null && !enable_dhcp) {
    throw invalid('ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is set to False');
  }
  if (ipv6_ra_mode !== null && ipv6_address_mode !== null && ipv6_ra_mode !== ipv6_address_mode) {
    throw invalid(
      `ipv6_ra_mode set to '${ipv6_ra_mode}' with ipv6_address_mode set to '${ipv6_address_mode}' is not valid. ` +
        'If both attributes are set, they must be the same value',
    );
  }
  // A prefix and an EUI-64 interface identifier make 128 bits (RFC 4862 section 5.5.3).
  if (isAutoAddressSubnet(subnet) && prefixLength(cidr) !== 64) {
    throw invalid(
      `Invalid CIDR ${cidr} for IPv6 address mode. OpenStack uses the EUI-64 address format, which requires the prefix to be /64`,
    );
  }
}

function invalid(error_message: string): Error {
  return new InvalidInput({ error_message });
}
