import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cidr } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import { mac } from '@neutronium/net/mac';
import type { ExtraDhcpOption, PortView } from '@neutronium/model/host-view';
import type { DhcpPlan } from '../host-plan.ts';
import { id, network, port, subnet } from '../sample-host.ts';
import { dnsmasqPlan, type DnsmasqNetwork } from './dnsmasq.ts';

function plan(given: Partial<DnsmasqNetwork>): DhcpPlan | null {
  return dnsmasqPlan({
    network: network(1),
    subnets: [subnet(1)],
    ports: [],
    metadataHops: new Map(),
    namespace: 'qdhcp-x',
    device: 'tapx',
    directory: '/state/dhcp/x',
    ...given,
  });
}

/** Command line and files on one page. */
function page(given: DhcpPlan | null): string {
  if (given === null) return 'no server\n';
  const files = [...given.files].map(([name, text]) => `--- ${name}\n${text}`);
  return `dnsmasq\n${given.args.map((argument) => `  ${argument}\n`).join('')}${files.join('')}\n`;
}

function file(given: DhcpPlan | null, name: 'host' | 'addn_hosts' | 'opts'): readonly string[] {
  return given?.files.get(name)?.trimEnd().split('\n') ?? [];
}

const v6 = (mode: 'slaac' | 'dhcpv6-stateful' | 'dhcpv6-stateless' | null, digits = 6) =>
  subnet(digits, {
    network_id: id('network', 1),
    ip_version: 6,
    cidr: cidr('2001:db8::/64'),
    gateway_ip: ip('2001:db8::1'),
    ipv6_ra_mode: mode,
    ipv6_address_mode: mode,
  });

const at = (subnetDigits: number, address: string) => ({
  subnet_id: id('subnet', subnetDigits),
  ip_address: ip(address),
});
const option = (opt_name: string, opt_value: string, ip_version: 4 | 6 = 4): ExtraDhcpOption => ({
  opt_name,
  opt_value,
  ip_version,
});
const dhcpPort = (digits: number, ...fixed_ips: PortView['fixed_ips']) =>
  port(digits, { device_owner: 'network:dhcp', fixed_ips });

