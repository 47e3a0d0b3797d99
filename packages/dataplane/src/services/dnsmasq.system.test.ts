// dnsmasq and real DHCP clients are asked whether the files say what they should.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cidr } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import type { Ipv6Mode, PortView } from '@neutronium/model/host-view';
import { LabHost, missingForLab } from '@neutronium/cli/lab/host';
import { id, network, port, subnet } from '../sample-host.ts';
import { dnsmasqPlan, type DnsmasqNetwork } from './dnsmasq.ts';

const missing = missingForLab();

const ipv6Subnet = (mode: Ipv6Mode) =>
  subnet(6, {
    network_id: id('network', 1),
    ip_version: 6,
    cidr: cidr('2001:db8::/64'),
    ipv6_ra_mode: mode,
    ipv6_address_mode: mode,
  });

const client: PortView = port(11, {
  fixed_ips: [
    { subnet_id: id('subnet', 1), ip_address: ip('10.0.0.11') },
    { subnet_id: id('subnet', 6), ip_address: ip('2001:db8::11') },
  ],
  dns_assignment: [{ ip_address: ip('10.0.0.11'), hostname: 'web', fqdn: 'web.example.org.' }],
  extra_dhcp_opts: [
    { opt_name: 'tftp-server', opt_value: '10.0.0.9', ip_version: 4 },
    { opt_name: 'ntp-server', opt_value: '[2001:db8::7]', ip_version: 6 },
  ],
});

/** A neighbour who writes what dnsmasq cannot read, on the lines before those of the client. */
const nonsense: PortView = port(3, {
  extra_dhcp_opts: [
    { opt_name: 'client-id', opt_value: 'zz:', ip_version: 4 },
    { opt_name: 'no-such-option', opt_value: '1', ip_version: 4 },
  ],
});

type Served = Pick<DnsmasqNetwork, 'subnets' | 'ports'> & {
  /** Tells the namespaces of one network from those of another. */
  readonly name: string;
  readonly addresses: readonly string[];
};

/** A server in the namespace `server-<name>` and, at the other end of the wire, the device of `client` in `client-<name>`. */
async function serve(host: LabHost, { name, subnets, ports, addresses }: Served): Promise<{ readonly log: string }> {
  const directory = join(host.dir, name);
  await mkdir(directory, { mode: 0o777 });
  const namespace = `server-${name}`;
  const plan = dnsmasqPlan({
    network: network(1, { mtu: 1450, dns_domain: 'example.org' }),
    subnets,
    ports,
    metadataHops: new Map(),
    namespace,
    device: 'tap0',
    directory,
  });
  if (plan === null) throw new Error(`no server for ${name}`);
  for (const [file, text] of plan.files) await writeFile(join(directory, file), text);
  await host.script(`
    for ns in ${namespace} client-${name}; do
      ip netns add $ns
      ip -n $ns link set lo up
      ip netns exec $ns sysctl -qw net.ipv6.conf.default.accept_dad=0
    done
    ip link add tap0 netns ${namespace} type veth peer name eth0 address ${client.mac_address} netns client-${name}
    for address in ${addresses.join(' ')}; do ip -n ${namespace} addr add $address dev tap0; done
    ip -n ${namespace} link set tap0 up
    ip -n client-${name} link set eth0 up
    # A DHCPv6 client speaks from its link-local address.
    until ip -n client-${name} -6 addr show dev eth0 scope link -tentative | grep -q inet6; do sleep 0.05; done
  `);
  const log = join(directory, 'log');
  await host.run(['dnsmasq', ...plan.args, `--log-facility=${log}`], { netns: namespace });
  return { log };
}

