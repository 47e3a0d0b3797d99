// The limits of a host: of its ports by their QoS policies, and of floating IPs and routers' own addresses by theirs. A
// limit costs a few flows and a meter for each of its rules; what has no policy costs nothing.

import type { FloatingIpView, HostView, PortView, QosPolicyView, QosRuleView } from '@neutronium/model/host-view';
import type { IpAddress } from '@neutronium/net/ip';
import { limitFlows, sharedLimitFlows, type Limit, type Meters } from '../bridges/br-int/limits.ts';
import { isGuarded, type WiredPort } from '../bridges/br-int/local-port.ts';
import { brInt } from '../bridges/br-int/pipeline.ts';
import type { Inventory } from '../host-plan.ts';
import type { Flow } from '../openflow/flow.ts';
import { lastMeter, type RateMeter } from '../openflow/meter.ts';
import { isReachedHere } from '../routers/hosted-router.ts';
import { Remembered } from './remembered.ts';
import { wiringOf } from './wiring.ts';

/** By the meters' numbers. */
export type MeterSet = ReadonlyMap<number, RateMeter>;

export interface HostLimits {
  readonly flows: readonly Flow[];
  readonly meters: MeterSet;
}

const sharedFlows: readonly Flow[] = [...brInt.resolveAll(sharedLimitFlows())];

interface MadeLimit {
  readonly flows: readonly Flow[];
  readonly meters: readonly RateMeter[];
}

const made = new Remembered<QosPolicyView, MadeLimit>();

/** The limits on br-int, and the meters that their flows name. */
export function hostLimits(view: HostView, inventory: Inventory): HostLimits {
  if (view.qos_policies.size === 0) return { flows: sharedFlows, meters: new Map() };
  const governed = [...governedPorts(view, inventory), ...governedAddresses(view, inventory)];
  const numbers = firstMeters(governed.map(({ key }) => key));
  const meters = new Map<number, RateMeter>();
  const flows = [...sharedFlows];
  for (const each of governed) {
    const first = numbers.get(each.key);
    // With all numbers taken the rest goes unlimited, rather than not at all.
    if (first === undefined) continue;
    const { view: port, ofport, localVlan } = each.port;
    const circumstances = [first, ofport, localVlan, port.mac_address, isGuarded(port), each.address].join(' ');
    const limit = made.of(each.policy, each.key, circumstances, () =>
      makeLimit(each, { first, byFlows: inventory.firewallDriver === 'openvswitch' }),
    );
    for (const meter of limit.meters) meters.set(meter.number, meter);
    flows.push(...limit.flows);
  }
  return { flows, meters };
}

/** A port, or one address of it, with the policy that holds for it. */
interface Governed {
  /** What the meters' numbers follow from; begins as an id does. */
  readonly key: string;
  /** The API object that the limit is of. */
  readonly of: string;
  readonly port: WiredPort;
  readonly address: IpAddress | null;
  readonly policy: QosPolicyView;
}

function* governedPorts(view: HostView, inventory: Inventory): Generator<Governed> {
  for (const portId of inventory.plugged.keys()) {
    const port = view.ports.get(portId);
    const policy = view.qos_policies.get((port === undefined ? undefined : policyOf(view, port)) ?? '');
    const wired = policy === undefined ? undefined : wiredPort(view, inventory, portId);
    if (policy !== undefined && wired !== undefined)
      yield { key: portId, of: portId, port: wired, address: null, policy };
  }
}

/** A port's own policy, or its network's; but what belongs to the platform is not meant by a network's. */
function policyOf(view: HostView, { qos_policy_id, network_id, device_owner }: PortView): string | undefined {
  if (qos_policy_id !== undefined || device_owner.startsWith('network:')) return qos_policy_id;
  return view.networks.get(network_id)?.qos_policy_id;
}

/** Floating IPs and routers' addresses outside have the policy of the external network unless they have their own. */
function* governedAddresses(view: HostView, inventory: Inventory): Generator<Governed> {
  const ways = new Map<string, WiredPort>();
  const policyFor = (port: WiredPort, own: string | undefined): QosPolicyView | undefined =>
    view.qos_policies.get(own ?? view.networks.get(port.view.network_id)?.qos_policy_id ?? '');
  const wayOf = (floatingIp: FloatingIpView): WiredPort | undefined => {
    const { router_id, floating_network_id } = floatingIp;
    const isDistributed = view.routers.get(router_id)?.distributed === true;
    if (!isDistributed || !isReachedHere(view, inventory.host, floatingIp)) {
      return ways.get(`${router_id} ${floating_network_id}`);
    }
    const portId = view.agent_gateways.get(floating_network_id)?.port_id;
    return portId === undefined ? undefined : wiredPort(view, inventory, portId);
  };
  for (const { id, gateways, qos_policy_id } of view.routers.values()) {
    for (const { port_id } of gateways) {
      const port = wiredPort(view, inventory, port_id);
      if (port === undefined) continue;
      const way = `${id} ${port.view.network_id}`;
      // Of several by one network, floating IPs are behind the first.
      if (!ways.has(way)) ways.set(way, port);
      const policy = policyFor(port, qos_policy_id);
      if (policy === undefined) continue;
      for (const { ip_address } of port.view.fixed_ips) {
        yield { key: `${port_id} ${ip_address}`, of: id, port, address: ip_address, policy };
      }
    }
  }
  for (const floatingIp of view.floating_ips.values()) {
    const { id, floating_ip_address, qos_policy_id } = floatingIp;
    const port = wayOf(floatingIp);
    const policy = port === undefined ? undefined : policyFor(port, qos_policy_id);
    if (port !== undefined && policy !== undefined)
      yield { key: id, of: id, port, address: floating_ip_address, policy };
  }
}

