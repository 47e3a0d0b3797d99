// What leads the traffic of filtered ports to their chains: by the port of the Linux bridge that it passes. And what
// gives each port connections of its own: a zone of connection tracking, so that two networks with the same addresses
// do not meet there.

import type { PortView } from '@neutronium/model/host-view';
import { bridgedIn, bridgedOut } from '../../netfilter/conditions.ts';
import { accept, drop, jump, target, type Rule, type RuleTarget, type Words } from '../../netfilter/rule.ts';
import type { Chain, Hook } from '../../netfilter/ruleset.ts';
import { chainNames, hybridDevices } from './names.ts';
import type { FilteredPort } from './port-chains.ts';

/** What one port contributes to the chains of the host, the same for both families. */
export interface HostRules {
  readonly zone: readonly Rule[];
  readonly entry: readonly Rule[];
  readonly lead: readonly Rule[];
  readonly toHost: readonly Rule[];
}

export function filteredPortRules(port: FilteredPort): HostRules {
  return { zone: zoneRules(port), entry: entryRules(port), lead: portRules(port), toHost: [hostRule(port)] };
}

/** Of a port that nothing filters, on a host where others drop what they do not forward themselves. */
export function trustedPortRules({ id }: PortView): HostRules {
  const tap = hybridDevices.tap(id);
  const entry = [
    ruleOf(id, bridgedOut(tap), accept, 'is not filtered'),
    ruleOf(id, bridged(tap), accept, 'is not filtered'),
  ];
  return { zone: [], entry, lead: [], toHost: [] };
}

/** Chains and hooks of the host, from what its ports contribute. */
export function hostChains(ports: readonly HostRules[]): {
  readonly chains: readonly Chain[];
  readonly hooks: readonly Hook[];
} {
  const chains: readonly Chain[] = [
    { table: 'raw', name: chainNames.prerouting, rules: ports.flatMap(({ zone }) => zone) },
    { table: 'filter', name: chainNames.forward, rules: ports.flatMap(({ entry }) => entry) },
    { table: 'filter', name: chainNames.input, rules: ports.flatMap(({ toHost }) => toHost) },
    { table: 'filter', name: chainNames.ports, rules: [...ports.flatMap(({ lead }) => lead), admitted] },
    { table: 'filter', name: chainNames.fallback, rules: [refused] },
  ];
  return { chains, hooks };
}

const admitted: Rule = { match: [], to: accept, of: 'host', why: 'was admitted by the chains of its port' };
const refused: Rule = { match: [], to: drop, of: 'host', why: 'is admitted by no rule' };
const leadTo = (chain: string): Rule => ({
  match: [],
  to: jump(chain),
  of: 'host',
  why: 'meets the firewall of ports',
});

/** First: what others accept would otherwise never meet the rules of a port. */
const hooks: readonly Hook[] = [
  { table: 'raw', chain: 'PREROUTING', position: 'first', rule: leadTo(chainNames.prerouting) },
  { table: 'filter', chain: 'FORWARD', position: 'first', rule: leadTo(chainNames.forward) },
  { table: 'filter', chain: 'INPUT', position: 'first', rule: leadTo(chainNames.input) },
];

function entryRules({ view: { id } }: FilteredPort): readonly Rule[] {
  const tap = hybridDevices.tap(id);
  return [
    ruleOf(id, bridgedOut(tap), jump(chainNames.ports), 'goes to the instance'),
    ruleOf(id, bridged(tap), jump(chainNames.ports), 'comes from the instance'),
  ];
}

function portRules({ view: { id } }: FilteredPort): readonly Rule[] {
  const tap = hybridDevices.tap(id);
  return [
    ruleOf(id, bridgedOut(tap), jump(chainNames.toInstance(id)), 'goes to the instance'),
    ruleOf(id, bridged(tap), jump(chainNames.fromInstance(id)), 'comes from the instance'),
  ];
}

/** An instance reaches its host by the network, where its rules are met, and not through the bridge of its own port. */
function hostRule({ view: { id } }: FilteredPort): Rule {
  return ruleOf(id, bridgedIn(hybridDevices.tap(id)), jump(chainNames.fallback), 'is from the instance to its host');
}

/** Both ways in: a connection is the same from either side. */
function zoneRules({ view: { id }, zone }: FilteredPort): readonly Rule[] {
  const [to, why] =
    zone === null
      ? [target('CT', '--notrack'), 'has stateless groups']
      : [target('CT', '--zone', String(zone)), 'has connections of its own'];
  return [
    ruleOf(id, bridgedIn(hybridDevices.bridgeEnd(id)), to, why),
    ruleOf(id, bridgedIn(hybridDevices.tap(id)), to, why),
  ];
}

function bridged(device: string): Words {
  return [...bridgedIn(device), '--physdev-is-bridged'];
}

function ruleOf(id: string, match: Words, to: RuleTarget, why: string): Rule {
  return { match, to, of: id, why };
}

/** The zones that rules in the kernel give to ports, by port id: what an earlier agent has decided. */
export function readZones(saved: string): ReadonlyMap<string, number> {
  const zones = new Map<string, number>();
  for (const line of saved.split('\n')) {
    const match = zonePattern.exec(line);
    const [, portId, zone] = match ?? [];
    if (portId !== undefined && line.startsWith(`-A ${chainNames.prerouting} `)) zones.set(portId, Number(zone));
  }
  return zones;
}

const zonePattern = /"ntnm:[0-9a-f]{16} ([^ :]+): .*" -j CT --zone (\d+)$/;
