// What somebody kills or breaks by hand in a router comes back by itself, is counted, and nothing else is touched: there
// is a router of another tenant on the same host, whose programs, devices and counters stay what they are.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RouterLab, type RoutedNetwork } from './lab.ts';
import { listPorts } from '../instances.ts';

const outside = '172.24.4.1';
const floating = '172.24.4.21';
const prefix6 = '2001:db8:1::/64';

let lab: RouterLab;
let red: RoutedNetwork;
let blue: RoutedNetwork;
let agentDir: string;
let devices: { readonly inside: string; readonly gateway: string };

beforeAll(async () => {
  lab = await RouterLab.start();
  const { embedded } = lab;
  const publicNetwork = await lab.externalNetwork('public', {
    ip_version: 4,
    cidr: '172.24.4.0/24',
    gateway_ip: outside,
  });
  await lab.outside('outside', `${outside}/24`);
  red = await lab.routedNetwork('red', { network_id: publicNetwork }, 'demo');
  blue = await lab.routedNetwork('blue', { network_id: publicNetwork }, 'neutronium');
  const subnet = await embedded.create<{ id: string }>(
    '/v2.0/subnets',
    {
      subnet: {
        network_id: red.networkId,
        ip_version: 6,
        cidr: prefix6,
        ipv6_ra_mode: 'slaac',
        ipv6_address_mode: 'slaac',
      },
    },
    'demo',
  );
  await lab.put(`/v2.0/routers/${red.routerId}/add_router_interface`, { subnet_id: subnet.id }, 'demo');
  const alice = await lab.instance('alice', '10.0.0.18', red);
  await lab.instance('bob', '10.0.0.18', blue);
  await lab.floatingIp(publicNetwork, floating, alice);
  // Without traffic, counters that were set back could not be told from others.
  expect(await lab.call('vm-bob', outside)).toMatch(/^172\.24\.4\./);
  agentDir = `${embedded.stateDir}/agent`;
  const ports = await listPorts(embedded, `device_id=${red.routerId}`);
  const device = (name: string, owner: string, address: string): string => {
    const found = ports.find(
      ({ device_owner, fixed_ips }) => device_owner === owner && fixed_ips.some((ip) => ip.ip_address === address),
    );
    return `${name}${found?.id}`.slice(0, 14);
  };
  const gateway = ports.find(({ device_owner }) => device_owner === 'network:router_gateway');
  devices = {
    inside: device('qr-', 'network:router_interface', '10.0.0.1'),
    gateway: `qg-${gateway?.id}`.slice(0, 14),
  };
});
afterAll(async () => {
  await lab[Symbol.asyncDispose]();
});

const namespaceOf = ({ routerId }: RoutedNetwork): string => `qrouter-${routerId}`;
const pidOf = async (file: string): Promise<string> =>
  (await lab.embedded.host.script(`cat ${file} 2>/dev/null || true`)).trim();

/** Programs by their pid files, without those that `except` (a pattern of grep) names. */
async function programs(except: string): Promise<string> {
  return await lab.embedded.host.script(
    `grep -H . ${agentDir}/services/*/pid ${agentDir}/dhcp/*/pid | grep -v '${except}'`,
  );
}

/** All that the other tenant's router is, and all other namespaces. */
async function otherThings(): Promise<string> {
  const name = namespaceOf(blue);
  return await lab.embedded.host.script(`
    ls -i /run/netns | grep -v ${namespaceOf(red)}
    ip -n ${name} -o link; ip -n ${name} -o addr | sed 's/valid_lft.*//'; ip -n ${name} route
    ip netns exec ${name} iptables-save -c | grep -v '^#'`);
}

/** How many repairs the server has been told of. */
async function reportedRepairs(): Promise<number> {
  const log = await lab.embedded.host.script(`grep 'has repaired' ${lab.embedded.stateDir}/log/server.log || true`);
  const last = log.trim().split('\n').at(-1) ?? '';
  if (last === '') return 0;
  // What the server logs of a heartbeat: repairs by kind.
  const { drift } = JSON.parse(last) as { readonly drift: Readonly<Record<string, number>> };
  return Object.values(drift).reduce((sum, count) => sum + count, 0);
}

