// What may not speak: frames of the dead VLAN, and ports that are plugged but not wired.

import { drop } from '../../openflow/action.ts';
import { tagged } from '../../openflow/field.ts';
import { match } from '../../openflow/match.ts';
import { deadVlan } from '../dead-vlan.ts';
import { priorities, type BrIntFlow } from './pipeline.ts';

/** Keeps the dead VLAN's frames on the host, whoever tags them. */
export function* deadVlanFlows(): Generator<BrIntFlow> {
  yield {
    table: 'LOCAL_SWITCHING',
    priority: priorities.LOCAL_SWITCHING.dead,
    match: match({ vlan_vid: tagged(deadVlan) }),
    actions: drop,
    of: 'br-int',
    why: 'is on the dead VLAN',
  };
}

/** Silences one port. Its tag alone would let it talk to the other dead ports. */
export function* deadPortFlows(port: {
  readonly id: string;
  readonly ofport: number;
  readonly why: string;
}): Generator<BrIntFlow> {
  yield {
    table: 'LOCAL_SWITCHING',
    priority: priorities.LOCAL_SWITCHING.dead,
    match: match({ in_port: port.ofport }),
    actions: drop,
    of: port.id,
    why: `may not speak: ${port.why}`,
  };
}
