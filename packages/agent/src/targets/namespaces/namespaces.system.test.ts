import { cidr } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import { mac } from '@neutronium/net/mac';
import type { LinkPlan, NamespacePlan } from '@neutronium/dataplane/host-plan';
import { LabHost, missingForLab } from '@neutronium/cli/lab/host';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ShellExec } from '#effects/exec';
import { Namespaces } from './namespaces.ts';

const one: NamespacePlan = {
  name: 'qdhcp-11111111-1111-4111-8111-111111111111',
  links: [
    {
      device: 'tap11111111-11',
      hostDevice: 'tap11111111-11',
      mac: mac('fa:16:3e:00:00:01'),
      mtu: 1450,
      addresses: ['10.0.0.2/24', 'fd00::2/64', '10.1.0.2/24', '169.254.169.254/32', 'fe80::a9fe:a9fe/64'],
      routes: [
        { destination: 'default', via: ip('10.0.0.1') },
        { destination: 'default', via: ip('fd00::1') },
        { destination: cidr('192.0.2.0/24'), via: null },
        { destination: cidr('192.0.3.7/32'), via: ip('10.1.0.9') },
        { destination: 'default', via: ip('10.0.0.9'), table: 257 },
        { destination: 'default', via: ip('fd00::9'), table: 257 },
      ],
      sysctls: { 'net.ipv6.conf.tap11111111-11.accept_ra': '2' },
      announce: true,
      neighborProxies: [ip('fd01::1'), ip('fd01::2')],
      neighbors: ['10.0.0.7', 'fd00::7'].map((known) => ({ ip: ip(known), mac: mac('fa:16:3e:00:00:07') })),
    },
  ],
  sysctls: { 'net.ipv6.conf.default.accept_ra': '0', 'net.ipv4.conf.all.forwarding': '1' },
  rules: [
    { family: 4, priority: 100, table: 'main', suppressPrefixLength: 0 },
    { family: 4, priority: 101, fwmark: '0x100/0xff00', table: 257 },
    { family: 6, priority: 101, fwmark: '0x100/0xff00', table: 257 },
    { family: 4, priority: 102, from: ip('10.0.0.2'), table: 257 },
  ],
};
const [link] = one.links;
if (link === undefined) throw new Error('the example has a link');
const changed: NamespacePlan = {
  ...one,
  rules: [
    { family: 4, priority: 101, fwmark: '0x100/0xff00', table: 258 },
    { family: 6, priority: 102, from: cidr('fd00::/64'), table: 257 },
  ],
  links: [
    {
      ...link,
      mac: mac('fa:16:3e:00:00:09'),
      mtu: 1400,
      addresses: ['10.0.0.5/24', 'fd00::2/64', '10.1.0.2/24', '203.0.113.7/32'],
      routes: [{ destination: 'default', via: ip('10.0.0.254') }],
      neighborProxies: [ip('fd01::1'), ip('fd01::3')],
    },
  ],
};
const two: NamespacePlan = {
  name: 'qdhcp-22222222-2222-4222-8222-222222222222',
  links: [
    { ...link, device: 'tap22222222-22', hostDevice: 'tap22222222-22', sysctls: {} },
    {
      ...link,
      device: 'qr-33333333-33',
      hostDevice: 'qr-33333333-33',
      mac: mac('fa:16:3e:00:00:03'),
      addresses: ['10.2.0.1/24'],
      routes: [],
      sysctls: {},
    },
  ],
  sysctls: {},
};
/** The route and an address of the first device have moved to the other. */
const moved: NamespacePlan = {
  ...two,
  links: two.links.map((each, index) =>
    index === 0
      ? { ...each, addresses: ['10.0.0.2/24', 'fd00::2/64'], routes: [] }
      : {
          ...each,
          addresses: ['10.2.0.1/24', '10.1.0.2/24'],
          routes: [{ destination: 'default', via: ip('10.2.0.254') }],
        },
  ),
};
/** One end of a pair between two namespaces, with its own table of routes. */
function joinedTo(namespace: string, device: string, end: { device: string; mac: string; address: string }): LinkPlan {
  return {
    device: end.device,
    hostDevice: null,
    joint: { namespace, device },
    mac: mac(end.mac),
    mtu: 1500,
    addresses: [end.address],
    routes: [{ destination: 'default', via: ip('169.254.64.1'), table: 16 }],
    sysctls: {},
    announce: false,
    neighborProxies: [ip('198.51.100.7')],
    neighbors: [{ ip: ip('169.254.64.9'), mac: mac('02:00:00:00:00:09') }],
  };
}
const near = { device: 'rfp-1', mac: '02:00:00:00:00:01', address: '169.254.64.0/31' };
const far = { device: 'fpr-1', mac: '02:00:00:00:00:02', address: '169.254.64.1/31' };
const pair: readonly NamespacePlan[] = [
  {
    ...one,
    links: [...one.links, joinedTo(two.name, far.device, near)],
    rules: [
      { family: 4, priority: 32_768, from: '10.0.0.9', table: 16 },
      { family: 4, priority: 167_772_161, from: '10.0.0.1/24', table: 167_772_161 },
      { family: 6, priority: 40_000, from: 'fd00::1/64', table: 40_000 },
    ],
  },
  {
    ...two,
    links: [{ ...joinedTo(one.name, near.device, far), routes: [], neighborProxies: [], neighbors: [] }],
    rules: [{ family: 4, priority: 2_852_018_311, iif: far.device, table: 2_852_018_311 }],
    sysctls: { 'net.ipv4.ip_nonlocal_bind': '1' },
  },
];
const states: readonly (readonly NamespacePlan[])[] = [[], [one], [changed], [one, two], [two], [moved]];

