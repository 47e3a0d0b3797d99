// How frames reach local ports past their rules: from a wire and from other local ports, to one station and to groups.

import type { Mac } from '@neutronium/net/mac';
import { ct, goto, load, output, popVlan, pushVlan, resubmit, setVlan, type Action } from '../../openflow/action.ts';
import { tagged, untagged } from '../../openflow/field.ts';
import { ipOf, match, toGroupAddress } from '../../openflow/match.ts';
import { ctState } from '../../openflow/match-text.ts';
import { holds } from '../../openflow/registers.ts';
import { opens } from './judgement.ts';
import { brInt, priorities, type BrIntFlow } from './pipeline.ts';
import { audience, networkZone, register } from './registers.ts';

/** A guarded port that receives. */
export interface Receiver {
  readonly id: string;
  readonly ofport: number;
  readonly stateless: boolean;
}

/** A MAC address of a network, and the guarded ports that may have it: pairs let several have the same one. */
export interface Station {
  readonly mac: Mac;
  readonly localVlan: number;
  /** In the order of their ids, at least one. */
  readonly receivers: readonly [Receiver, ...Receiver[]];
}

/** The flows that bring frames to one station's ports. */
export function* stationFlows({ mac, localVlan, receivers }: Station): Generator<BrIntFlow> {
  const common = {
    of: receivers[0].id,
    why: `is for ${mac}${receivers.length === 1 ? '' : `, which ${receivers.length} ports may have`}`,
  };
  yield {
    ...common,
    table: 'TRANSIENT',
    priority: priorities.TRANSIENT.toPort,
    match: match({ vlan_vid: tagged(localVlan), eth_dst: mac }),
    actions: [load(localVlan, register.localVlan), popVlan, ...judgeFor(receivers)],
  };
  const local = { ...holds(register.localVlan, localVlan), eth_dst: mac };
  yield {
    ...common,
    table: 'ACCEPT_OR_INGRESS',
    priority: priorities.ACCEPT_OR_INGRESS.toPort,
    match: match(local),
    actions: judgeFor(receivers),
  };
  if (!receivers.some((receiver) => receiver.stateless)) return;
  for (const family of [4, 6] as const) {
    yield {
      ...common,
      table: 'ACCEPT_OR_INGRESS',
      priority: priorities.ACCEPT_OR_INGRESS.toStatelessPort,
      match: ipOf(family, { ...local, ct_state: opens }),
      // The receiver commits no connection, but the sender relies on its own for the answers.
      actions: [ct({ zone: networkZone, commit: true }), ...judgeFor(receivers)],
    };
  }
}

/** One receiver is where the packet goes; several get a copy each. */
function judgeFor(receivers: readonly Receiver[]): readonly Action<'BASE_INGRESS'>[] {
  const [only] = receivers;
  if (only !== undefined && receivers.length === 1)
    return [load(only.ofport, register.judgedPort), goto('BASE_INGRESS')];
  return judgeForEach(receivers);
}

function judgeForEach(receivers: readonly Receiver[]): readonly Action<'BASE_INGRESS'>[] {
  // What a stateless port forgets of the connection, those after it would have to find out again.
  const ordered = [...receivers.filter((each) => !each.stateless), ...receivers.filter((each) => each.stateless)];
  return [
    load(audience.several, register.audience),
    ...ordered.flatMap(({ ofport }) => [load(ofport, register.judgedPort), resubmit('BASE_INGRESS')]),
  ];
}

/** A network as a broadcast domain of the host. */
export interface FloodedNetwork {
  readonly id: string;
  readonly localVlan: number;
  readonly guarded: readonly Receiver[];
  /** OpenFlow ports of the local ports that are not guarded. */
  readonly trusted: readonly number[];
  /** OpenFlow ports to other bridges, which carry every network by its local VLAN. */
  readonly patches: readonly number[];
}

/**
 * Takes the place of the switch's own flooding on a network with guarded ports, which it would reach past their rules.
 * What comes from a wire has the tag of the local VLAN, what comes from a port has none.
 */
export function* floodFlows({ id, localVlan, guarded, trusted, patches }: FloodedNetwork): Generator<BrIntFlow> {
  const onNetwork = holds(register.localVlan, localVlan);
  const toFlood = { of: id, why: 'is for everyone on the network' } as const;
  yield {
    ...toFlood,
    table: 'TRANSIENT',
    priority: priorities.TRANSIENT.toGroup,
    match: match({ vlan_vid: tagged(localVlan), eth_dst: toGroupAddress }),
    actions: [load(localVlan, register.localVlan), goto('FLOOD')],
  };
  yield {
    ...toFlood,
    table: 'ACCEPTED_EGRESS_NORMAL',
    priority: priorities.ACCEPTED_EGRESS_NORMAL.toGroup,
    match: match({ ...onNetwork, eth_dst: toGroupAddress }),
    actions: [goto('FLOOD')],
  };
  const toPorts = [...trusted.map((ofport) => output(ofport)), ...judgeForEach(guarded)];
  const toPatches = patches.map((ofport) => output(ofport));
  const base = { table: 'FLOOD', priority: priorities.FLOOD.network, of: id } as const;
  yield {
    ...base,
    match: match({ ...onNetwork, vlan_vid: tagged(localVlan) }),
    // Open vSwitch outputs nothing to where a frame came from.
    actions: [...toPatches, popVlan, ...toPorts],
    why: 'comes from a wire for everyone on the network',
  };
  yield {
    ...base,
    match: match({ ...onNetwork, vlan_vid: untagged }),
    actions: [...(toPatches.length === 0 ? [] : [pushVlan, setVlan(localVlan), ...toPatches, popVlan]), ...toPorts],
    why: 'comes from a port for everyone on the network',
  };
}

/** What is the same for all ports and networks. */
export function* sharedDeliveryFlows(): Generator<BrIntFlow> {
  for (const family of [4, 6] as const) {
    yield {
      table: 'ACCEPT_OR_INGRESS',
      priority: priorities.ACCEPT_OR_INGRESS.newConnection,
      match: ipOf(family, { ct_state: opens }),
      actions: [ct({ zone: networkZone, commit: true }), goto('ACCEPTED_EGRESS')],
      of: brInt.name,
      why: `opens an IPv${family} connection to elsewhere`,
    };
  }
  for (const family of [4, 6] as const) {
    yield {
      table: 'FLOOD',
      priority: priorities.FLOOD.untracked,
      match: ipOf(family, { ct_state: ctState({ trk: false }) }),
      // Tracked once here, a packet need not be tracked for every port that it is for.
      actions: [ct({ zone: networkZone, table: 'FLOOD' })],
      of: brInt.name,
      why: `IPv${family} meets the rules of many with what is known of its connection`,
    };
  }
}
