// Local IPs: addresses of a network that lead to a port of the host, whoever has them elsewhere. What instances of the
// host send to one is turned to the port before anything else is decided on it, so that rules see the port's address; and
// what the port answers gets the local IP again after everything was decided, on its way into the instance's port.
//
// Connection tracking remembers which packets are such answers: the port is also spoken to by its own address. It does
// so in zones apart from those of the rules, which see only the connection between the two ports.

import { hostCidr } from '@neutronium/net/cidr';
import { ipToBigInt } from '@neutronium/net/ip';
import type { LocalIpView } from '@neutronium/model/host-view';
import { ct, ctClear, goto, load, move, output, setField, type Action, type Nat } from '../../openflow/action.ts';
import { untagged, whole } from '../../openflow/field.ts';
import { arp, ipv4, match } from '../../openflow/match.ts';
import { ctState } from '../../openflow/match-text.ts';
import { holds } from '../../openflow/registers.ts';
import { toJudgedPort } from './base-ingress.ts';
import { opens } from './judgement.ts';
import type { WiredPort } from './local-port.ts';
import { brInt, priorities, type BrIntFlow } from './pipeline.ts';
import { localIpZones, networkZone, register } from './registers.ts';

export interface LocalIpTarget {
  readonly view: LocalIpView;
  /** The port that it leads to. */
  readonly port: WiredPort;
  /** Below `localIpZones.ofNetwork`. */
  readonly generation: number;
}

/** What is the same for all local IPs. */
export function* sharedLocalIpFlows(): Generator<BrIntFlow> {
  yield {
    table: 'LOCAL_IP',
    priority: priorities.LOCAL_IP.tracked,
    match: ipv4({ ct_state: ctState({ trk: true }) }),
    // Rules ask for the connection in another zone, and take a packet that was tracked for one they have asked about.
    actions: [ctClear, goto('PACKET_RATE_LIMIT')],
    of: brInt.name,
    why: 'has the address that it is for',
  };
}

/** How what an instance sends comes to the local IPs of its network; `isSorted` where table 0 leads there already. */
export function* askerFlows(
  { view, ofport, localVlan }: WiredPort,
  { isSorted }: { readonly isSorted: boolean },
): Generator<BrIntFlow> {
  const base = { of: view.id, why: 'is on a network with local IPs' } as const;
  if (!isSorted) {
    const from = { in_port: ofport, vlan_vid: untagged };
    for (const tests of [arp(from), ipv4(from)]) {
      yield {
        ...base,
        table: 'LOCAL_SWITCHING',
        priority: priorities.LOCAL_SWITCHING.toLocalIp,
        match: tests,
        actions: [goto('LOCAL_EGRESS')],
      };
    }
  }
  yield {
    ...base,
    table: 'LOCAL_EGRESS',
    priority: priorities.LOCAL_EGRESS.fromPort,
    match: match({ in_port: ofport }),
    actions: [load(localVlan, register.localVlan), goto('LOCAL_IP')],
  };
}

/**
 * Frames to a port that is not guarded, which the switch would forward by itself: they are led to where answers get their
 * local IPs.
 */
export function* answeredFlows({ view, ofport, localVlan }: WiredPort): Generator<BrIntFlow> {
  const to = { ...holds(register.localVlan, localVlan), eth_dst: view.mac_address };
  // The receiver commits no connection, but a guarded sender relies on its own for the answers.
  const remember = ct({ zone: networkZone, commit: true });
  const deliver: readonly Action<'INGRESS_PACKET_RATE_LIMIT'>[] = [load(ofport, register.judgedPort), toJudgedPort];
  const base = { table: 'ACCEPT_OR_INGRESS', of: view.id, why: 'may be an answer from a local IP' } as const;
  yield { ...base, priority: priorities.ACCEPT_OR_INGRESS.toAsker, match: ipv4(to), actions: deliver };
  yield {
    ...base,
    priority: priorities.ACCEPT_OR_INGRESS.opensToAsker,
    match: ipv4({ ...to, ct_state: opens }),
    actions: [remember, ...deliver],
  };
}

export function* localIpFlows(target: LocalIpTarget): Generator<BrIntFlow> {
  yield* exemptFlows(target);
  yield answerFlow(target);
  yield towardsFlow(target);
}

