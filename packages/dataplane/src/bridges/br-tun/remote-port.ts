// A port of another host, as br-tun knows it: where frames for it go, and how questions for its addresses are answered.

import { eui64Address, linkLocalPrefix } from '@neutronium/net/cidr';
import { family, ipToBigInt, type IpAddress } from '@neutronium/net/ip';
import type { RemotePortView } from '@neutronium/model/host-view';
import { move, output, setField } from '../../openflow/action.ts';
import { tagged, whole } from '../../openflow/field.ts';
import { arp, match, neighborSolicitation } from '../../openflow/match.ts';
import { throughTunnels, type TunnelledNetwork } from './network.ts';
import { priorities, type BrTunFlow } from './pipeline.ts';

/** The flows for one port behind the tunnel with the number `ofport`. */
export function* remotePortFlows(
  network: TunnelledNetwork,
  port: RemotePortView,
  ofport: number,
): Generator<BrTunFlow> {
  yield {
    table: 'UCAST_TO_TUN',
    priority: priorities.UCAST_TO_TUN,
    match: match({ vlan_vid: tagged(network.localVlan), eth_dst: port.mac_address }),
    actions: throughTunnels(network, [ofport]),
    of: port.id,
    why: `is on ${port.hosts.join(', ')}`,
  };
  // Every IPv6 interface has a link-local address (RFC 4291 section 2.5.6), which no subnet hands out.
  const addresses = new Set([...port.ip_addresses, eui64Address(linkLocalPrefix, port.mac_address)]);
  for (const address of addresses) {
    yield family(address) === 4
      ? arpAnswer(network, port, address)
      : directedSolicitation(network, port, address, ofport);
  }
}

/** Turns the question (RFC 826) into its answer and sends it back to br-int. */
function arpAnswer({ localVlan }: TunnelledNetwork, port: RemotePortView, address: IpAddress): BrTunFlow {
  const { mac_address: mac } = port;
  return {
    table: 'ARP_RESPONDER',
    priority: priorities.ARP_RESPONDER,
    match: arp({ vlan_vid: tagged(localVlan), arp_op: 1, arp_tpa: address }),
    actions: [
      setField('arp_op', 2),
      move(whole('arp_sha'), whole('arp_tha')),
      move(whole('arp_spa'), whole('arp_tpa')),
      setField('arp_sha', mac),
      setField('arp_spa', ipToBigInt(address)),
      move(whole('eth_src'), whole('eth_dst')),
      setField('eth_src', mac),
      output('IN_PORT'),
    ],
    of: port.id,
    why: `has ${address}`,
  };
}

/**
 * Takes a neighbour solicitation (RFC 4861 section 4.3) to the host of the port that it asks for. The port answers
 * itself: an answer made here would be the forged one that detection of duplicate addresses exists to find.
 */
function directedSolicitation(
  network: TunnelledNetwork,
  port: RemotePortView,
  address: IpAddress,
  ofport: number,
): BrTunFlow {
  return {
    table: 'ARP_RESPONDER',
    priority: priorities.ARP_RESPONDER,
    match: neighborSolicitation({ vlan_vid: tagged(network.localVlan), nd_target: address }),
    actions: throughTunnels(network, [ofport]),
    of: port.id,
    why: `has ${address}, and answers itself`,
  };
}