describe('the DHCP server of a network', () => {
  it('with one IPv4 subnet is this', async () => {
    const router = port(1, { device_owner: 'network:router_interface' });
    const named = port(11, {
      dns_assignment: [{ ip_address: ip('10.0.0.11'), hostname: 'web', fqdn: 'web.example.org.' }],
    });
    const text = page(
      plan({
        network: network(1, { mtu: 1450, dns_domain: 'example.org' }),
        subnets: [subnet(1, { dns_nameservers: [ip('8.8.8.8'), ip('8.8.4.4')] })],
        ports: [router, dhcpPort(2, at(1, '10.0.0.2')), named, port(12)],
      }),
    );
    await expect(text).toMatchFileSnapshot('golden/dnsmasq-ipv4.txt');
  });

  it('with everything that a user can say is this', async () => {
    const routed = subnet(1, {
      gateway_ip: null,
      dns_nameservers: [ip('0.0.0.0')],
      host_routes: [
        { destination: cidr('192.0.2.0/24'), nexthop: ip('10.0.0.250') },
        { destination: cidr('0.0.0.0/0'), nexthop: ip('10.0.0.254') },
      ],
    });
    const second = subnet(5, { network_id: id('network', 1), cidr: cidr('10.1.0.0/16'), gateway_ip: ip('10.1.0.1') });
    const unserved = subnet(7, { network_id: id('network', 1), cidr: cidr('10.7.0.0/16'), enable_dhcp: false });
    const asking = port(11, {
      fixed_ips: [
        at(1, '10.0.0.11'),
        at(5, '10.1.0.11'),
        at(6, '2001:db8::11'),
        at(6, '2001:db8::12'),
        at(7, '10.7.0.7'),
      ],
      extra_dhcp_opts: [
        option('client-id', '01:02:03'),
        option('bootfile-name', 'pxelinux.0'),
        option('150', '10.0.0.9'),
        option('tag:ipxe,67', 'http://10.0.0.9/boot.ipxe'),
        option('dns-server', '[2001:db8::9]', 6),
      ],
    });
    const recognised = port(12, { extra_dhcp_opts: [option('61', 'me')] });
    const text = page(
      plan({
        subnets: [routed, second, unserved, v6('dhcpv6-stateful')],
        ports: [dhcpPort(2, at(1, '10.0.0.2'), at(5, '10.1.0.2')), dhcpPort(3, at(5, '10.1.0.3')), asking, recognised],
      }),
    );
    await expect(text).toMatchFileSnapshot('golden/dnsmasq-everything.txt');
  });

  it('with a stateless IPv6 subnet beside IPv4 is this', async () => {
    const both = [at(1, '10.0.0.11'), at(6, '2001:db8::f816:3eff:fe00:b')];
    const asking = port(11, { fixed_ips: both, extra_dhcp_opts: [option('ntp-server', '[2001:db8::7]', 6)] });
    const text = page(plan({ subnets: [subnet(1), v6('dhcpv6-stateless')], ports: [asking, port(12)] }));
    await expect(text).toMatchFileSnapshot('golden/dnsmasq-stateless.txt');
  });

  it('does not exist where all addresses come from router advertisements', () => {
    expect(plan({ subnets: [v6('slaac')] })).toBeNull();
    expect(plan({ subnets: [subnet(1, { enable_dhcp: false })] })).toBeNull();
    expect(plan({ subnets: [{ ...v6('dhcpv6-stateful'), cidr: cidr('2001:db8::/48') }] })).toBeNull();
  });

  it('serves an IPv6 subnet that says nothing of its modes', () => {
    const served = plan({ subnets: [v6(null)], ports: [port(11, { fixed_ips: [at(6, '2001:db8::11')] })] });
    expect(file(served, 'host')).toEqual([
      'fa:16:3e:00:00:0b,tag:dhcpv6,host-2001-db8--11.openstacklocal,[2001:db8::11]',
    ]);
  });

  it('bounds its leases, however large the subnets', () => {
    expect(plan({ subnets: [v6('dhcpv6-stateful')] })?.args).toContain('--dhcp-lease-max=16777216');
  });

  it('reserves what a client can lease and nothing else', () => {
    const served = plan({
      subnets: [subnet(1), subnet(7, { network_id: id('network', 1), enable_dhcp: false }), v6('slaac')],
      ports: [
        port(11, { fixed_ips: [at(1, '10.0.0.11'), at(7, '10.7.0.7'), at(6, '2001:db8::b')] }),
        dhcpPort(2, at(1, '10.0.0.2')),
      ],
    });
    expect(served?.reservations).toEqual([
      { mac: mac('fa:16:3e:00:00:0b'), ip: ip('10.0.0.11'), portId: id('port', 11) },
    ]);
    expect(file(served, 'addn_hosts')).toHaveLength(3);
  });

  it('knows a port in its further domain as well, after the name that a reverse look-up answers', () => {
    const known = port(11, {
      fixed_ips: [at(1, '10.0.0.11')],
      dns_assignment: [{ ip_address: ip('10.0.0.11'), hostname: 'web', fqdn: 'web.cloud.example.' }],
      dns_zone: 'blue.test.',
    });
    expect(file(plan({ ports: [known] }), 'addn_hosts')).toEqual(['10.0.0.11\tweb.cloud.example. web.blue.test. web']);
  });

  it('announces itself for names only through dnsmasq, unless the subnet has several servers', () => {
    expect(file(plan({ ports: [dhcpPort(2, at(1, '10.0.0.2'))] }), 'opts').join()).not.toContain('dns-server');
    const two = plan({ ports: [dhcpPort(2, at(1, '10.0.0.2')), dhcpPort(3, at(1, '10.0.0.3'))] });
    expect(file(two, 'opts')).toContain(`tag:subnet-${id('subnet', 1)},option:dns-server,10.0.0.2,10.0.0.3`);
  });

  it('takes no option of a port for an address family that the port does not have', () => {
    const served = plan({ ports: [port(11, { extra_dhcp_opts: [option('dns-server', '[2001:db8::9]', 6)] })] });
    expect(file(served, 'opts').join()).not.toContain('port-');
  });

  it('keeps what users write on the line of their own port', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '1', ',', ':', '\n', '\r', ' ') });
    fc.assert(
      fc.property(text, text, fc.constantFrom(4, 6), (name, value, version) => {
        const asking = port(11, {
          fixed_ips: [at(1, '10.0.0.11'), at(6, '2001:db8::11')],
          extra_dhcp_opts: [option(name, value, version)],
        });
        const served = plan({ subnets: [subnet(1), v6('dhcpv6-stateful')], ports: [asking] });
        for (const line of file(served, 'opts')) expect(line).toMatch(/^tag:(subnet|port)-/);
        for (const line of file(served, 'host')) expect(line).toMatch(/^fa:16:3e:00:00:0b,/);
      }),
    );
  });
});
