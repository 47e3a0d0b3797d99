// The two directions of br-tun, whatever the networks: from br-int towards other hosts, and from their tunnels to br-int.

import type { TunnelType } from '@neutronium/net/vni';
import { goto, output } from '../../openflow/action.ts';
import { arp, match, neighborSolicitation } from '../../openflow/match.ts';
import { priorities, type BrTunFlow } from './pipeline.ts';

/** Frames to more than one receiver have this bit in their destination (IEEE 802.3 section 3.2.3). */
const toMany = { value: 1n << 40n, mask: 1n << 40n };
const toAll = { value: (1n << 48n) - 1n, mask: (1n << 48n) - 1n };

/** The table that reads the ids of each type of tunnel. */
export const tableOfType = {
  gre: 'GRE_TUN_TO_LV',
  vxlan: 'VXLAN_TUN_TO_LV',
  geneve: 'GENEVE_TUN_TO_LV',
} as const satisfies Readonly<Record<TunnelType, BrTunFlow['table']>>;

/** What comes from br-int by `patchPort`, and what goes there; `routes` on a host with parts of distributed routers. */
export function* patchFlows(patchPort: number, { routes }: { readonly routes: boolean }): Generator<BrTunFlow> {
  yield {
    table: 'LOCAL_SWITCHING',
    priority: priorities.LOCAL_SWITCHING,
    match: match({ in_port: patchPort }),
    actions: [goto(routes ? 'DVR_PROCESS' : 'PATCH_LV_TO_TUN')],
    of: 'br-tun',
    why: 'comes from br-int',
  };
  const question = {
    table: 'PATCH_LV_TO_TUN',
    priority: priorities.PATCH_LV_TO_TUN.question,
    actions: [goto('ARP_RESPONDER')],
    of: 'br-tun',
  } as const;
  yield { ...question, match: arp({ eth_dst: toAll }), why: 'asks everyone by ARP' };
  yield { ...question, match: neighborSolicitation({ eth_dst: toMany }), why: 'asks by neighbour solicitation' };
  yield {
    table: 'PATCH_LV_TO_TUN',
    priority: priorities.PATCH_LV_TO_TUN.toMany,
    match: match({ eth_dst: toMany }),
    actions: [goto('FLOOD_TO_TUN')],
    of: 'br-tun',
    why: 'is for more than one receiver',
  };
  yield {
    table: 'LEARN_FROM_TUN',
    priority: priorities.LEARN_FROM_TUN.rest,
    match: match({}),
    actions: [output(patchPort)],
    of: 'br-tun',
    why: 'goes to br-int and nowhere else: tunnels are never joined to each other',
  };
}

/** What comes out of one tunnel. */
export function tunnelEntryFlow(tunnel: {
  readonly host: string;
  readonly type: TunnelType;
  readonly ofport: number;
}): BrTunFlow {
  return {
    table: 'LOCAL_SWITCHING',
    priority: priorities.LOCAL_SWITCHING,
    match: match({ in_port: tunnel.ofport }),
    actions: [goto(tableOfType[tunnel.type])],
    of: 'br-tun',
    why: `comes from ${tunnel.host}`,
  };
}
