// One network on br-tun: its id in tunnels is its local VLAN on br-int, and what is for everyone goes to every host that
// has ports of it.

import type { TunnelType } from '@neutronium/net/vni';
import type { Mac } from '@neutronium/net/mac';
import { goto, output, popVlan, pushVlan, setField, setVlan, type Action } from '../../openflow/action.ts';
import { tagged } from '../../openflow/field.ts';
import { match } from '../../openflow/match.ts';
import { tableOfType } from './directions.ts';
import { priorities, type BrTunFlow } from './pipeline.ts';

export interface TunnelledNetwork {
  /** The network's id. */
  readonly id: string;
  readonly type: TunnelType;
  /** GRE key or VNI. */
  readonly tunnelId: number;
  readonly localVlan: number;
}

/** What the tunnels bring of the network. It is read of every tunnel; a host without its ports gets none of it. */
export function ingressFlow({ id, type, tunnelId, localVlan }: TunnelledNetwork): BrTunFlow {
  return {
    table: tableOfType[type],
    priority: priorities.TUN_TO_LV,
    match: match({ tun_id: tunnelId }),
    actions: [pushVlan, setVlan(localVlan), goto('LEARN_FROM_TUN')],
    of: id,
    why: `arrives with ${type} id ${tunnelId}`,
  };
}

/** To the tunnels with these numbers, as frames of the network. */
export function throughTunnels({ tunnelId }: TunnelledNetwork, ofports: Iterable<number>): readonly Action<never>[] {
  const numbers = [...new Set(ofports)].toSorted((a, b) => a - b);
  return [popVlan, setField('tun_id', tunnelId), ...numbers.map(output)];
}

/** What is for everyone, and what is for a destination that nobody is known to have. */
export function floodFlow(network: TunnelledNetwork, ofports: readonly number[]): BrTunFlow {
  return {
    table: 'FLOOD_TO_TUN',
    priority: priorities.FLOOD_TO_TUN,
    match: match({ vlan_vid: tagged(network.localVlan) }),
    actions: throughTunnels(network, ofports),
    of: network.id,
    why: 'goes to every host with ports of the network',
  };
}

/** Frames to a MAC address that ports of several hosts may have: to each of them. */
export function sharedMacFlow(
  network: TunnelledNetwork,
  { mac, ofports }: { readonly mac: Mac; readonly ofports: readonly number[] },
): BrTunFlow {
  return {
    table: 'UCAST_TO_TUN',
    priority: priorities.UCAST_TO_TUN,
    match: match({ vlan_vid: tagged(network.localVlan), eth_dst: mac }),
    actions: throughTunnels(network, ofports),
    of: network.id,
    why: `goes to every host where a port may have ${mac}`,
  };
}
