// Frames that arrive from other hosts through br-tun, which has given each the local VLAN of its network.

import { drop, goto } from '../../openflow/action.ts';
import { tagged } from '../../openflow/field.ts';
import { match } from '../../openflow/match.ts';
import { priorities, type BrIntFlow } from './pipeline.ts';

/** The frames of the tunnelled networks; `patchPort` is the port towards br-tun. Everything else on it is dropped. */
export function* tunnelIngressFlows(
  patchPort: number,
  networks: readonly { readonly id: string; readonly localVlan: number }[],
): Generator<BrIntFlow> {
  for (const { id, localVlan } of networks) {
    yield {
      table: 'LOCAL_SWITCHING',
      priority: priorities.LOCAL_SWITCHING.fromWire,
      match: match({ in_port: patchPort, vlan_vid: tagged(localVlan) }),
      actions: [goto('PACKET_RATE_LIMIT')],
      of: id,
      why: 'arrives from a tunnel',
    };
  }
  yield {
    table: 'LOCAL_SWITCHING',
    priority: priorities.LOCAL_SWITCHING.restOfWire,
    match: match({ in_port: patchPort }),
    actions: drop,
    of: 'br-int',
    why: 'is no tunnelled network of ours',
  };
}
