// What became of each port, read from the round that has just been run: a port is wired when everything that its
// traffic needs is confirmed on the host, never because somebody meant to do it.

import type { PortView } from '@neutronium/model/host-view';
import type { SwitchPortPlan } from '@neutronium/dataplane/host-plan';
import type { PortState } from '@neutronium/model/watch-protocol';
import { neededBehind, subjects } from '../subjects.ts';
import type { PlannedHost } from '#plan/planner';
import type { RoundOutcome } from '#reconcile/round';
import type { Subject } from '#reconcile/stage';

export interface ReportedPort {
  readonly id: string;
  readonly state: PortState;
  /** In words, for the log and for whoever asks why a port is down. */
  readonly why: string;
  /** The port's revision that the report speaks of: a port that has changed is reported anew. */
  readonly revision: number;
  /** Whether it is of a router or another service of the network: several hosts may have it. */
  readonly isOfService: boolean;
}

/** What is true of this host's ports once the round is over. */
export function portStates(round: PlannedHost, outcome: RoundOutcome): readonly ReportedPort[] {
  const planned = new Map(round.hostPlan.ports.map((port) => [port.portId, port]));
  const whys = new Map<Subject, string>();
  for (const failure of outcome.failures) {
    for (const subject of failure.subjects) whys.set(subject, `${failure.what}: ${failure.error.message}`);
  }
  return portsOfHost(round).map((port): ReportedPort => {
    const { id, revision_number: revision } = port;
    const known = { id, revision, isOfService: isOfService(port) };
    const plan = planned.get(id);
    if (!round.inventory.plugged.has(id)) {
      return plan !== undefined && plan.plug !== null
        ? { ...known, state: 'building', why: 'its device is being made' }
        : { ...known, state: 'absent', why: 'no device on the integration bridge has the port’s id' };
    }
    if (plan === undefined) return { ...known, state: 'failed', why: 'the port is not in the plan' };
    if (plan.deadBecause !== null) return { ...known, state: 'dead', why: plan.deadBecause };
    const broken = neededBy(round, plan).find((subject) => outcome.broken.has(subject));
    if (broken !== undefined) {
      return { ...known, state: 'failed', why: whys.get(broken) ?? `${broken} could not be applied` };
    }
    const [blocked] = outcome.blocked;
    if (blocked !== undefined) {
      return { ...known, state: 'failed', why: `${blocked} could not be looked at` };
    }
    return { ...known, state: 'wired', why: 'its flows and rules are confirmed' };
  });
}

/** The ports whose device has been seen and of which nothing else is known yet. */
export function portsBeingBuilt(round: PlannedHost): readonly ReportedPort[] {
  const dead = new Set(round.hostPlan.ports.filter((port) => port.deadBecause !== null).map((port) => port.portId));
  return portsOfHost(round)
    .filter((port) => round.inventory.plugged.has(port.id) && !dead.has(port.id))
    .map((port) => ({
      id: port.id,
      state: 'building',
      why: 'its device has been seen',
      revision: port.revision_number,
      isOfService: isOfService(port),
    }));
}

/** A reservation that the DHCP server of this host hands out, in a form that changes when the reservation does. */
export interface LoadedReservation {
  readonly portId: string;
  readonly what: string;
}

/** The ports whose DHCP reservations are loaded once the round is over. */
export function loadedReservations(round: PlannedHost, outcome: RoundOutcome): readonly LoadedReservation[] {
  if (outcome.blocked.size > 0) return [];
  const byPort = new Map<string, string[]>();
  for (const service of round.hostPlan.dhcp) {
    if (outcome.broken.has(subjects.dhcp(service.networkId))) continue;
    if (outcome.broken.has(subjects.namespace(service.namespace))) continue;
    for (const { portId, mac, ip } of service.reservations) {
      const parts = byPort.get(portId) ?? [];
      byPort.set(portId, parts);
      parts.push(`${mac} ${ip}`);
    }
  }
  return [...byPort].map(([portId, parts]) => ({ portId, what: parts.toSorted().join(', ') }));
}

function isOfService({ device_owner }: PortView): boolean {
  return device_owner.startsWith('network:');
}

function portsOfHost({ view, inventory }: PlannedHost): readonly PortView[] {
  return [...view.ports.values()].filter((port) => port.host === inventory.host);
}

function neededBy(round: PlannedHost, { portId, plug, behindNetfilter }: SwitchPortPlan): readonly Subject[] {
  const bridge = round.inventory.integrationBridge;
  return [
    subjects.bridge(bridge),
    subjects.flows(bridge),
    // Before the port itself, which is broken with what it needs: these say why.
    ...(behindNetfilter ? [subjects.netfilter(''), subjects.connections] : []),
    ...neededBehind(plug),
    subjects.port(portId),
  ];
}
