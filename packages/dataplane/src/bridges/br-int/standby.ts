// Devices of highly available routers. All hosts of a router have them, with the same MAC addresses, and the ones that
// stand by must not be heard by anyone, or frames would be sent to them instead of to the active one. They have no
// addresses; what their kernels say all the same comes from the unspecified one (RFC 3810 section 5.2.13), which an
// active router has no need of.

import { ip } from '@neutronium/net/ip';
import { drop } from '../../openflow/action.ts';
import { ipv6 } from '../../openflow/match.ts';
import { priorities, type BrIntFlow } from './pipeline.ts';

export function standbyFlow({ id, ofport }: { readonly id: string; readonly ofport: number }): BrIntFlow {
  return {
    table: 'LOCAL_SWITCHING',
    priority: priorities.LOCAL_SWITCHING.standby,
    match: ipv6({ in_port: ofport, ipv6_src: ip('::') }),
    actions: drop,
    of: id,
    why: 'stands by, if it has no address',
  };
}
