import type { DhcpPlan, NamespacePlan } from '@neutronium/dataplane/host-plan';
import { cidr } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import { mac } from '@neutronium/net/mac';
import { LabHost, missingForLab } from '@neutronium/cli/lab/host';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '#effects/clock';
import { ShellExec } from '#effects/exec';
import { SystemFiles } from '#effects/files';
import { SystemProcesses } from '#effects/processes';
import { Namespaces } from '../namespaces/namespaces.ts';
import { DhcpServers } from './dhcp-servers.ts';

const networkId = '11111111-1111-4111-8111-111111111111';
const namespace: NamespacePlan = {
  name: `qdhcp-${networkId}`,
  links: [
    {
      device: 'tapserver',
      hostDevice: 'tapserver',
      mac: mac('fa:16:3e:00:00:02'),
      mtu: 1500,
      addresses: ['10.0.0.2/24'],
      routes: [],
      sysctls: {},
      announce: false,
      neighborProxies: [],
    },
  ],
  sysctls: {},
};

interface Reservation {
  readonly mac: string;
  readonly ip: string;
}

const alice: Reservation = { mac: 'fa:16:3e:00:00:0a', ip: '10.0.0.10' };
const bob: Reservation = { mac: 'fa:16:3e:00:00:0b', ip: '10.0.0.11' };

const missing = [...missingForLab()];

describe.skipIf(missing.length > 0)('DHCP servers with real dnsmasq', () => {
  let host: LabHost;
  let exec: ShellExec;
  let processes: SystemProcesses;
  const files = new SystemFiles();
  const { signal } = new AbortController();

  beforeAll(async () => {
    host = await LabHost.start({ name: 'dhcp', openvswitch: false });
    exec = new ShellExec({ enter: host.enter });
    processes = new SystemProcesses({ exec, files, clock: systemClock, procDir: host.procDir });
    const namespaces = new Namespaces({ exec });
    for (const step of namespaces.plan([namespace], await namespaces.observe(signal, 'verify'))) {
      await namespaces.apply(step, signal);
    }
    await host.script(`
      ip link add wire type bridge; ip link set wire up; ip link set tapserver master wire
      for name in a b; do
        ip netns add client-$name
        ip link add tap$name type veth peer name eth0 netns client-$name address fa:16:3e:00:00:0$name
        ip link set tap$name master wire up
        ip netns exec client-$name ethtool -K eth0 tx off >/dev/null
        ip -n client-$name link set eth0 up
      done
    `);
  });
  afterAll(async () => {
    processes[Symbol.dispose]();
    exec.close();
    await host.dispose();
  });

  function plan(reservations: readonly Reservation[], extra: readonly string[] = []): DhcpPlan {
    const directory = `${host.dir}/dhcp/${networkId}`;
    return {
      networkId,
      namespace: namespace.name,
      device: 'tapserver',
      directory,
      files: new Map([
        ['host', reservations.map((one) => `${one.mac},host-${one.ip.replaceAll('.', '-')},${one.ip}\n`).join('')],
        ['addn_hosts', ''],
        ['opts', ''],
      ]),
      args: [
        ...`--no-hosts --no-resolv --local-service --bind-dynamic --conf-file=/dev/null
          --pid-file=${directory}/pid --dhcp-hostsfile=${directory}/host --addn-hosts=${directory}/addn_hosts
          --dhcp-optsfile=${directory}/opts --dhcp-leasefile=${directory}/leases
          --dhcp-range=set:subnet-1,10.0.0.0,static,255.255.255.0,86400s`.split(/\s+/),
        ...extra,
      ],
      served: [cidr('10.0.0.0/24')],
      reservations: reservations.map((one) => ({ mac: mac(one.mac), ip: ip(one.ip), portId: one.mac })),
    };
  }

  function target(onLost: () => void = () => undefined): DhcpServers {
    return new DhcpServers({ exec, files, processes, clock: systemClock, stateDir: host.dir, onLost });
  }

  async function bring(desired: readonly DhcpPlan[], servers = target()): Promise<readonly string[]> {
    const steps = servers.plan(desired, await servers.observe(signal, 'verify'));
    for (const step of steps) await servers.apply(step, signal);
    const fresh = target();
    expect(fresh.plan(desired, await fresh.observe(signal, 'verify'))).toEqual([]);
    expect(servers.plan(desired, await servers.observe(signal, 'recall'))).toEqual([]);
    return steps.map((step) => step.kind);
  }

  /** The address that a real client is given, or null when it gets no answer. */
  async function lease(client: 'a' | 'b'): Promise<string | null> {
    const { stdout, stderr } = await host.run(
      ['udhcpc', '-i', 'eth0', '-f', '-n', '-q', '-t', '2', '-T', '1', '-s', '/bin/true'],
      { netns: `client-${client}`, anyExitCode: true },
    );
    return /lease of (\S+) obtained/.exec(stdout + stderr)?.[1] ?? null;
  }

  async function pid(): Promise<string> {
    return (await files.readText(`${host.dir}/dhcp/${networkId}/pid`)) ?? '';
  }

  it('give each reservation its address and nobody else any', async () => {
    expect(await bring([plan([alice])])).toEqual(['start']);
    expect(await lease('a')).toBe(alice.ip);
    expect(await lease('b')).toBeNull();
  });

  it('take a new reservation in without a restart', async () => {
    await bring([plan([alice])]);
    const before = await pid();
    expect(await bring([plan([alice, bob])])).toEqual(['reload', 'release']);
    expect(await lease('b')).toBe(bob.ip);
    expect(await pid()).toBe(before);
  });

  it('give an address that another device had to the one that has it now', async () => {
    await bring([plan([alice])]);
    expect(await lease('a')).toBe(alice.ip);
    await bring([plan([{ mac: bob.mac, ip: alice.ip }])]);
    expect(await lease('b')).toBe(alice.ip);
  });

  it('are left running by an agent that finds them as planned', async () => {
    await bring([plan([alice])]);
    const before = await pid();
    expect(await bring([plan([alice])])).toEqual([]);
    expect(await pid()).toBe(before);
  });

  it('are read again when an agent died between writing a file and saying so', async () => {
    await bring([plan([alice])]);
    await files.writeText(`${host.dir}/dhcp/${networkId}/host`, plan([bob]).files.get('host') ?? '');
    expect(await bring([plan([bob])])).toContain('reload');
    expect(await lease('b')).toBe(bob.ip);
  });

  it('are started anew with other arguments', async () => {
    await bring([plan([alice])]);
    expect(await bring([plan([alice], ['--domain=example.org'])])).toEqual(['stop', 'start']);
  });

  it('are missed as soon as they have died, and come back', async () => {
    const lost = Promise.withResolvers<void>();
    const servers = target(() => lost.resolve());
    await bring([plan([alice])], servers);
    await host.script(`kill -9 ${await pid()}`);
    await lost.promise;
    expect(await bring([plan([alice])], servers)).toEqual(['start']);
  });

  it('leave nothing behind, and do not touch the dnsmasq of others', async () => {
    await host.script('dnsmasq --port=0 --conf-file=/dev/null --pid-file=/run/foreign.pid');
    await bring([plan([alice])]);
    await bring([]);
    expect(await files.list(`${host.dir}/dhcp`)).toEqual([]);
    const left = await host.script('cat /proc/[0-9]*/comm | grep -c dnsmasq');
    expect(left.trim()).toBe('1');
  });
});
