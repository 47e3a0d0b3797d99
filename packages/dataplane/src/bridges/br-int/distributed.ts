// Frames from other hosts on networks that distributed routers are on. Those that a router's part there has sent get the
// address of the router again, which they bore before they left it; nothing from elsewhere is for the part of this host.

import { family } from '@neutronium/net/ip';
import { macToBigInt, type Mac } from '@neutronium/net/mac';
import { drop, goto, output, popVlan, pushVlan, setField, setVlan, type Action } from '../../openflow/action.ts';
import { tagged, untagged } from '../../openflow/field.ts';
import { arp, match, neighborSolicitation } from '../../openflow/match.ts';
import { ofAnyHost, type DistributedSide } from '../distributed-side.ts';
import { isGuarded, macsOf, type LocalPort } from './local-port.ts';
import { priorities, type BrIntFlow } from './pipeline.ts';

/** Where frames of one network come from, and what they bear there. */
export interface Arrival {
  readonly patchPort: number;
  /** Frames from tunnels have the local VLAN already; those of a flat network have none. */
  readonly vlan: { readonly kind: 'local' } | { readonly kind: 'wire'; readonly id: number | null };
}

/** What comes by the patch port from a router of any host; `own` is this host's address. */
export function fromOtherHostsFlow(patchPort: number, { own, kind }: { own: Mac; kind: 'tunnel' | 'wire' }): BrIntFlow {
  return {
    table: 'LOCAL_SWITCHING',
    priority: priorities.LOCAL_SWITCHING.fromRouter,
    match: match({ in_port: patchPort, eth_src: ofAnyHost(macToBigInt(own)) }),
    actions: [goto(kind === 'tunnel' ? 'DVR_TO_SRC_MAC' : 'DVR_TO_SRC_MAC_PHYSICAL')],
    of: 'br-int',
    why: 'comes from a distributed router of another host',
  };
}

/** What comes from elsewhere for the interface of this host. */
export function* notForRouterFlows(side: DistributedSide, { patchPort, vlan }: Arrival): Generator<BrIntFlow> {
  const from = { in_port: patchPort, vlan_vid: vlanOf(side, vlan) };
  const base = {
    table: 'LOCAL_SWITCHING',
    priority: priorities.LOCAL_SWITCHING.toRouter,
    actions: drop,
    of: side.id,
  } as const;
  yield { ...base, match: match({ ...from, eth_dst: side.mac }), why: 'is for the router of another host' };
  for (const address of side.addresses) {
    yield {
      ...base,
      match:
        family(address) === 4
          ? arp({ ...from, arp_tpa: address })
          : neighborSolicitation({ ...from, nd_target: address }),
      why: `asks for ${address}, which the router of its own host has`,
    };
  }
}

/** What a router of another host sends to a port of this one. */
export function* toPortFlows(port: LocalPort, side: DistributedSide, { vlan }: Arrival): Generator<BrIntFlow> {
  const { view, ofport } = port;
  // An ordinary switch would learn that the router is elsewhere, if it were shown such a frame.
  const deliver: readonly Action<'PACKET_RATE_LIMIT'>[] = isGuarded(view)
    ? [...(vlan.kind === 'local' ? [] : toLocal(side, vlan.id)), goto('PACKET_RATE_LIMIT')]
    : [...(vlan.kind === 'wire' && vlan.id === null ? [] : [popVlan]), output(ofport)];
  for (const mac of macsOf(view)) {
    yield {
      table: vlan.kind === 'local' ? 'DVR_TO_SRC_MAC' : 'DVR_TO_SRC_MAC_PHYSICAL',
      priority: priorities.DVR_TO_SRC_MAC.toPort,
      match: match({ vlan_vid: vlanOf(side, vlan), eth_dst: mac }),
      actions: [setField('eth_src', side.mac), ...deliver],
      of: view.id,
      why: `comes from ${side.mac} on another host`,
    };
  }
}

function toLocal({ localVlan }: DistributedSide, wireVlan: number | null): readonly Action<never>[] {
  return [...(wireVlan === null ? [pushVlan] : []), setVlan(localVlan)];
}

function vlanOf({ localVlan }: DistributedSide, vlan: Arrival['vlan']): number {
  if (vlan.kind === 'local') return tagged(localVlan);
  return vlan.id === null ? untagged : tagged(vlan.id);
}