/** The port reaches whoever has the address itself, and who has it may say so. */
function* exemptFlows({ view, port }: LocalIpTarget): Generator<BrIntFlow> {
  const base = {
    table: 'LOCAL_IP',
    priority: priorities.LOCAL_IP.exempt,
    actions: [goto('PACKET_RATE_LIMIT')],
    of: view.id,
  } as const;
  const address = hostCidr(view.local_ip_address);
  const why = `is where ${view.local_ip_address} leads to`;
  yield { ...base, match: arp({ in_port: port.ofport, arp_tpa: address }), why };
  yield { ...base, match: ipv4({ in_port: port.ofport, ip_dst: address }), why };
  yield {
    ...base,
    match: arp({ ...holds(register.localVlan, port.localVlan), arp_spa: address }),
    why: `has ${view.local_ip_address} itself`,
  };
}

/** Turns the question (RFC 826) into its answer and sends it back to the instance. */
function answerFlow({ view, port }: LocalIpTarget): BrIntFlow {
  const { mac_address: mac } = port.view;
  return {
    table: 'LOCAL_IP',
    priority: priorities.LOCAL_IP.toLocalIp,
    match: arp({
      ...holds(register.localVlan, port.localVlan),
      arp_op: 1,
      arp_tpa: hostCidr(view.local_ip_address),
    }),
    actions: [
      setField('arp_op', 2),
      move(whole('arp_sha'), whole('arp_tha')),
      move(whole('arp_spa'), whole('arp_tpa')),
      setField('arp_sha', mac),
      setField('arp_spa', ipToBigInt(view.local_ip_address)),
      move(whole('eth_src'), whole('eth_dst')),
      setField('eth_src', mac),
      output('IN_PORT'),
    ],
    of: view.id,
    why: `asks who has ${view.local_ip_address}`,
  };
}

function towardsFlow(target: LocalIpTarget): BrIntFlow {
  const { view, port } = target;
  const toPort = setField('eth_dst', port.view.mac_address);
  const base = {
    table: 'LOCAL_IP',
    priority: priorities.LOCAL_IP.toLocalIp,
    match: ipv4({ ...holds(register.localVlan, port.localVlan), ip_dst: hostCidr(view.local_ip_address) }),
    of: view.id,
  } as const;
  switch (view.ip_mode) {
    case 'passthrough':
      return { ...base, actions: [toPort, goto('PACKET_RATE_LIMIT')], why: 'is for the port, with the local IP' };
    case 'translate': {
      const [first, last] = [ipToBigInt(view.fixed_ip), ipToBigInt(view.fixed_ip)];
      const nat: Nat = { direction: 'dst', address: { family: 4, first, last }, ports: null };
      const track = ct({ zone: zoneOf(target), commit: true, nat, table: 'LOCAL_IP' });
      return { ...base, actions: [toPort, track], why: `is for the port, as ${view.fixed_ip}` };
    }
  }
}

const asTracked: Nat = { direction: null, address: null, ports: null };

/** What the port sends by that address may answer to a local IP: where br-int filters, it is asked at the port that gets it. */
export function deliveredAnswerFlow(target: LocalIpTarget): BrIntFlow {
  const { view, port } = target;
  return {
    table: 'INGRESS_PACKET_RATE_LIMIT',
    priority: priorities.LIMIT.localIpAnswer,
    match: ipv4({
      ...holds(register.localVlan, port.localVlan),
      ...holds(register.localIpAnswer, 0),
      eth_src: port.view.mac_address,
      ip_src: hostCidr(view.fixed_ip),
    }),
    actions: [
      load(1, register.localIpAnswer),
      ct({ zone: zoneOf(target), nat: asTracked, table: 'INGRESS_PACKET_RATE_LIMIT' }),
    ],
    of: view.id,
    why: 'may answer to a local IP',
  };
}

/** The same where br-int does not filter: it is asked as the port sends it. */
export function sentAnswerFlow(target: LocalIpTarget): BrIntFlow {
  const { view, port } = target;
  return {
    table: 'LOCAL_IP',
    priority: priorities.LOCAL_IP.answer,
    match: ipv4({
      in_port: port.ofport,
      ct_state: ctState({ trk: false }),
      eth_src: port.view.mac_address,
      ip_src: hostCidr(view.fixed_ip),
    }),
    actions: [ct({ zone: zoneOf(target), nat: asTracked, table: 'LOCAL_IP' })],
    of: view.id,
    why: 'may answer to a local IP',
  };
}

function zoneOf({ port, generation }: LocalIpTarget): number {
  return localIpZones.first | (generation << 12) | port.localVlan;
}