describe.skipIf(missing.length > 0)('a DHCP client', () => {
  let host: LabHost;
  let log: string;

  beforeAll(async () => {
    host = await LabHost.start({ name: 'dhcp', openvswitch: false });
    ({ log } = await serve(host, {
      name: 'stateful',
      subnets: [
        subnet(1, { host_routes: [{ destination: cidr('192.0.2.0/24'), nexthop: ip('10.0.0.250') }] }),
        ipv6Subnet('dhcpv6-stateful'),
      ],
      ports: [nonsense, client, port(12)],
      addresses: ['10.0.0.2/24', '2001:db8::2/64'],
    }));
  });

  afterAll(async () => {
    await host?.dispose();
  });

  /** What udhcpc hands to its script, as a shell would print it. */
  async function askByIpv4(...options: readonly string[]): Promise<string> {
    const script = join(host.dir, 'show');
    await writeFile(script, '#!/bin/sh\n[ "$1" = bound ] && set\nexit 0\n', { mode: 0o755 });
    const command = ['udhcpc', '-f', '-q', '-n', '-i', 'eth0', '-t', '5', '-T', '1', '-s', script, ...options];
    return (await host.run(command, { netns: 'client-stateful' })).stdout;
  }

  it('gets the address and name of its port by DHCPv4', async () => {
    const lease = await askByIpv4();
    expect(lease).toContain("ip='10.0.0.11'");
    expect(lease).toContain("router='10.0.0.1'");
    expect(lease).toContain("domain='example.org'");
    expect(lease).toContain("lease='86400'");
  });

  it('gets the options that it asks for: MTU, host routes, and those of its port', async () => {
    const lease = await askByIpv4('-O', 'mtu', '-O', 'staticroutes', '-O', 'hostname', '-O', 'tftp');
    expect(lease).toContain("mtu='1450'");
    expect(lease).toContain("staticroutes='192.0.2.0/24 10.0.0.250 0.0.0.0/0 10.0.0.1'");
    expect(lease).toContain("hostname='web'");
    expect(lease).toContain("tftp='10.0.0.9'");
  });

  /** What dhclient has been told, as it writes it down. */
  async function askByIpv6(netns: string, mode: readonly string[]): Promise<string> {
    const [script, leases] = [join(host.dir, `${netns}.sh`), join(host.dir, `${netns}.leases`)];
    await writeFile(script, `#!/bin/sh\nset >>${leases}.set\nexit 0\n`, { mode: 0o755 });
    const files = ['-sf', script, '-lf', leases, '-pf', join(host.dir, `${netns}.pid`), '-cf', '/dev/null'];
    await host.run(['dhclient', '-6', '-1', ...mode, ...files, 'eth0'], { netns });
    return (await host.run(['cat', `${leases}.set`])).stdout;
  }

  it('gets the address of its port by DHCPv6, and the options of the subnet and of the port', async () => {
    const told = await askByIpv6('client-stateful', ['-D', 'LL']);
    expect(told).toContain("new_ip6_address='2001:db8::11'");
    expect(told).toContain("new_dhcp6_domain_search='example.org.'");
  });

  it('of a stateless subnet gets options and no address', async () => {
    await serve(host, {
      name: 'stateless',
      subnets: [subnet(1), ipv6Subnet('dhcpv6-stateless')],
      ports: [
        port(11, {
          fixed_ips: client.fixed_ips,
          extra_dhcp_opts: [{ opt_name: 'dns-server', opt_value: '[2001:db8::9]', ip_version: 6 }],
        }),
      ],
      addresses: ['10.0.0.2/24', '2001:db8::2/64'],
    });
    const told = await askByIpv6('client-stateless', ['-S']);
    expect(told).toContain("new_dhcp6_name_servers='2001:db8::9'");
    expect(told).toContain("new_dhcp6_domain_search='example.org.'");
    expect(told).not.toContain('new_ip6_address');
  });

  it('resolves the names of the network, forwards and backwards', async () => {
    // It also asks for IPv6 addresses, which these names do not have, and fails for that.
    const ask = async (name: string) =>
      (await host.run(['busybox', 'nslookup', name, '10.0.0.2'], { netns: 'client-stateful', anyExitCode: true }))
        .stdout;
    await host.script('ip -n client-stateful addr replace 10.0.0.11/24 dev eth0');
    expect(await ask('web.example.org')).toContain('10.0.0.11');
    expect(await ask('10.0.0.12')).toContain('host-10-0-0-12.example.org');
  });

  it('is served whatever its neighbours write, and dnsmasq complains of nothing else', async () => {
    const text = (await host.run(['cat', log])).stdout;
    const complaints = text.split('\n').filter((line) => /bad|error|duplicate|illegal/i.test(line));
    expect(complaints.map((line) => line.replace(/.*: /, '').replace(/ of .*/, ''))).toEqual([
      'bad hex constant at line 1',
      expect.stringMatching(/^bad dhcp-option at line [0-9]+$/),
    ]);
  });
});
