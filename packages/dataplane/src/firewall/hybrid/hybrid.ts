// The firewall of ports where iptables filters them, on a Linux bridge between each instance and br-int (driver
// iptables_hybrid): `tap – qbr – qvb/qvo – br-int`. The host's namespace holds all of it.

import type { HostView, PortView, SecurityGroupView } from '@neutronium/model/host-view';
import type { Family } from '@neutronium/net/ip';
import { isGuarded } from '../../bridges/br-int/local-port.ts';
import type { Inventory } from '../../host-plan.ts';
import type { IpSet } from '../../netfilter/ip-set.ts';
import type { NetfilterPlan } from '../../netfilter/plan-netfilter.ts';
import { ruleset, type Chain, type Ruleset } from '../../netfilter/ruleset.ts';
import type { Admission, ConnectionPlan } from './connections.ts';
import { filteredPortRules, hostChains, trustedPortRules, type HostRules } from './host-chains.ts';
import { memberSets, type MemberSets } from './member-sets.ts';
import { hybridDevices } from './names.ts';
import { portChains, type FilteredPort } from './port-chains.ts';
import { directions, groupChain, membersOf, rulesOf } from './rule-chains.ts';

export interface HybridFirewall {
  readonly netfilter: readonly NetfilterPlan[];
  readonly connections: readonly ConnectionPlan[];
}

/** Chains, sets and connections of the ports that are plugged on the host; nothing where br-int filters itself. */
export function hybridFirewall(view: HostView, inventory: Inventory): HybridFirewall {
  if (inventory.firewallDriver !== 'iptables_hybrid') return { netfilter: [], connections: [] };
  const local = localPorts(view, inventory);
  const filtered = local.filter(isGuarded).flatMap((port) => filteredPort(view, inventory, port) ?? []);
  const parts = [...filtered.map(partsOf), ...local.filter((port) => !isGuarded(port)).map(trustedParts)];
  const groups = groupsOf(filtered);
  const sets = memberSets(view);
  const rules = (family: Family): Ruleset => {
    const host = hostChains(parts.map(({ host }) => host));
    const shared = groups.flatMap((group) =>
      directions.flatMap((direction) => groupChain(group, { direction, family, sets }) ?? []),
    );
    return ruleset({ ...host, chains: [...host.chains, ...shared, ...parts.flatMap((part) => part.chains[family])] });
  };
  const netfilter: NetfilterPlan = {
    namespace: '',
    rules: { 4: rules(4), 6: rules(6) },
    sets: kernelSets(groups, sets),
    sysctls: bridgeSettings,
  };
  return { netfilter: [netfilter], connections: connectionPlans(filtered, sets) };
}

/** Bridged frames pass iptables, also those in a VLAN tag or in PPPoE, behind which a packet would hide from its rules. */
const bridgeSettings = {
  'net.bridge.bridge-nf-call-iptables': '1',
  'net.bridge.bridge-nf-call-ip6tables': '1',
  'net.bridge.bridge-nf-filter-vlan-tagged': '1',
  'net.bridge.bridge-nf-filter-pppoe-tagged': '1',
} as const;

/** The ids of the ports that need a zone of connection tracking. */
export function portsWithZones(view: HostView, inventory: Omit<Inventory, 'conntrackZones'>): readonly string[] {
  if (inventory.firewallDriver !== 'iptables_hybrid') return [];
  return localPorts(view, inventory)
    .filter((port) => isGuarded(port) && isStateful(view, port))
    .map(({ id }) => id);
}

/** Why a port cannot be guarded on this host, where iptables is what guards it; null where it can, or need not be. */
export function hybridProblem(view: HostView, inventory: Inventory, port: PortView): string | null {
  if (inventory.firewallDriver !== 'iptables_hybrid' || !isGuarded(port)) return null;
  const device = inventory.plugged.get(port.id)?.device;
  if (device !== undefined && device !== hybridDevices.switchEnd(port.id)) {
    return `${device} is not behind a Linux bridge, where iptables would filter it`;
  }
  return isStateful(view, port) && !inventory.conntrackZones.has(port.id)
    ? 'no zone of connection tracking is left'
    : null;
}

