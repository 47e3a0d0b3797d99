// The order in which a host is brought to its plan, and what depends on what. Devices are made before they are plugged
// and unplugged before they are taken away. A port speaks only once its rules and flows are confirmed: whatever fails,
// it fails closed.

import type { ConnectionPlan } from '@neutronium/dataplane/firewall/hybrid/connections';
import type {
  BridgePlan,
  TranslationPlan,
  DhcpPlan,
  NamespacePlan,
  ServicePlan,
  SwitchPortPlan,
  TrackedPort,
  TunnelPortPlan,
} from '@neutronium/dataplane/host-plan';
import type { FlowSet } from '@neutronium/dataplane/openflow/flow';
import type { NetfilterPlan, NetfilterStep, ObservedNamespaces } from '@neutronium/dataplane/netfilter/plan-netfilter';
import type { PlannedHost } from '#plan/planner';
import { stage } from '#reconcile/stage';
import type { Stage, Subject } from '#reconcile/stage';
import {
  bridgeDetails,
  dhcpDetails,
  flowDetails,
  namespaceDetails,
  netfilterDetails,
  portDetails,
  serviceDetails,
  trackingDetails,
  tunnelDetails,
} from './step-details.ts';
import { neededBehind, subjects } from './subjects.ts';
import type { Target } from './target.ts';
import { describeTranslationStep } from './targets/translations/translations.ts';
import type { TranslationStep, JudgedTranslations } from './targets/translations/translations.ts';
import { describeDhcpStep } from './targets/dhcp/dhcp-servers.ts';
import { networkOf } from './targets/dhcp/state.ts';
import type { DhcpStates, DhcpStep } from './targets/dhcp/state.ts';
import { describeNamespaceStep } from './targets/namespaces/namespace-script.ts';
import { isAnnouncement, isRemoval, isTurn } from './targets/namespaces/plan-namespaces.ts';
import type { NamespaceStates, NamespaceStep } from './targets/namespaces/state.ts';
import { describeConnectionStep } from './targets/connections/connections.ts';
import type { ConnectionStep, JudgedZones } from './targets/connections/connections.ts';
import { describeNetfilterStep } from './targets/netfilter/netfilter.ts';
import type { BridgeStep, ObservedBridge } from './targets/ovs-bridges.ts';
import type { FlowStep, ObservedBridges } from './targets/ovs-flows.ts';
import type { ObservedSwitchPort, PortStep } from './targets/ovs-ports.ts';
import { describeTrackingStep } from './targets/tracked-ports.ts';
import type { ObservedTracking, TrackingStep } from './targets/tracked-ports.ts';
import { describeMeterStep } from './targets/ovs-meters.ts';
import type { MeterStep, ObservedMeters, PlannedMeters } from './targets/ovs-meters.ts';
import type { ObservedTunnel, TunnelStep } from './targets/ovs-tunnels.ts';
import { describeServiceStep, isServiceEnd, serviceOf } from './targets/services/state.ts';
import type { ServiceStates, ServiceStep } from './targets/services/state.ts';

export interface HostTargets {
  readonly bridges: Target<readonly BridgePlan[], readonly ObservedBridge[], BridgeStep>;
  readonly meters: Target<PlannedMeters, ObservedMeters, MeterStep>;
  readonly flows: Target<ReadonlyMap<string, FlowSet>, ObservedBridges, FlowStep>;
  readonly tunnels: Target<readonly TunnelPortPlan[], readonly ObservedTunnel[], TunnelStep>;
  readonly ports: Target<readonly SwitchPortPlan[], readonly ObservedSwitchPort[], PortStep>;
  readonly namespaces: Target<readonly NamespacePlan[], NamespaceStates, NamespaceStep>;
  readonly netfilter: Target<readonly NetfilterPlan[], ObservedNamespaces, NetfilterStep>;
  readonly translations: Target<readonly TranslationPlan[], JudgedTranslations, TranslationStep>;
  readonly connections: Target<readonly ConnectionPlan[], JudgedZones, ConnectionStep>;
  readonly tracking: Target<readonly TrackedPort[], ObservedTracking, TrackingStep>;
  readonly dhcp: Target<readonly DhcpPlan[], DhcpStates, DhcpStep>;
  readonly services: Target<readonly ServicePlan[], ServiceStates, ServiceStep>;
  readonly routerWatches: Target<readonly ServicePlan[], ServiceStates, ServiceStep>;
}

