import type { Ipv6Mode, SubnetView } from '@neutronium/model/host-view';
import { cidr } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import { describe, expect, it } from 'vitest';
import { hosted, router, routerId } from '../routers/sample-router.ts';
import { id, network, port, subnet } from '../sample-host.ts';
import { radvdService } from './radvd.ts';

const six = (digits: number, mode: Ipv6Mode | null): SubnetView =>
  subnet(digits, {
    network_id: id('network', 1),
    ip_version: 6,
    cidr: cidr(`2001:db8:${digits}::/64`),
    gateway_ip: ip(`2001:db8:${digits}::1`),
    ipv6_ra_mode: mode,
    ipv6_address_mode: mode,
    dns_nameservers: [ip('2001:db8::53')],
  });

/** The configuration for a network that has one subnet of each mode. */
function configuration(modes: readonly (Ipv6Mode | null)[], mtu = 1450): string | undefined {
  const subnets = modes.map((mode, index) => six(index + 2, mode));
  const fixed_ips = subnets.map((each) => ({ subnet_id: each.id, ip_address: each.gateway_ip ?? ip('::1') }));
  const made = hosted(router(), network(1, { mtu }), ...subnets, port(1, { fixed_ips }));
  return radvdService(made, '/state')?.files.get('radvd.conf');
}

describe('router advertisements', () => {
  it('of each mode are configured so', async () => {
    const text = configuration(['slaac', 'dhcpv6-stateful', 'dhcpv6-stateless']);
    await expect(text).toMatchFileSnapshot('golden/radvd.conf');
  });

  it('are made by a daemon that is found by its pid file', () => {
    const plan = radvdService(hosted(router(), six(2, 'slaac'), port(1, slaacPort)), '/state');
    expect(plan).toMatchObject({
      name: `radvd-${routerId}`,
      namespace: `qrouter-${routerId}`,
      program: 'radvd',
      onNewFiles: 'reload',
    });
    expect(plan?.args).toContain(`/state/services/radvd-${routerId}/pid`);
  });

  it('are not made for subnets that somebody else advertises, or nobody', () => {
    expect(configuration([null])).toBeUndefined();
    expect(radvdService(hosted(router()), '/state')).toBeNull();
  });

  it('tell of no MTU that IPv6 does not allow', () => {
    expect(configuration(['slaac'], 1200)).not.toContain('AdvLinkMTU');
  });
});

const slaacPort = { fixed_ips: [{ subnet_id: id('subnet', 2), ip_address: ip('2001:db8:2::1') }] };
