// Keeps a port to its own addresses: the MAC addresses it sends from, and the IP addresses it claims in ARP (RFC 826)
// and in neighbour advertisements (RFC 4861). It is the guard of hosts where a Linux bridge before br-int filters (driver
// iptables_hybrid); where br-int filters itself, base-egress.ts guards ports.
//
// A Linux bridge shows iptables the IP packets that it recognises and lets all other frames pass: other protocols, and IP
// behind more than one VLAN tag, which the receiver's kernel takes off again if it is of VLAN 0. So what enters br-int is
// ARP and IP without a tag, as where br-int filters itself.

import { cidrFamily } from '@neutronium/net/cidr';
import { goto } from '../../openflow/action.ts';
import { untagged } from '../../openflow/field.ts';
import { arp, ipOf, match, neighborAdvertisement } from '../../openflow/match.ts';
import {
  addressClaims,
  describeClaimed,
  isGuarded,
  macsOf,
  whyTrusted,
  type AddressClaim,
  type LocalPort,
} from './local-port.ts';
import { priorities, type BrIntFlow } from './pipeline.ts';

/** The flows by which a wired port's frames enter the bridge: past the guard, or without one. */
export function portFlows(port: LocalPort): Generator<BrIntFlow> {
  return isGuarded(port.view) ? guardedFlows(port) : trustedFlows(port);
}

function* trustedFlows({ view, ofport }: LocalPort): Generator<BrIntFlow> {
  yield {
    table: 'LOCAL_SWITCHING',
    priority: priorities.LOCAL_SWITCHING.fromPort,
    match: match({ in_port: ofport, vlan_vid: untagged }),
    actions: [goto('PACKET_RATE_LIMIT')],
    of: view.id,
    why: whyTrusted(view),
  };
}

function* guardedFlows(port: LocalPort): Generator<BrIntFlow> {
  yield* entryFlows(port);
  for (const claim of addressClaims(port.view)) yield claimFlow(port, claim);
  for (const mac of macsOf(port.view)) {
    yield {
      table: 'MAC_SPOOF',
      priority: priorities.MAC_SPOOF.allowed,
      match: match({ in_port: port.ofport, eth_src: mac }),
      actions: [goto('LOCAL_EGRESS')],
      of: port.view.id,
      why: `may send from ${mac}`,
    };
  }
}

function* entryFlows({ view, ofport }: LocalPort): Generator<BrIntFlow> {
  const from = { in_port: ofport, vlan_vid: untagged };
  const claim = { table: 'LOCAL_SWITCHING', priority: priorities.LOCAL_SWITCHING.addressClaim, of: view.id } as const;
  yield { ...claim, match: arp(from), actions: [goto('ARP_SPOOF')], why: 'claims an address by ARP' };
  yield {
    ...claim,
    match: neighborAdvertisement(from),
    actions: [goto('ARP_SPOOF')],
    why: 'claims an address by neighbour advertisement',
  };
  for (const family of [4, 6] as const) {
    yield {
      table: 'LOCAL_SWITCHING',
      priority: priorities.LOCAL_SWITCHING.fromPort,
      match: ipOf(family, from),
      actions: [goto('MAC_SPOOF')],
      of: view.id,
      why: `sends IPv${family}, which iptables has let pass`,
    };
  }
}

/**
 * ARP names the claiming MAC address in a field that can be matched with the IP address. A neighbour advertisement
 * does so in an option that need not be there, so there the frame's own source address stands for it.
 */
function claimFlow({ view, ofport }: LocalPort, { mac, prefix }: AddressClaim): BrIntFlow {
  return {
    table: 'ARP_SPOOF',
    priority: priorities.ARP_SPOOF.allowed,
    match:
      cidrFamily(prefix) === 4
        ? arp({ in_port: ofport, arp_spa: prefix, arp_sha: mac })
        : neighborAdvertisement({ in_port: ofport, eth_src: mac, nd_target: prefix }),
    actions: [goto('MAC_SPOOF')],
    of: view.id,
    why: `may claim ${describeClaimed(prefix)} for ${mac}`,
  };
}