/** The stages of a round on this host, in their order. */
export function hostStages(targets: HostTargets, integrationBridge: string): readonly Stage<PlannedHost>[] {
  const ports = {
    target: targets.ports,
    desired: ({ hostPlan }: PlannedHost) => hostPlan.ports,
    describe: describePortStep,
    detail: portDetails,
  };
  const namespaces = {
    target: targets.namespaces,
    desired: ({ hostPlan }: PlannedHost) => hostPlan.namespaces,
    of: namespaceSubjects,
    describe: describeNamespaceStep,
    detail: namespaceDetails,
  };
  const routerWatches = {
    target: targets.routerWatches,
    desired: ({ hostPlan }: PlannedHost) => hostPlan.routerWatches,
    of: (step: ServiceStep) => [subjects.routerWatch(serviceOf(step))],
    describe: describeServiceStep,
    detail: serviceDetails,
  };
  return [
    // First of all: what ends here tells the other hosts of its router, which it can do as long as it is plugged.
    stage({
      ...routerWatches,
      name: 'router-watches-end',
      after: [],
      select: (steps) => steps.filter(isServiceEnd),
    }),
    stage({
      target: targets.bridges,
      after: [],
      desired: ({ hostPlan }: PlannedHost) => hostPlan.bridges,
      of: (step) => [subjects.bridge(typeof step.bridge === 'string' ? step.bridge : step.bridge.name)],
      describe: describeBridgeStep,
      detail: bridgeDetails,
    }),
    stage({
      target: targets.tunnels,
      after: ['bridges'],
      desired: ({ hostPlan }: PlannedHost) => hostPlan.tunnels,
      of: (step) => [subjects.tunnel(step.kind === 'remove' ? step.name : step.tunnel.name)],
      needs: (step) => [subjects.bridge(step.bridge)],
      describe: describeTunnelStep,
      detail: tunnelDetails,
    }),
    stage({
      ...namespaces,
      after: [],
      // A program that shares a router takes the addresses that it has given when it ends.
      doubtedAfter: ['router-watches-end'],
      select: (steps) => steps.filter((step) => !isRemoval(step) && !isTurn(step) && !isAnnouncement(step)),
    }),
    stage({
      ...ports,
      after: ['bridges'],
      select: (steps) => withConfirmation(steps, (step) => step.kind !== 'connect'),
      of: portSubjects,
      needs: (step) => [
        subjects.bridge(integrationBridge),
        ...(step.kind === 'plug' || step.kind === 'replug' ? [subjects.device(step.port.device)] : []),
      ],
    }),
    // Before the flows: a port that kept its VLAN while the host was restarted speaks as soon as it has flows.
    stage({
      target: targets.netfilter,
      after: ['namespaces'],
      desired: ({ hostPlan }: PlannedHost) => hostPlan.netfilter,
      of: ({ namespace }) => [subjects.netfilter(namespace)],
      needs: ({ namespace }) => (namespace === '' ? [] : [subjects.namespace(namespace)]),
      describe: describeNetfilterStep,
      detail: netfilterDetails,
    }),
    stage({
      target: targets.connections,
      after: ['netfilter'],
      desired: ({ hostPlan }: PlannedHost) => hostPlan.connections,
      of: () => [subjects.connections],
      // What is judged by the new rules must not come back by the old ones.
      needs: () => [subjects.netfilter('')],
      describe: describeConnectionStep,
    }),
    stage({
      target: targets.meters,
      after: ['bridges'],
      desired: ({ hostPlan }: PlannedHost) => hostPlan.meters,
      of: ({ bridge }) => [subjects.meters(bridge)],
      needs: ({ bridge }) => [subjects.bridge(bridge)],
      describe: describeMeterStep,
    }),
    stage({
      target: targets.flows,
      after: ['bridges', 'meters'],
      desired: ({ hostPlan }: PlannedHost) => hostPlan.flows,
      of: (step) => [subjects.flows(step.bridge)],
      needs: (step) => [subjects.bridge(step.bridge)],
      describe: ({ bridge, add, remove }) => `adding ${add.length} and removing ${remove.length} flows of ${bridge}`,
      detail: flowDetails,
    }),
    stage({
      target: targets.tracking,
      after: ['flows'],
      desired: ({ hostPlan }: PlannedHost) => hostPlan.trackedPorts,
      of: () => [subjects.tracking],
      // Whoever had an address before must be unable to begin connections by it.
      needs: () => [subjects.flows(integrationBridge)],
      describe: describeTrackingStep,
      detail: trackingDetails,
    }),
    stage({
      ...ports,
      name: 'wiring',
      after: ['ports', 'flows', 'netfilter', 'connections', 'tracking'],
      select: (steps) => withConfirmation(steps, (step) => step.kind === 'connect'),
      of: wiringSubjects,
      needs: (step) => [
        subjects.flows(integrationBridge),
        subjects.tracking,
        ...(step.kind === 'connect' ? neededBehind(step.port.plug) : []),
        ...(step.kind === 'connect' && step.port.behindNetfilter ? netfilterSubjects : []),
      ],
    }),
    stage({
      target: targets.translations,
      // A packet that comes before the rules are changed would bring an ended connection back.
      after: ['netfilter'],
      desired: ({ hostPlan }: PlannedHost) => hostPlan.translations,
      of: (step) => translatedNamespaces(step).map(subjects.translations),
      needs: (step) => (step.kind === 'forget' ? [] : translatedNamespaces(step).map(subjects.netfilter)),
      describe: describeTranslationStep,
    }),
    stage({
      ...namespaces,
      name: 'turns',
      hasLooked: true,
      // Where an instance has its floating IP on this host, its packets go by the centre until they can go by themselves.
      after: ['namespaces', 'netfilter', 'wiring'],
      select: (steps) => steps.filter(isTurn),
      needs: (step) => startedIn(step.namespace),
    }),
    stage({
      ...namespaces,
      name: 'announcements',
      hasLooked: true,
      // Nobody hears a device that is not wired, and whoever is told of an address is to be answered.
      after: ['namespaces', 'wiring', 'turns'],
      select: (steps) => steps.filter(isAnnouncement),
    }),
    stage({
      target: targets.dhcp,
      after: ['namespaces'],
      desired: ({ hostPlan }: PlannedHost) => hostPlan.dhcp,
      of: (step) => [subjects.dhcp(networkOf(step))],
      needs: (step) => ('plan' in step ? [subjects.namespace(step.plan.namespace)] : []),
      describe: describeDhcpStep,
      detail: dhcpDetails,
    }),
    stage({
      target: targets.services,
      after: ['namespaces'],
      desired: ({ hostPlan }: PlannedHost) => hostPlan.services,
      of: (step) => [subjects.service(serviceOf(step))],
      needs: (step) => ('plan' in step ? [subjects.namespace(step.plan.namespace)] : []),
      describe: describeServiceStep,
      detail: serviceDetails,
    }),
    stage({
      ...routerWatches,
      hasLooked: true,
      // A host that cannot forward must not become active: it hears no other, or does not translate.
      after: ['router-watches-end', 'namespaces', 'netfilter', 'wiring'],
      select: (steps) => steps.filter((step) => !isServiceEnd(step)),
      needs: (step) => (step.kind === 'start' ? startedIn(step.plan.namespace) : []),
    }),
    stage({
      ...namespaces,
      name: 'namespaces-removal',
      hasLooked: true,
      // What the switch, a server or a service still holds on to must not be pulled away under it.
      after: ['namespaces', 'ports', 'netfilter', 'dhcp', 'services', 'router-watches-end'],
      select: (steps) => steps.filter(isRemoval),
    }),
  ];
}

