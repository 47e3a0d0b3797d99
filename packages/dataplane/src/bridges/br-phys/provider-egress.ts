// Frames that leave the host: those of networks on this wire get their form on it, no others leave br-int.

import { drop, normal, popVlan, setVlan } from '../../openflow/action.ts';
import { tagged } from '../../openflow/field.ts';
import { match } from '../../openflow/match.ts';
import type { WiredNetwork } from '../provider-wire.ts';
import { priorities, type BrPhysFlow } from './pipeline.ts';

/** The frames of one network; `patchPort` is the bridge's port towards br-int. */
export function* networkEgressFlows(patchPort: number, network: WiredNetwork): Generator<BrPhysFlow> {
  const { id, localVlan, wireVlan } = network;
  yield {
    table: 'LOCAL_SWITCHING',
    priority: priorities.LOCAL_SWITCHING.toWire,
    match: match({ in_port: patchPort, vlan_vid: tagged(localVlan) }),
    actions: [wireVlan === null ? popVlan : setVlan(wireVlan), normal],
    of: id,
    why: wireVlan === null ? 'leaves untagged' : `leaves with VLAN ${wireVlan}`,
  };
}

/** Everything else that br-int sends: networks that are not on this wire. */
export function* foreignEgressFlows(patchPort: number): Generator<BrPhysFlow> {
  yield {
    table: 'LOCAL_SWITCHING',
    priority: priorities.LOCAL_SWITCHING.restOfHost,
    match: match({ in_port: patchPort }),
    actions: drop,
    of: 'br-phys',
    why: 'is no network of this wire',
  };
}
