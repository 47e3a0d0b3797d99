// The flows by which br-int filters (firewall driver openvswitch): those of each port, of each security group, of each
// address in a set, and the ones that are the same for all.

import type { HostView, NetworkView, PortView, SecurityGroupView } from '@neutronium/model/host-view';
import { guardedEntryFlows, sharedEgressFlows, trustedEntryFlows } from '../bridges/br-int/base-egress.ts';
import { sharedIngressFlows, statelessIngressFlows } from '../bridges/br-int/base-ingress.ts';
import {
  floodFlows,
  sharedDeliveryFlows,
  stationFlows,
  type Receiver,
  type Station,
} from '../bridges/br-int/delivery.ts';
import { askFlows, sharedJudgementFlows } from '../bridges/br-int/judgement.ts';
import { discoveryFlows } from '../bridges/br-int/discovery.ts';
import { isGuarded, macsOf, type WiredPort } from '../bridges/br-int/local-port.ts';
import { brInt } from '../bridges/br-int/pipeline.ts';
import { groupProblem } from '../bridges/br-int/rule-match.ts';
import { ownRuleFlows, rulesOf, setRuleFlows, sharedRuleFlows } from '../bridges/br-int/rules.ts';
import { egress, ingress } from '../bridges/br-int/side.ts';
import type { Inventory } from '../host-plan.ts';
import type { Flow } from '../openflow/flow.ts';
import { unite } from '../openflow/unite.ts';
import { integrationPatches } from './bridges.ts';
import { Remembered } from './remembered.ts';
import { hostGroups, type Direction, type HostGroups } from './security-groups.ts';
import { addressSetFlows } from './set-members.ts';

/** The flows that filter for those ports, which are all ports of br-int that may speak. */
export function* firewallFlows(view: HostView, inventory: Inventory, ports: readonly WiredPort[]): Generator<Flow> {
  yield* flowsOfEveryHost;
  const groups = hostGroups(view, inventory.host);
  const guarded = ports.filter((port) => isGuarded(port.view)).map((port) => guardedPort(view, groups, port));
  for (const port of ports) if (!isGuarded(port.view)) yield* trustedPortFlows(port);
  for (const port of guarded) yield* guardedPortFlows(port);
  yield* deliveryFlows(guarded);
  yield* networkFlows(view, { guarded, ports, patches: integrationPatches(inventory) });
  for (const group of view.security_groups.values()) yield* groupFlows(group, groups);
  yield* addressSetFlows(view, groups);
}

const flowsOfEveryHost: readonly Flow[] = [
  ...brInt.resolveAll(sharedEgressFlows()),
  ...brInt.resolveAll(sharedIngressFlows()),
  ...brInt.resolveAll(discoveryFlows()),
  ...brInt.resolveAll(sharedDeliveryFlows()),
  ...brInt.resolveAll(sharedJudgementFlows(egress)),
  ...brInt.resolveAll(sharedJudgementFlows(ingress)),
];

interface GuardedPort extends WiredPort {
  readonly receiver: Receiver;
  /** Groups whose rules are there for this port alone. */
  readonly ownGroups: readonly SecurityGroupView[];
  /** Numbers of the groups that the port asks. */
  readonly asked: Readonly<Record<Direction, readonly number[]>>;
}

function guardedPort(view: HostView, groups: HostGroups, port: WiredPort): GuardedPort {
  const ids = port.view.security_groups.toSorted();
  // A port all of whose groups are known is the only kind that is wired.
  const portGroups = ids.map((id) => view.security_groups.get(id)).filter((group) => group !== undefined);
  const isShared = ids.some((id) => groups.shared.has(id));
  const asked = (direction: Direction) =>
    portGroups
      .filter((group) => isShared || rulesOf(group, direction).some((rule) => rule.remote.kind === 'set'))
      .flatMap((group) => groups.numbers.get(group.id) ?? []);
  return {
    ...port,
    receiver: { id: port.view.id, ofport: port.ofport, stateless: portGroups.some((group) => !group.stateful) },
    ownGroups: isShared ? [] : portGroups,
    asked: { ingress: asked('ingress'), egress: asked('egress') },
  };
}

const portFlows = new Remembered<PortView, readonly Flow[]>();

function trustedPortFlows(port: WiredPort): readonly Flow[] {
  const circumstances = `${port.ofport} ${port.localVlan}`;
  return portFlows.of(port.view, 'trusted', circumstances, () => [...brInt.resolveAll(trustedEntryFlows(port))]);
}