/** What must be in force before a port that iptables guards is connected. */
const netfilterSubjects: readonly Subject[] = [subjects.netfilter(''), subjects.connections];

function translatedNamespaces(step: TranslationStep): readonly string[] {
  return step.kind === 'forget' ? step.namespaces : step.plans.map(({ namespace }) => namespace);
}

function namespaceSubjects(step: NamespaceStep): readonly Subject[] {
  const namespace = subjects.namespace(step.namespace);
  // What is done to one end of a pair is done to both.
  if (step.kind === 'join') return [namespace, subjects.namespace(step.other.namespace)];
  if (step.kind === 'removeLink' && step.joint !== null) return [namespace, subjects.namespace(step.joint.namespace)];
  if ('link' in step) {
    return step.link.hostDevice === null ? [namespace] : [namespace, subjects.device(step.link.hostDevice)];
  }
  // It may be made anew in another namespace, under the name that it also has outside.
  if (step.kind === 'removeLink') return [namespace, subjects.device(step.device)];
  return [namespace];
}

function portSubjects(step: PortStep): readonly Subject[] {
  return step.kind === 'confirm' ? step.ports.map(subjects.port) : [subjects.port(step.port.portId)];
}

/** What must be in place before packets are turned to a way there, or a program of a router is started. */
function startedIn(namespace: string): readonly Subject[] {
  return [subjects.namespace(namespace), subjects.netfilter(namespace)];
}

