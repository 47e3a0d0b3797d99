// The target against the real iptables, ipset and kernel.

import {
  bridgedIn,
  bridgedOut,
  connectionMark,
  ctState,
  icmp,
  icmp6,
  inSet,
  source,
  sourceMac,
  udp,
} from '@neutronium/dataplane/netfilter/conditions';
import { ipSet } from '@neutronium/dataplane/netfilter/ip-set';
import { arbitraryNetfilter } from '@neutronium/dataplane/netfilter/netfilter-arbitraries';
import type { NetfilterPlan } from '@neutronium/dataplane/netfilter/plan-netfilter';
import {
  accept,
  drop,
  jump,
  target,
  type Rule,
  type RuleTarget,
  type Words,
} from '@neutronium/dataplane/netfilter/rule';
import { ruleset, type Ruleset } from '@neutronium/dataplane/netfilter/ruleset';
import { cidr } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import { mac } from '@neutronium/net/mac';
import { LabHost, missingForLab } from '@neutronium/cli/lab/host';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ShellExec } from '#effects/exec';
import { Netfilter } from './netfilter.ts';

const router = 'qrouter-11111111-1111-4111-8111-111111111111';
const { signal } = new AbortController();

const rule = (match: Words, to: RuleTarget): Rule => ({ match, to, of: 'port "à la carte"\n', why: String(match) });

/** One rule of every form that we use, each in a chain that a hook leads to. */
function everything(family: 4 | 6): Ruleset {
  const set = family === 4 ? 'NIPv4set' : 'NIPv6set';
  const forms = [
    rule(bridgedOut('tap11111111-11'), drop),
    rule(ctState('ESTABLISHED', 'RELATED'), accept),
    rule(connectionMark(0x4e544e4d), drop),
    rule(source(family === 4 ? ip('10.0.0.1') : ip('2001:db8:0:0:1::1')), accept),
    rule(source(family === 4 ? cidr('10.0.0.0/8') : cidr('2001:db8::/32')), accept),
    rule(sourceMac(mac('fa:16:3e:00:00:01')), accept),
    rule(inSet(set, 'destination'), accept),
    rule(udp({ from: 67, to: 68 }), drop),
    rule(family === 4 ? icmp(8) : icmp6(128), accept),
    rule(family === 4 ? icmp(3, 4) : icmp6(1, 4), accept),
    rule(['-p', '132', '-m', 'multiport', '--dports', '10:20'], accept),
  ];
  const zones = [
    rule(bridgedIn('tap11111111-11'), target('CT', '--zone', '4097')),
    rule(bridgedIn('qvb11111111-11'), target('CT', '--notrack')),
  ];
  const hook = { match: [], of: 'host', why: 'begins' };
  return ruleset({
    chains: [
      { table: 'filter', name: 'neutron-t-FORWARD', rules: [...forms, rule([], jump('neutron-t-next'))] },
      { table: 'filter', name: 'neutron-t-next', rules: [] },
      { table: 'raw', name: 'neutron-t-PREROUTING', rules: zones },
    ],
    hooks: [
      { table: 'filter', chain: 'FORWARD', position: 'first', rule: { ...hook, to: jump('neutron-t-FORWARD') } },
      { table: 'raw', chain: 'PREROUTING', position: 'last', rule: { ...hook, to: jump('neutron-t-PREROUTING') } },
    ],
  });
}

const full: NetfilterPlan = {
  namespace: '',
  rules: { 4: everything(4), 6: everything(6) },
  sets: [
    ipSet('NIPv4set', 4, [ip('10.0.0.1'), cidr('10.1.0.0/16'), cidr('10.0.0.7/32'), cidr('0.0.0.0/0')]),
    ipSet('NIPv6set', 6, [ip('2001:db8:0:0:1::1'), ip('::ffff:10.0.0.1'), cidr('2001:db8::/64'), cidr('::/0')]),
  ],
  sysctls: { 'net.bridge.bridge-nf-call-iptables': '1', 'net.bridge.bridge-nf-filter-vlan-tagged': '1' },
};
const inside: NetfilterPlan = { ...full, namespace: router, sysctls: {} };