function wiredPort(view: HostView, inventory: Inventory, portId: string): WiredPort | undefined {
  const [wiring, plugged] = [wiringOf(view, inventory, portId), inventory.plugged.get(portId)];
  if (wiring.kind !== 'wired' || plugged === undefined) return undefined;
  return { view: wiring.port, ofport: plugged.ofport, localVlan: wiring.localVlan };
}

/** Places of the meters of one limit after its first number. */
const places = { egressPackets: 0, egressBits: 1, ingressPackets: 2, ingressBits: 3 } as const;
const metersOfLimit = 4;
const limits = Math.floor(lastMeter / metersOfLimit);

/**
 * The number of each limit's first meter. It follows from the ids alone, so that an agent that starts again finds its
 * meters as they should be: the id's first 32 bits, or the next number that is free, given out in the order of the ids.
 */
function firstMeters(ids: readonly string[]): ReadonlyMap<string, number> {
  const taken = new Set<number>();
  const result = new Map<string, number>();
  for (const id of [...new Set(ids)].toSorted().slice(0, limits)) {
    let place = Number.parseInt(id.slice(0, 8), 16) % limits;
    while (taken.has(place)) place = (place + 1) % limits;
    taken.add(place);
    result.set(id, 1 + place * metersOfLimit);
  }
  return result;
}

function makeLimit(
  { of, port, address, policy }: Governed,
  { first, byFlows }: { readonly first: number; readonly byFlows: boolean },
): MadeLimit {
  const meters: RateMeter[] = [];
  const metersFor = (direction: 'ingress' | 'egress'): Meters => {
    const [packetsAt, bitsAt] =
      direction === 'egress' ? [places.egressPackets, places.egressBits] : [places.ingressPackets, places.ingressBits];
    const packets = packetMeter(first + packetsAt, policy.rules, direction);
    const bits = bitMeter(first + bitsAt, policy.rules, direction);
    meters.push(...[packets, bits].filter((meter) => meter !== null));
    return { packets: packets?.number ?? null, bits: bits?.number ?? null };
  };
  const mark = policy.rules.find((rule) => rule.type === 'dscp_marking');
  const limit: Limit = {
    of,
    port,
    address,
    // Where iptables filters, the switch has no rules that would lead to the limits.
    judged: byFlows && isGuarded(port.view),
    egress: metersFor('egress'),
    ingress: metersFor('ingress'),
    // An address is limited and no more, as in Neutron.
    dscp: address === null ? (mark?.dscp_mark ?? null) : null,
  };
  return { flows: [...brInt.resolveAll(limitFlows(limit))], meters };
}

/**
 * What may come at once where a rule leaves it open, in parts of what comes in a second: 80 %, as Neutron has it. A
 * limit that drops needs about that much for TCP to find its rate.
 */
const defaultBurst = 0.8;

/** A rate of 0 is no limit, as in Neutron. */
function bitMeter(number: number, rules: readonly QosRuleView[], direction: string): RateMeter | null {
  const rule = rules.find((each) => each.type === 'bandwidth_limit' && each.direction === direction);
  if (rule?.type !== 'bandwidth_limit' || rule.max_kbps === 0) return null;
  return meterOf({ number, unit: 'kbps', rate: rule.max_kbps, burst: rule.max_burst_kbps });
}

function packetMeter(number: number, rules: readonly QosRuleView[], direction: string): RateMeter | null {
  const rule = rules.find((each) => each.type === 'packet_rate_limit' && each.direction === direction);
  if (rule?.type !== 'packet_rate_limit' || rule.max_kpps === 0) return null;
  return meterOf({ number, unit: 'pktps', rate: rule.max_kpps * 1000, burst: rule.max_burst_kpps * 1000 });
}

/** The numbers of the wire have 32 bits. */
function meterOf({ number, unit, rate, burst }: RateMeter): RateMeter {
  const most = 0xffffffff;
  const usual = Math.max(1, Math.ceil(rate * defaultBurst));
  return { number, unit, rate: Math.min(most, rate), burst: Math.min(most, burst === 0 ? usual : burst) };
}