function* guardedPortFlows(port: GuardedPort): Generator<Flow> {
  const { receiver, asked, ofport, localVlan } = port;
  const circumstances = `${ofport} ${localVlan} ${receiver.stateless} ${asked.ingress.join()} ${asked.egress.join()}`;
  yield* portFlows.of(port.view, 'guarded', circumstances, () =>
    unite(
      brInt.resolveAll([
        ...guardedEntryFlows(port, receiver),
        ...(receiver.stateless ? statelessIngressFlows(port) : []),
        ...askFlows(egress, port, asked.egress),
        ...askFlows(ingress, port, asked.ingress),
      ]),
    ),
  );
  // Two groups may admit the same.
  yield* unite(port.ownGroups.flatMap((group) => ownGroupFlows(group, ofport)));
}

const flowsOfGroup = new Remembered<SecurityGroupView, readonly Flow[]>();

function ownGroupFlows(group: SecurityGroupView, ofport: number): readonly Flow[] {
  return flowsOfGroup.of(group, 'own', String(ofport), () =>
    unite(brInt.resolveAll([...ownRuleFlows(egress, { group, ofport }), ...ownRuleFlows(ingress, { group, ofport })])),
  );
}

function groupFlows(group: SecurityGroupView, groups: HostGroups): readonly Flow[] {
  const number = groups.numbers.get(group.id);
  if (number === undefined || groupProblem(group) !== null) return [];
  const { sets } = groups;
  const isShared = groups.shared.has(group.id);
  const named = group.rules.flatMap(({ remote }) => (remote.kind === 'set' ? [sets.get(remote.id)] : []));
  const given = { group, number, sets };
  return flowsOfGroup.of(group, 'all', `${number} ${isShared} ${named.join()}`, () =>
    unite(
      brInt.resolveAll([
        ...(isShared ? [...sharedRuleFlows(egress, given), ...sharedRuleFlows(ingress, given)] : []),
        ...setRuleFlows(egress, given),
        ...setRuleFlows(ingress, given),
      ]),
    ),
  );
}

const flowsOfStation = new Remembered<PortView, readonly Flow[]>();

function* deliveryFlows(ports: readonly GuardedPort[]): Generator<Flow> {
  const stations = new Map<string, { readonly first: GuardedPort; readonly station: Station }>();
  for (const port of inOrder(ports)) {
    const { localVlan, receiver } = port;
    for (const mac of macsOf(port.view)) {
      const key = `${localVlan} ${mac}`;
      const known = stations.get(key);
      if (known === undefined) {
        stations.set(key, { first: port, station: { mac, localVlan, receivers: [receiver] } });
        continue;
      }
      const receivers = [...known.station.receivers, receiver] as const;
      stations.set(key, { first: known.first, station: { mac, localVlan, receivers } });
    }
  }
  for (const [key, { first, station }] of stations) {
    yield* flowsOfStation.of(first.view, key, describeReceivers(station.receivers), () => [
      ...brInt.resolveAll(stationFlows(station)),
    ]);
  }
}

const flowsOfNetwork = new Remembered<NetworkView, readonly Flow[]>();

function* networkFlows(
  view: HostView,
  given: {
    readonly guarded: readonly GuardedPort[];
    readonly ports: readonly WiredPort[];
    readonly patches: readonly number[];
  },
): Generator<Flow> {
  const { patches } = given;
  const trustedOn = Map.groupBy(
    given.ports.filter((port) => !isGuarded(port.view)),
    (port) => port.view.network_id,
  );
  for (const [id, ports] of Map.groupBy(inOrder(given.guarded), (port) => port.view.network_id)) {
    const [network, localVlan] = [view.networks.get(id), ports[0]?.localVlan];
    if (network === undefined || localVlan === undefined) continue;
    const guarded = ports.map((port) => port.receiver);
    const trusted = (trustedOn.get(id) ?? []).map((port) => port.ofport).toSorted((a, b) => a - b);
    const circumstances = `${localVlan} ${describeReceivers(guarded)} ${trusted.join()} ${patches.join()}`;
    yield* flowsOfNetwork.of(network, 'flood', circumstances, () => [
      ...brInt.resolveAll(floodFlows({ id, localVlan, guarded, trusted, patches })),
    ]);
  }
}

function inOrder(ports: readonly GuardedPort[]): readonly GuardedPort[] {
  return ports.toSorted((a, b) => (a.view.id < b.view.id ? -1 : 1));
}

function describeReceivers(receivers: readonly Receiver[]): string {
  return receivers.map(({ id, ofport, stateless }) => `${id} ${ofport} ${stateless}`).join();
}
