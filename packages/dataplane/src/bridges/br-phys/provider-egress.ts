// Frames that leave the host: those of networks on this wire get their form on it, no others leave br-int.

import { drop, goto, normal, popVlan, setVlan } from '../../openflow/action.ts';
import { tagged } from '../../openflow/field.ts';
import { match } from '../../openflow/match.ts';
import type { WiredNetwork } from '../provider-wire.ts';
import { priorities, type BrPhysFlow } from './pipeline.ts';

/**
 * The frames of one network; `patchPort` is the bridge's port towards br-int. Those of a network that a distributed router
 * of the host is on are looked at first: `isRouted`.
 */
export function* networkEgressFlows(
  patchPort: number,
  network: WiredNetwork,
  { isRouted }: { readonly isRouted: boolean } = { isRouted: false },
): Generator<BrPhysFlow> {
  const { id, localVlan, wireVlan } = network;
  if (isRouted) {
    yield {
      table: 'LOCAL_SWITCHING',
      priority: priorities.LOCAL_SWITCHING.toWire,
      match: match({ in_port: patchPort, vlan_vid: tagged(localVlan) }),
      actions: [goto('DVR_PROCESS')],
      of: id,
      why: 'may come from a distributed router',
    };
    yield {
      table: 'LOCAL_VLAN_TRANSLATION',
      priority: priorities.LOCAL_VLAN_TRANSLATION,
      match: match({ vlan_vid: tagged(localVlan) }),
      actions: [wireVlan === null ? popVlan : setVlan(wireVlan), normal],
      of: id,
      why: wireVlan === null ? 'leaves untagged' : `leaves with VLAN ${wireVlan}`,
    };
    return;
  }
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
