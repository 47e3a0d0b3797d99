// Two tenants with the same 10.0.0.0/24, each behind a router of its own, on two external networks, and both families.

import { eui64Address, cidr } from '@neutronium/net/cidr';
import { mac } from '@neutronium/net/mac';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RouterLab, type RoutedNetwork } from './lab.ts';

let lab: RouterLab;
let publicNetwork: string;
let red: RoutedNetwork;
let blue: RoutedNetwork;
let [alice, bob] = ['', ''];

beforeAll(async () => {
  lab = await RouterLab.start();
  publicNetwork = await lab.externalNetwork(
    'public',
    { ip_version: 4, cidr: '172.24.4.0/24', gateway_ip: '172.24.4.1' },
    { ip_version: 6, cidr: '2001:db8:9::/64', gateway_ip: '2001:db8:9::1' },
  );
  await lab.outside('outside', '172.24.4.1/24', '2001:db8:9::1/64');
  const gateway = { network_id: publicNetwork };
  red = await lab.routedNetwork('red', gateway, 'demo');
  blue = await lab.routedNetwork('blue', gateway, 'neutronium');
  alice = await lab.instance('alice', '10.0.0.18', red);
  bob = await lab.instance('bob', '10.0.0.18', blue);
});
afterAll(async () => {
  await lab[Symbol.asyncDispose]();
});

async function gatewayOf({ routerId }: RoutedNetwork, family: ':' | '.'): Promise<string> {
  const { body } = await lab.embedded.api('GET', `/v2.0/routers/${routerId}`);
  const info = (body['router'] as { external_gateway_info: { external_fixed_ips: { ip_address: string }[] } })
    .external_gateway_info;
  const address = info.external_fixed_ips.map(({ ip_address }) => ip_address).find((each) => each.includes(family));
  if (address === undefined) throw new Error(`no gateway address with ${family}`);
  return address;
}

describe('two tenants with the same prefix', () => {
  it('are told apart outside by the addresses of their routers', async () => {
    const [ofRed, ofBlue] = [await gatewayOf(red, '.'), await gatewayOf(blue, '.')];
    expect(ofRed).not.toBe(ofBlue);
    expect(await lab.call('vm-alice', '172.24.4.1')).toBe(ofRed);
    expect(await lab.call('vm-bob', '172.24.4.1')).toBe(ofBlue);
  });

  it('reach each other by floating IPs, from router to router', async () => {
    const ids = [
      await lab.floatingIp(publicNetwork, '172.24.4.201', alice),
      await lab.floatingIp(publicNetwork, '172.24.4.202', bob),
    ];
    expect(await lab.call('vm-alice', '172.24.4.202')).toBe('172.24.4.201');
    expect(await lab.call('vm-bob', '172.24.4.201')).toBe('172.24.4.202');
    for (const id of ids) await lab.delete(`/v2.0/floatingips/${id}`);
  });

  it.each(['slaac', 'dhcpv6-stateful'] as const)(
    'have addresses of IPv6 by %s, and are routed with them',
    async (mode) => {
      const { embedded } = lab;
      const prefix = mode === 'slaac' ? '2001:db8:1::/64' : '2001:db8:2::/64';
      const { cloud, networkId, routerId } = mode === 'slaac' ? red : blue;
      const subnet = await embedded.create<{ id: string }>(
        '/v2.0/subnets',
        { subnet: { network_id: networkId, ip_version: 6, cidr: prefix, ipv6_ra_mode: mode, ipv6_address_mode: mode } },
        cloud,
      );
      await lab.put(`/v2.0/routers/${routerId}/add_router_interface`, { subnet_id: subnet.id }, cloud);
      const port = { name: `six-${mode}`, network_id: networkId, port_security_enabled: false };
      const made = await embedded.create<{
        mac_address: string;
        fixed_ips: { ip_address: string; subnet_id: string }[];
      }>('/v2.0/ports', { port }, cloud);
      const address = made.fixed_ips.find(({ subnet_id }) => subnet_id === subnet.id)?.ip_address ?? 'none';
      if (mode === 'slaac') expect(address).toBe(eui64Address(cidr(prefix), mac(made.mac_address)));
      await embedded.vm('add', `six-${mode}`, '--port', `six-${mode}`, '--cloud', cloud);
      const inside = (...command: readonly string[]) => embedded.inVm(`six-${mode}`, command);
      await embedded.until(`${address} on the instance`, async () => {
        return (await inside('ip', '-6', 'address', 'show', 'dev', 'eth0', '-tentative')).stdout.includes(address);
      });
      expect((await inside('ip', '-6', 'route', 'show', 'default')).stdout).toContain('via fe80::');
      await embedded.host.script(
        `ip -n outside route replace ${prefix} via ${await gatewayOf(mode === 'slaac' ? red : blue, ':')}`,
      );
      expect(await lab.call(`vm-six-${mode}`, '2001:db8:9::1')).toBe(address);
    },
  );
});
