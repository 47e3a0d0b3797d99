// Frames that arrive from a physical network: those of our networks get the network's local VLAN, the rest is dropped.

import { drop, goto, pushVlan, setVlan } from '../../openflow/action.ts';
import { tagged, untagged } from '../../openflow/field.ts';
import { match } from '../../openflow/match.ts';
import type { WiredNetwork } from '../provider-wire.ts';
import { priorities, type BrIntFlow } from './pipeline.ts';

/** The frames of one network on the wire behind `patchPort`. */
export function* networkIngressFlows(patchPort: number, network: WiredNetwork): Generator<BrIntFlow> {
  const { id, localVlan, wireVlan } = network;
  yield {
    table: 'LOCAL_SWITCHING',
    priority: priorities.LOCAL_SWITCHING.fromWire,
    match: match({ in_port: patchPort, vlan_vid: wireVlan === null ? untagged : tagged(wireVlan) }),
    actions: [...(wireVlan === null ? [pushVlan] : []), setVlan(localVlan), goto('PACKET_RATE_LIMIT')],
    of: id,
    why: wireVlan === null ? `arrives untagged from the wire` : `arrives with VLAN ${wireVlan} from the wire`,
  };
}

/** Everything else on a wire. */
export function* foreignIngressFlows(patchPort: number, physicalNetwork: string): Generator<BrIntFlow> {
  yield {
    table: 'LOCAL_SWITCHING',
    priority: priorities.LOCAL_SWITCHING.restOfWire,
    match: match({ in_port: patchPort }),
    actions: drop,
    of: 'br-int',
    why: `is no network of ours on ${physicalNetwork}`,
  };
}