/** A device that could not be connected is of no use to what speaks through it. */
function wiringSubjects(step: PortStep): readonly Subject[] {
  return step.kind === 'confirm' ? portSubjects(step) : [...portSubjects(step), subjects.device(step.port.device)];
}

/** The steps that are `wanted`, and, if there are any, the confirmation that they have been carried out. */
function withConfirmation(steps: readonly PortStep[], wanted: (step: PortStep) => boolean): readonly PortStep[] {
  const selected = steps.flatMap((step) => (step.kind !== 'confirm' && wanted(step) ? [step] : []));
  if (selected.length === 0) return [];
  return [...selected, { kind: 'confirm', ports: [...new Set(selected.map(({ port }) => port.portId))] }];
}

function describePortStep(step: PortStep): string {
  switch (step.kind) {
    case 'plug':
      return `plugging ${step.port.device}`;
    case 'replug':
      return `plugging ${step.port.device} anew`;
    case 'isolate':
      return `cutting ${step.port.device} off`;
    case 'connect':
      return `connecting ${step.port.device} to local VLAN ${step.port.tag}`;
    case 'unplug':
      return `unplugging ${step.port.device}`;
    case 'confirm':
      return `waiting until ovs-vswitchd has carried out the change of ${step.ports.length} ports`;
  }
}

function describeTunnelStep(step: TunnelStep): string {
  switch (step.kind) {
    case 'add':
      return `making the tunnel ${step.tunnel.name} to ${step.tunnel.options['remote_ip']}`;
    case 'configure':
      return `configuring the tunnel ${step.tunnel.name}`;
    case 'remove':
      return `removing the tunnel ${step.name}`;
  }
}

function describeBridgeStep(step: BridgeStep): string {
  switch (step.kind) {
    case 'create':
      return `making bridge ${step.bridge.name}`;
    case 'configure':
      return `configuring bridge ${step.bridge.name}`;
    case 'connect':
      return `joining ${step.bridge} to ${step.patch.peer} by ${step.patch.name}`;
    case 'adopt':
      return `taking bridge ${step.bridge} over`;
    case 'disconnect':
      return `removing ${step.name} from ${step.bridge}`;
    case 'remove':
      return `removing bridge ${step.bridge}`;
  }
}