describe.skipIf(missingForLab().length > 0)('namespaces on a real kernel', () => {
  let host: LabHost;
  let exec: ShellExec;
  const { signal } = new AbortController();

  beforeAll(async () => {
    host = await LabHost.start({ name: 'namespaces', openvswitch: false });
    exec = new ShellExec({ enter: host.enter });
    await host.script('ip netns add qdhcp-foreign; ip netns add other');
  });
  afterAll(async () => {
    exec.close();
    await host.dispose();
  });

  async function bring(desired: readonly NamespacePlan[], stopAfter = Number.POSITIVE_INFINITY): Promise<void> {
    const target = new Namespaces({ exec });
    const steps = target.plan(desired, await target.observe(signal, 'verify'));
    for (const step of steps.slice(0, stopAfter)) await target.apply(step, signal);
    // What the target believes of its own work must be what a fresh one sees.
    expect(target.plan(desired, await target.observe(signal, 'recall')).length).toBe(
      Math.max(0, steps.length - stopAfter),
    );
  }

  async function stepsLeft(desired: readonly NamespacePlan[]): Promise<readonly unknown[]> {
    const fresh = new Namespaces({ exec });
    return fresh.plan(desired, await fresh.observe(signal, 'verify'));
  }

  it('come from any state to any state', async () => {
    for (const from of states) {
      for (const to of states) {
        await bring(from);
        await bring(to);
        expect(await stepsLeft(to)).toEqual([]);
      }
    }
  });

  it('are finished by another agent wherever the first was interrupted', async () => {
    for (let stopAfter = 0; stopAfter < 8; stopAfter += 1) {
      await bring([]);
      await bring([one], stopAfter);
      await bring([one, two]);
      expect(await stepsLeft([one, two])).toEqual([]);
    }
  });

  it('are repaired when someone has taken away an address, a route or a device', async () => {
    for (const damage of [
      `ip -n ${one.name} addr del 10.0.0.2/24 dev ${link.device}`,
      `ip -n ${one.name} route del default`,
      `ip -n ${one.name} link set ${link.device} down`,
      `ip link del ${link.hostDevice}`,
      `ip netns exec ${one.name} ethtool -K ${link.device} tx on`,
      `ip netns exec ${one.name} sysctl -qw net.ipv6.conf.${link.device}.accept_ra=0`,
      `ip -n ${one.name} link set ${link.device} alias ''`,
      `ip -n ${one.name} neigh del proxy fd01::1 dev ${link.device}`,
      `ip -n ${one.name} rule del priority 101`,
      `ip -n ${one.name} route del default table 257`,
      `ip netns del ${one.name}`,
    ]) {
      await bring([one]);
      await host.script(damage);
      expect(await stepsLeft([one])).not.toEqual([]);
      await bring([one]);
      expect(await stepsLeft([one])).toEqual([]);
    }
  });

  it('are joined again, with their rules and neighbours, when someone has parted them', async () => {
    for (const damage of [
      `ip -n ${one.name} link del ${near.device}`,
      `ip -n ${two.name} link set ${far.device} alias ''`,
      `ip -n ${one.name} rule del priority 32768`,
      `ip -6 -n ${one.name} rule del priority 40000`,
      `ip -n ${one.name} route flush table 16`,
      `ip -n ${one.name} neigh del 169.254.64.9 dev ${near.device}`,
      `ip -n ${one.name} neigh del proxy 198.51.100.7 dev ${near.device}`,
      `ip netns exec ${two.name} sysctl -qw net.ipv4.ip_nonlocal_bind=0`,
      `ip netns del ${two.name}`,
    ]) {
      await bring(pair);
      await host.script(damage);
      expect(await stepsLeft(pair)).not.toEqual([]);
      await bring(pair);
      expect(await stepsLeft(pair)).toEqual([]);
    }
    for (const other of [[one, two], [two], []]) {
      await bring(other);
      expect(await stepsLeft(other)).toEqual([]);
      await bring(pair);
      expect(await stepsLeft(pair)).toEqual([]);
    }
    await bring([]);
  });

  it('leave namespaces of others alone', async () => {
    await bring([one]);
    await bring([]);
    expect((await host.script('ls /run/netns')).trim().split('\n')).toEqual(['other', 'qdhcp-foreign']);
  });
});
