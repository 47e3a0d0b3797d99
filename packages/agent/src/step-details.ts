// What a step is about, thing by thing: what there is (`-`) against what there should be (`+`). This is what `drift`
// shows people; nothing is decided by it.

import { renderMatch } from '@neutronium/dataplane/openflow/match-text';
import { renderFlow } from '@neutronium/dataplane/openflow/render';
import type { NetfilterStep, ObservedNamespaces } from '@neutronium/dataplane/netfilter/plan-netfilter';
import type { DhcpStates, DhcpStep } from './targets/dhcp/state.ts';
import { plannedLink, routeText } from './targets/namespaces/state.ts';
import type { LinkState, NamespaceStates, NamespaceStep } from './targets/namespaces/state.ts';
import type { BridgeStep, ObservedBridge } from './targets/ovs-bridges.ts';
import type { FlowStep } from './targets/ovs-flows.ts';
import type { ObservedSwitchPort, PortStep } from './targets/ovs-ports.ts';
import type { ObservedTunnel, TunnelStep } from './targets/ovs-tunnels.ts';
import type { ServiceStates, ServiceStep } from './targets/services/state.ts';
import type { TrackingStep } from './targets/tracked-ports.ts';

/** Of a flow that someone else has added we may have no words but for its table and priority. */
export function flowDetails({ add, remove }: FlowStep): readonly string[] {
  return [
    ...remove.map((flow) => {
      const match = 'match' in flow ? renderMatch(flow.match) : 'a match that is not ours';
      return `- table=${flow.table}, priority=${flow.priority}${match === '' ? '' : `,${match}`}`;
    }),
    ...add.map((flow) => `+ ${renderFlow(flow)} # ${flow.of}: ${flow.why}`),
  ];
}

export function bridgeDetails(step: BridgeStep, actual: readonly ObservedBridge[]): readonly string[] {
  if (step.kind !== 'configure') return [];
  const present = actual.find(({ name }) => name === step.bridge.name);
  const before = {
    datapath_type: present?.datapathType,
    fail_mode: present?.failMode,
    protocols: present?.protocols,
  };
  const names = ['datapath_type', 'fail_mode', 'protocols'] as const;
  return names
    .filter((name) => name in step.columns)
    .flatMap((name) => changed(name, text(before[name]), text(step.columns[name])));
}

export function tunnelDetails(step: TunnelStep, actual: readonly ObservedTunnel[]): readonly string[] {
  if (step.kind === 'remove') return [];
  const present = actual.find(({ name }) => name === step.tunnel.name);
  return [
    ...changed('type', present?.type, step.tunnel.type),
    ...changedEntries(present?.options ?? {}, step.tunnel.options),
  ];
}

export function portDetails(step: PortStep, actual: readonly ObservedSwitchPort[]): readonly string[] {
  if (step.kind === 'confirm' || step.kind === 'unplug') return [];
  const { port } = step;
  const present = actual.find(({ device }) => device === port.device);
  return [
    `# port ${port.portId}`,
    ...changed('tag', text(present?.tag ?? undefined), String(port.tag)),
    ...changedEntries(present?.otherConfig ?? {}, port.otherConfig),
    ...changed('tx-steering', present?.txSteering ?? undefined, port.txSteering ?? undefined),
    ...changedEntries(pick(present?.externalIds ?? {}, port.plug?.externalIds ?? {}), port.plug?.externalIds ?? {}),
    ...(step.kind === 'replug'
      ? changed('device', `number ${present?.connectedIfindex}`, `number ${present?.ifindex}`)
      : []),
  ];
}

export function trackingDetails({ ports }: TrackingStep): readonly string[] {
  return ports.map(({ portId, zone, addresses }) => `# port ${portId}: ${addresses.join(', ')} in zone ${zone}`);
}

/** Rules as iptables-restore(8) and ipset(8) are told them: `-A` and `-I` add, `-D` takes away. */
export function netfilterDetails(step: NetfilterStep, actual: ObservedNamespaces): readonly string[] {
  if (step.kind === 'sysctls') {
    const present = actual.get(step.namespace)?.sysctls ?? new Map<string, string>();
    return changedEntries(pick(Object.fromEntries(present), step.values), step.values);
  }
  return step.restore.split('\n').filter((line) => line !== '' && line !== 'COMMIT');
}