async function untilReported(before: number): Promise<void> {
  await lab.embedded.until('a report of the repair', async () => (await reportedRepairs()) > before);
}

async function answersMetadata(): Promise<boolean> {
  const curl = ['curl', '-s', '-o', '/dev/null', '-m', '2', '-w', '%{http_code}', 'http://169.254.169.254/'];
  return (await lab.embedded.inVm('alice', curl, { anyExitCode: true })).stdout === '200';
}

/** Whether the instance has an address of the prefix that routers announce. */
async function hasPrefix(): Promise<boolean> {
  return (await lab.embedded.inVm('alice', ['ip', '-6', 'addr', 'show', 'dev', 'eth0'])).stdout.includes('2001:db8:1:');
}

async function getsLease(): Promise<boolean> {
  const ask = ['udhcpc', '-i', 'eth0', '-n', '-q', '-t', '2', '-T', '1', '-s', '/bin/true'];
  return (await lab.embedded.inVm('alice', ask, { anyExitCode: true })).exitCode === 0;
}

describe('a program of a router or of its network', () => {
  it.each([
    ['haproxy', () => `services/metadata-${red.routerId}`, answersMetadata],
    ['radvd', () => `services/radvd-${red.routerId}`, hasPrefix],
    ['dnsmasq', () => `dhcp/${red.networkId}`, getsLease],
  ] as const)('%s is replaced when it was killed, and no other is', async (program, folder, works) => {
    const file = `${agentDir}/${folder()}/pid`;
    const [victim, others, things, repairs] = [
      await pidOf(file),
      await programs(folder()),
      await otherThings(),
      await reportedRepairs(),
    ];
    expect(await lab.embedded.host.script(`cat /proc/${victim}/comm`)).toBe(`${program}\n`);
    // A new radvd announces the prefix as it begins; the one before would not have done so for minutes.
    await lab.embedded.host.script(`ip -n vm-alice -6 addr flush dev eth0 scope global; kill -9 ${victim}`);
    await lab.embedded.until('a successor', async () => {
      const now = await pidOf(file);
      return now !== '' && now !== victim && (await lab.embedded.host.script(`cat /proc/${now}/comm || true`)) !== '';
    });
    await lab.embedded.until('what it does', works);
    await untilReported(repairs);
    expect(await programs(folder())).toBe(others);
    expect(await otherThings()).toBe(things);
  });
});

describe('a router', () => {
  it.each([
    ['rule', () => `ip netns exec ${namespaceOf(red)} iptables -t nat -F neutron-l3-agent-float-snat`],
    ['jump', () => `ip netns exec ${namespaceOf(red)} iptables -t nat -D PREROUTING 1`],
    ['address', () => `ip -n ${namespaceOf(red)} addr del ${floating}/32 dev ${devices.gateway}`],
    ['route', () => `ip -n ${namespaceOf(red)} route del default`],
    ['link', () => `ip -n ${namespaceOf(red)} link del ${devices.inside}`],
    ['namespace', () => `ip netns del ${namespaceOf(red)}`],
  ])('has its %s back when that was taken away, and no other router is touched', async (what, damage) => {
    const [others, things, repairs] = [await programs(red.routerId), await otherThings(), await reportedRepairs()];
    await lab.embedded.host.script(damage());
    await untilReported(repairs);
    await lab.embedded.until('a call from outside', async () => (await lab.call('outside', floating)) === outside);
    expect(await lab.call('vm-alice', outside)).toBe(floating);
    if (what === 'namespace') await lab.embedded.until('metadata', answersMetadata);
    expect(await programs(red.routerId)).toBe(others);
    expect(await otherThings()).toBe(things);
  });
});