describe.skipIf(missingForLab().length > 0)('packet filters on a real kernel', () => {
  let host: LabHost;
  let exec: ShellExec;

  beforeAll(async () => {
    host = await LabHost.start({ name: 'netfilter', openvswitch: false });
    exec = new ShellExec({ enter: host.enter });
    await host.script(`ip netns add ${router}`);
  });
  afterAll(async () => {
    exec.close();
    await host.dispose();
  });

  const newTarget = (): Netfilter => new Netfilter({ exec, patterns: ['qrouter-*'] });

  async function bring(desired: readonly NetfilterPlan[], stopAfter = Number.POSITIVE_INFINITY): Promise<void> {
    const filters = newTarget();
    const steps = filters.plan(desired, await filters.observe(signal, 'verify'));
    for (const step of steps.slice(0, stopAfter)) await filters.apply(step, signal);
    // What the target believes of its own work must be what a fresh one sees.
    const left = Math.max(0, steps.length - stopAfter);
    expect(filters.plan(desired, await filters.observe(signal, 'recall'))).toHaveLength(left);
    expect(await stepsLeft(desired)).toHaveLength(left);
  }

  async function stepsLeft(desired: readonly NetfilterPlan[]): Promise<readonly unknown[]> {
    const fresh = newTarget();
    return fresh.plan(desired, await fresh.observe(signal, 'verify'));
  }

  /** All rules and sets, without counters and what only the moment decides. */
  async function everythingOn(enter = ''): Promise<string> {
    const text = await host.script(
      `for tool in iptables-save ip6tables-save "ipset -sorted save"; do ${enter} $tool 2>/dev/null; done`,
    );
    return text.replaceAll(/^#.*\n|\[\d+:\d+\]|initval \S+/gm, '');
  }

  it('hold every form of rule, in the host and in a namespace', async () => {
    await bring([full, inside]);
    const enter = `nsenter --net=/run/netns/${router}`;
    expect(await everythingOn(enter)).toBe(await everythingOn());
    expect(await everythingOn()).toContain('-j CT --zone 4097');
    expect(await host.script('cat /proc/sys/net/bridge/bridge-nf-filter-vlan-tagged')).toBe('1\n');
  });

  it('come from any state to any state', async () => {
    const plans = fc.tuple(arbitraryNetfilter(''), arbitraryNetfilter(router)).map(([one, two]) => [one, two]);
    const states = fc.sample(plans, { numRuns: 12, seed: 7 });
    for (const state of [...states, [full, inside], [full], [inside], []]) await bring(state);
    expect(await everythingOn()).not.toContain('neutron-t');
    expect(await everythingOn()).not.toContain('NIPv4');
  });

  it('are finished by another agent wherever the first was interrupted', async () => {
    for (let stopAfter = 0; stopAfter < 6; stopAfter += 1) {
      await bring([]);
      await bring([full, inside], stopAfter);
      await bring([full, inside]);
    }
  });

  it('leave the rules and sets of others alone', async () => {
    await bring([]);
    await host.script(`
      ipset create foreign hash:net; ipset create NIPv4foreign hash:net
      iptables -N neutron-foreign; iptables -A neutron-foreign -s 192.0.2.1 -j DROP
      iptables -A FORWARD -m set --match-set foreign src -j neutron-foreign`);
    const before = await everythingOn();
    await bring([full]);
    await bring([]);
    expect(await everythingOn()).toBe(before);
  });

  it('take the place of a set that somebody else has made under the same name', async () => {
    await bring([]);
    await host.script('ipset create NIPv4set hash:net; ipset add NIPv4set 192.0.2.1');
    await bring([full]);
    expect(await host.script('ipset save NIPv4set')).not.toContain('192.0.2.1');
  });
});
