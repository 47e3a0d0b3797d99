// A port of a highly available router as br-tun knows it. The hosts of the router settle among themselves which of them
// is active, and nobody waits for the server to say so: frames of the port tell where it is, if they come from one of
// those hosts. Until it is heard, and when it has been silent for long, frames for it go to all of them; the ones that
// stand by drop them. Questions for its addresses are left to the active one.

import type { RemotePortView } from '@neutronium/model/host-view';
import { goto, output, type Learn } from '../../openflow/action.ts';
import { tagged, whole } from '../../openflow/field.ts';
import { match } from '../../openflow/match.ts';
import { throughTunnels, type TunnelledNetwork } from './network.ts';
import { priorities, type BrTunFlow } from './pipeline.ts';

/** After so much silence its hosts are all asked again: whoever has become active may have spoken while nobody heard. */
const silenceSeconds = 30;

export interface Surroundings {
  /** The tunnels to its hosts. */
  readonly ofports: readonly number[];
  /** The port of br-tun towards br-int. */
  readonly patchPort: number;
}

/** The flows for one port behind those tunnels. */
export function* roamingPortFlows(
  network: TunnelledNetwork,
  { id, mac_address: mac, hosts }: RemotePortView,
  { ofports, patchPort }: Surroundings,
): Generator<BrTunFlow> {
  const vlan_vid = tagged(network.localVlan);
  yield {
    table: 'UCAST_TO_TUN',
    priority: priorities.UCAST_TO_TUN,
    match: match({ vlan_vid, eth_dst: mac }),
    actions: [goto('ROAMING_TO_TUN')],
    of: id,
    why: `is on one of ${hosts.join(', ')}`,
  };
  yield {
    table: 'ROAMING_TO_TUN',
    priority: priorities.ROAMING_TO_TUN.unheard,
    match: match({ vlan_vid, eth_dst: mac }),
    actions: throughTunnels(network, ofports),
    of: id,
    why: 'has not been heard lately',
  };
  for (const ofport of new Set(ofports)) {
    yield {
      table: 'LEARN_FROM_TUN',
      priority: priorities.LEARN_FROM_TUN.roaming,
      match: match({ in_port: ofport, vlan_vid, eth_src: mac }),
      actions: [whereItIs, output(patchPort)],
      of: id,
      why: 'tells where the router is active',
    };
  }
}

/** The number of a VLAN is the lower twelve bits of a tag (IEEE 802.1Q). */
const vlanNumber = { field: 'vlan_tci', start: 0, bits: 12 } as const;

const whereItIs: Learn<'ROAMING_TO_TUN'> = {
  kind: 'learn',
  table: 'ROAMING_TO_TUN',
  priority: priorities.ROAMING_TO_TUN.learned,
  idleTimeoutSeconds: 0,
  hardTimeoutSeconds: silenceSeconds,
  specs: [
    { kind: 'match_field', from: vlanNumber, to: vlanNumber },
    { kind: 'match_field', from: whole('eth_src'), to: whole('eth_dst') },
    { kind: 'load_value', value: 0n, to: whole('vlan_tci') },
    { kind: 'load_field', from: whole('tun_id'), to: whole('tun_id') },
    { kind: 'output', from: whole('in_port') },
  ],
};
