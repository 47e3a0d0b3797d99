import { cidr } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import { describe, expect, it } from 'vitest';
import { checkChangedSubnet, checkNewSubnet, type SubnetAttributes } from './check-subnet.ts';
import { defaultGateway, defaultGatewayOfPool } from './gateway.ts';

const limits = { max_dns_nameservers: 2, max_subnet_host_routes: 1 };
const four: SubnetAttributes = {
  ip_version: 4,
  cidr: cidr('10.0.0.0/24'),
  gateway_ip: ip('10.0.0.1'),
  enable_dhcp: true,
  dns_nameservers: [],
  host_routes: [],
  ipv6_ra_mode: null,
  ipv6_address_mode: null,
};
const six: SubnetAttributes = { ...four, ip_version: 6, cidr: cidr('fd00::/64'), gateway_ip: ip('fd00::1') };
const route = { destination: cidr('10.9.0.0/16'), nexthop: ip('10.0.0.9') };

describe('checkNewSubnet', () => {
  it.each<readonly [string, SubnetAttributes]>([
    ['a usual subnet', four],
    ['no gateway', { ...four, gateway_ip: null }],
    ['a gateway elsewhere', { ...four, gateway_ip: ip('192.0.2.1') }],
    ['a /31 without DHCP', { ...four, cidr: cidr('10.0.0.0/31'), gateway_ip: null, enable_dhcp: false }],
    ['a /30 with DHCP', { ...four, cidr: cidr('10.0.0.0/30') }],
    ['IPv6 that nobody announces', six],
    ["IPv6's network address as the gateway", { ...six, gateway_ip: ip('fd00::') }],
    ['SLAAC', { ...six, ipv6_ra_mode: 'slaac', ipv6_address_mode: 'slaac' }],
    ['one mode alone', { ...six, ipv6_address_mode: 'dhcpv6-stateful' }],
    ['a stateful prefix longer than /64', { ...six, cidr: cidr('fd00::/80'), ipv6_address_mode: 'dhcpv6-stateful' }],
  ])('allows %s', (_, subnet) => {
    expect(() => checkNewSubnet(subnet, limits)).not.toThrow();
  });

  it.each<readonly [string, SubnetAttributes]>([
    ["cidr 'fd00::/64' does not match the ip_version '4'", { ...four, cidr: six.cidr }],
    ["gateway_ip 'fd00::1' does not match the ip_version '4'", { ...four, gateway_ip: six.gateway_ip }],
    ['incompatible with DHCP service enabled', { ...four, cidr: cidr('10.0.0.0/31') }],
    ['incompatible with DHCP service enabled', { ...six, cidr: cidr('fd00::/127') }],
    ['Multicast IP subnet is not supported', { ...four, cidr: cidr('224.0.0.0/24'), gateway_ip: null }],
    ['Loopback IP subnet is not supported', { ...four, cidr: cidr('127.0.0.0/24'), gateway_ip: null }],
    ["First IP '0.0.0.0' of network", { ...four, cidr: cidr('0.0.0.0/8'), gateway_ip: null }],
    ['Gateway is not valid on subnet', { ...four, gateway_ip: ip('10.0.0.0') }],
    ['Gateway is not valid on subnet', { ...four, gateway_ip: ip('10.0.0.255') }],
    ["dns_nameserver 'fd00::9' does not match", { ...four, dns_nameservers: [ip('fd00::9')] }],
    [
      'for new subnet. The number of DNS nameservers exceeds the limit 2',
      { ...four, dns_nameservers: [ip('9.9.9.9'), ip('9.9.9.8'), ip('9.9.9.7')] },
    ],
    [
      'The number of host routes exceeds the limit 1',
      { ...four, host_routes: [route, { ...route, nexthop: ip('10.0.0.8') }] },
    ],
    ["nexthop 'fd00::9' does not match", { ...four, host_routes: [{ ...route, nexthop: ip('fd00::9') }] }],
    [
      "destination 'fd09::/64' does not match",
      { ...four, host_routes: [{ ...route, destination: cidr('fd09::/64') }] },
    ],
    ['ipv6_ra_mode is not valid when ip_version is 4', { ...four, ipv6_ra_mode: 'slaac' }],
    ['cannot be set when enable_dhcp is set to False', { ...six, ipv6_ra_mode: 'slaac', enable_dhcp: false }],
    ['they must be the same value', { ...six, ipv6_ra_mode: 'slaac', ipv6_address_mode: 'dhcpv6-stateful' }],
    ['requires the prefix to be /64', { ...six, cidr: cidr('fd00::/63'), ipv6_ra_mode: 'slaac' }],
  ])('says: %s', (reason, subnet) => {
    expect(() => checkNewSubnet(subnet, limits)).toThrow(reason);
  });
});

describe('checkChangedSubnet', () => {
  const before = { ...six, id: 'the-subnet', ipv6_ra_mode: 'slaac', ipv6_address_mode: 'slaac' } as const;
  it('does not take DHCP from a subnet with IPv6 modes', () => {
    expect(() => checkChangedSubnet(before, { enable_dhcp: false }, limits)).toThrow('with ipv6 attributes set');
    expect(() => checkChangedSubnet({ ...four, id: 'other' }, { enable_dhcp: false }, limits)).not.toThrow();
  });
  it('names the subnet whose limits are exceeded', () => {
    const dns_nameservers = [ip('fd00::7'), ip('fd00::8'), ip('fd00::9')];
    expect(() => checkChangedSubnet(before, { dns_nameservers }, limits)).toThrow('for the-subnet. The number of DNS');
  });
  it('asks for what DHCP needs only when it is turned on', () => {
    const tiny = { ...four, id: 'tiny', cidr: cidr('10.0.0.0/31'), gateway_ip: null, enable_dhcp: false };
    expect(() => checkChangedSubnet(tiny, { gateway_ip: null }, limits)).not.toThrow();
    expect(() => checkChangedSubnet(tiny, { enable_dhcp: true }, limits)).toThrow('incompatible with DHCP');
  });
});

describe('the default gateway', () => {
  it.each([
    ['10.0.0.0/24', '10.0.0.1'],
    ['10.9.1.0/32', '10.9.1.1'],
    ['fd00::/64', 'fd00::'],
  ])('of %s is %s', (prefix, gateway) => {
    expect(defaultGateway(cidr(prefix))).toBe(gateway);
  });
  it('does not exist for a /31', () => {
    expect(() => defaultGateway(cidr('10.5.0.0/31'))).toThrow(
      'Gateway IP 10.5.0.1 cannot be allocated in CIDR 10.5.0.0/31',
    );
  });
  it('of a prefix from a pool is its first host', () => {
    expect(defaultGatewayOfPool(cidr('fd00::/64'))).toBe('fd00::1');
  });
});
