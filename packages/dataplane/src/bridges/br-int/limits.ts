// What ports may send and get in each second, and how what they send is marked. A limit is a meter, which drops what is
// above its rate; it is asked of what a port sends before anything else, and of what a port gets once its rules have let
// it pass, so that what they refuse does not count.
//
// A frame for everyone on a network is not metered as it is delivered: a meter drops a frame for all who are to get it.

import { hostCidr } from '@neutronium/net/cidr';
import { family, type IpAddress } from '@neutronium/net/ip';
import { ct, goto, load, output, popVlan, resubmit, setField, type Action } from '../../openflow/action.ts';
import { tagged } from '../../openflow/field.ts';
import { ipOf, match, type Match, type MatchFields } from '../../openflow/match.ts';
import { holds } from '../../openflow/registers.ts';
import { toJudgedPort } from './base-ingress.ts';
import { opens } from './judgement.ts';
import type { WiredPort } from './local-port.ts';
import { brInt, priorities, type BrIntFlow } from './pipeline.ts';
import { audience, networkZone, register } from './registers.ts';

/** The meters that limit one direction, by their numbers; null where there is no limit. */
export interface Meters {
  readonly packets: number | null;
  readonly bits: number | null;
}

/** What limits the traffic of a port, or of one address of it. */
export interface Limit {
  /** The API object that has the limit. */
  readonly of: string;
  readonly port: WiredPort;
  /** The address by whose traffic alone is meant; null for all of the port. */
  readonly address: IpAddress | null;
  /** Whether what the port gets has met rules and comes to the limits by itself. */
  readonly judged: boolean;
  readonly egress: Meters;
  readonly ingress: Meters;
  /** The codepoint that what the port sends gets (RFC 2474 section 3); null leaves it as it is. */
  readonly dscp: number | null;
}

export function* limitFlows(limit: Limit): Generator<BrIntFlow> {
  yield* egressFlows(limit);
  if (!isLimiting(limit.ingress)) return;
  yield* ingressFlows(limit);
  if (!limit.judged) yield* passageFlows(limit);
}

/** What is the same for all ports. */
export function* sharedLimitFlows(): Generator<BrIntFlow> {
  yield {
    table: 'INGRESS_BANDWIDTH_LIMIT',
    priority: priorities.LIMIT.unlimited,
    match: match({}),
    actions: [{ kind: 'output_slice', from: register.judgedPort }],
    of: brInt.name,
    why: 'is for a port without a limit, or for several',
  };
}

function* egressFlows({ of, port, address, egress, dscp }: Limit): Generator<BrIntFlow> {
  const base = { table: 'PACKET_RATE_LIMIT', of } as const;
  const from = { in_port: port.ofport };
  const onward = [egress.bits === null ? goto('TRANSIENT') : resubmit('BANDWIDTH_LIMIT')];
  if (dscp !== null) {
    for (const version of [4, 6] as const) {
      yield {
        ...base,
        priority: priorities.LIMIT.marked,
        match: ipOf(version, from),
        actions: [...metered(egress.packets), setField('ip_dscp', dscp), ...onward],
        why: `IPv${version} is marked with DSCP ${dscp}`,
      };
    }
  }
  if (!isLimiting(egress)) return;
  const { priority, matches } = selection(address, 'source', from);
  yield {
    ...base,
    priority,
    match: matches,
    actions: [...metered(egress.packets), ...onward],
    why: 'is limited in what it sends',
  };
  if (egress.bits === null) return;
  yield {
    table: 'BANDWIDTH_LIMIT',
    priority,
    match: matches,
    actions: [...metered(egress.bits), goto('TRANSIENT')],
    of,
    why: 'is limited in the bits that it sends',
  };
}

function* ingressFlows({ of, port, address, ingress }: Limit): Generator<BrIntFlow> {
  const to = { ...holds(register.judgedPort, port.ofport), ...holds(register.audience, audience.one) };
  const { priority, matches } = selection(address, 'destination', to);
  if (ingress.packets !== null) {
    yield {
      table: 'INGRESS_PACKET_RATE_LIMIT',
      priority,
      match: matches,
      actions: [...metered(ingress.packets), goto('INGRESS_BANDWIDTH_LIMIT')],
      of,
      why: 'is limited in the packets that it gets',
    };
  }
  if (ingress.bits === null) return;
  yield {
    table: 'INGRESS_BANDWIDTH_LIMIT',
    priority,
    match: matches,
    actions: [...metered(ingress.bits), output(port.ofport)],
    of,
    why: 'is limited in the bits that it gets',
  };
}

/** What a port gets that has no rules is switched by its address; here it is led past the limits instead. */
function* passageFlows({ of, port, address }: Limit): Generator<BrIntFlow> {
  const { view, ofport, localVlan } = port;
  const why = 'is limited in what it gets';
  yield {
    table: 'TRANSIENT',
    priority: priorities.TRANSIENT.toLimit,
    match: selection(address, 'destination', { vlan_vid: tagged(localVlan), eth_dst: view.mac_address }).matches,
    actions: [popVlan, load(ofport, register.judgedPort), toJudgedPort],
    of,
    why,
  };
  const onNetwork = { ...holds(register.localVlan, localVlan), eth_dst: view.mac_address };
  // The receiver commits no connection, but a guarded sender relies on its own for the answers.
  const remember = ct({ zone: networkZone, commit: true });
  const deliver: readonly Action<'INGRESS_PACKET_RATE_LIMIT'>[] = [load(ofport, register.judgedPort), toJudgedPort];
  const accepted = { table: 'ACCEPT_OR_INGRESS', of, why } as const;
  yield {
    ...accepted,
    priority: priorities.ACCEPT_OR_INGRESS.toLimit,
    match: selection(address, 'destination', onNetwork).matches,
    actions: deliver,
  };
  for (const version of address === null ? ([4, 6] as const) : [family(address)]) {
    yield {
      ...accepted,
      priority: priorities.ACCEPT_OR_INGRESS.opensToLimit,
      match: opening(version, address, onNetwork),
      actions: [remember, ...deliver],
    };
  }
}

/** The first packets of connections to the address, or to any of that version. */
function opening(version: 4 | 6, address: IpAddress | null, tests: Omit<MatchFields, 'eth_type'>): Match {
  const first = { ...tests, ct_state: opens };
  return address === null ? ipOf(version, first) : selection(address, 'destination', first).matches;
}

function selection(
  address: IpAddress | null,
  end: 'source' | 'destination',
  tests: Omit<MatchFields, 'eth_type'>,
): { readonly priority: number; readonly matches: Match } {
  if (address === null) return { priority: priorities.LIMIT.port, matches: match(tests) };
  const prefix = hostCidr(address);
  const own =
    end === 'source'
      ? family(address) === 4
        ? { ip_src: prefix }
        : { ipv6_src: prefix }
      : family(address) === 4
        ? { ip_dst: prefix }
        : { ipv6_dst: prefix };
  return { priority: priorities.LIMIT.address, matches: ipOf(family(address), { ...tests, ...own }) };
}

function metered(meter: number | null): readonly Action<never>[] {
  return meter === null ? [] : [{ kind: 'meter', meter }];
}

function isLimiting({ packets, bits }: Meters): boolean {
  return packets !== null || bits !== null;
}