/** Ports of the view that are plugged here with a Linux bridge, in the order of their ids. */
function localPorts(view: HostView, { host, plugged }: Pick<Inventory, 'host' | 'plugged'>): readonly PortView[] {
  return [...plugged.values()]
    .flatMap(({ portId, device }) => {
      const port = view.ports.get(portId);
      return port !== undefined && port.host === host && device === hybridDevices.switchEnd(portId) ? [port] : [];
    })
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** All groups of a port are alike in this; a port without any has no connections to admit answers to, and is stateful. */
function isStateful(view: HostView, port: PortView): boolean {
  return !port.security_groups.some((id) => view.security_groups.get(id)?.stateful === false);
}

function filteredPort(view: HostView, inventory: Inventory, port: PortView): FilteredPort | null {
  const stateful = isStateful(view, port);
  const zone = inventory.conntrackZones.get(port.id);
  if (stateful && zone === undefined) return null;
  const groups = port.security_groups.toSorted().flatMap((id) => view.security_groups.get(id) ?? []);
  return { view: port, zone: stateful ? (zone ?? null) : null, groups };
}

interface PortParts {
  readonly host: HostRules;
  readonly chains: Readonly<Record<Family, readonly Chain[]>>;
}

// Views are immutable and share what did not change, so the rules of a port are made once for as long as what they are
// made of is the same. This is what keeps the cost of one more port, or rule, on a full host small.
const knownParts = new WeakMap<PortView, { readonly of: string; readonly parts: PortParts }>();

function partsOf(port: FilteredPort): PortParts {
  const of = `${port.zone} ${port.groups.map(jumpsTo).join(' ')}`;
  const known = knownParts.get(port.view);
  if (known?.of === of) return known.parts;
  const parts = { host: filteredPortRules(port), chains: { 4: portChains(port, 4), 6: portChains(port, 6) } };
  knownParts.set(port.view, { of, parts });
  return parts;
}

const knownJumps = new WeakMap<SecurityGroupView, string>();

/** All of a group that is in the chains of its ports. */
function jumpsTo(group: SecurityGroupView): string {
  let text = knownJumps.get(group);
  if (text === undefined) {
    const has = directions.flatMap((direction) =>
      ([4, 6] as const).map((family) => rulesOf(group, direction, family).length > 0),
    );
    text = JSON.stringify([group.id, group.name, has]);
    knownJumps.set(group, text);
  }
  return text;
}

const knownTrusted = new WeakMap<PortView, PortParts>();

function trustedParts(port: PortView): PortParts {
  const parts = knownTrusted.get(port) ?? { host: trustedPortRules(port), chains: { 4: [], 6: [] } };
  knownTrusted.set(port, parts);
  return parts;
}

function groupsOf(ports: readonly FilteredPort[]): readonly SecurityGroupView[] {
  const groups = new Map(ports.flatMap(({ groups: all }) => all.map((group) => [group.id, group] as const)));
  return [...groups.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function kernelSets(groups: readonly SecurityGroupView[], sets: MemberSets): readonly IpSet[] {
  const wanted = new Map<string, IpSet>();
  for (const { rules } of groups) {
    for (const { remote, ethertype } of rules) {
      if (remote.kind !== 'set') continue;
      const { set } = membersOf(sets, remote.id, ethertype === 'IPv4' ? 4 : 6);
      wanted.set(set.name, set);
    }
  }
  return [...wanted.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function connectionPlans(ports: readonly FilteredPort[], sets: MemberSets): readonly ConnectionPlan[] {
  return ports.flatMap((port) => (port.zone === null ? [] : [{ zone: port.zone, admission: admission(port, sets) }]));
}

function admission(port: FilteredPort, sets: MemberSets): Admission {
  const rules = port.groups.flatMap((group) => group.rules);
  const named = new Set(rules.flatMap(({ remote }) => (remote.kind === 'set' ? [remote.id] : [])));
  return { port, sets: new Map([...sets].filter(([id]) => named.has(id))) };
}