export function namespaceDetails(step: NamespaceStep, actual: NamespaceStates): readonly string[] {
  const present = actual.get(step.namespace);
  switch (step.kind) {
    case 'create':
    case 'adopt':
    case 'removeLink':
    case 'remove':
      return [];
    case 'sysctls':
      return changedEntries(pick(Object.fromEntries(present?.sysctls ?? []), step.values), step.values);
    case 'rules':
      return [...step.remove.map((rule) => `- ${rule}`), ...step.add.map((rule) => `+ ${rule}`)];
    case 'join':
      return [step.link, step.other.link].flatMap((link) => linkLines(plannedLink(link)).map((line) => `+ ${line}`));
    case 'addLink':
      return linkLines(plannedLink(step.link)).map((line) => `+ ${line}`);
    case 'setLink': {
      const before = present?.links.get(step.link.device);
      const [is, wanted] = [before === undefined ? [] : linkLines(before), linkLines(plannedLink(step.link))];
      return [
        ...difference(is, wanted).map((line) => `- ${line}`),
        ...difference(wanted, is).map((line) => `+ ${line}`),
      ];
    }
    case 'withdraw':
      return [...step.addresses, ...step.routes, ...step.neighborProxies, ...step.neighbors].map((what) => `- ${what}`);
    case 'configure':
      return [...step.addresses, ...step.routes.map(routeText), ...step.neighborProxies, ...step.neighbors].map(
        (what) => `+ ${what}`,
      );
    case 'announce':
      return step.addresses.map((address) => `+ ${address} at ${step.link.mac}`);
  }
}

/** What a link is apart from its addresses and routes, which have steps of their own. */
function linkLines({ mac, mtu, hostMtu, up, checksumOffload, hostDevice }: LinkState): readonly string[] {
  return [
    `mac ${mac}`,
    `mtu ${mtu}, and ${hostMtu} at the other end, ${hostDevice ?? 'elsewhere'}`,
    up ? 'up' : 'down',
    `checksum offload ${checksumOffload ? 'on' : 'off'}`,
  ];
}

export function dhcpDetails(step: DhcpStep, actual: DhcpStates): readonly string[] {
  if (step.kind !== 'reload') return [];
  const present = actual.get(step.plan.networkId)?.files ?? new Map<string, string>();
  return [...step.plan.files].flatMap(([name, wanted]) => {
    const [is, should] = [present.get(name)?.split('\n') ?? [], wanted.split('\n')];
    return [
      ...difference(is, should).map((line) => `- ${name}: ${line}`),
      ...difference(should, is).map((line) => `+ ${name}: ${line}`),
    ];
  });
}

/** Files by name alone: a program may have secrets in its own. */
export function serviceDetails(step: ServiceStep, actual: ServiceStates): readonly string[] {
  if (step.kind !== 'reload') return [];
  const present = actual.get(step.plan.name)?.files;
  return [...step.plan.files].flatMap(([name, wanted]) => (present?.get(name) === wanted ? [] : [`+ file ${name}`]));
}

function changedEntries(
  is: Readonly<Record<string, string>>,
  should: Readonly<Record<string, string>>,
): readonly string[] {
  const names = new Set([...Object.keys(is), ...Object.keys(should)]);
  return [...names].flatMap((name) => changed(name, is[name], should[name]));
}

function changed(name: string, is: string | undefined, should: string | undefined): readonly string[] {
  if (is === should) return [];
  return [...(is === undefined ? [] : [`- ${name}=${is}`]), ...(should === undefined ? [] : [`+ ${name}=${should}`])];
}

function text(value: string | number | readonly string[] | null | undefined): string | undefined {
  if (value === undefined) return undefined;
  return Array.isArray(value) ? value.join(',') : String(value);
}

/** Those entries of `whole` whose names `like` has. */
function pick(
  whole: Readonly<Record<string, string>>,
  like: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(whole).filter(([name]) => name in like));
}

function difference(lines: readonly string[], others: readonly string[]): readonly string[] {
  const excluded = new Set(others);
  return lines.filter((line) => !excluded.has(line));
}
