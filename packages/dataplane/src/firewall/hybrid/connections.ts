// Which tracked connections may go on. iptables lets a connection pass once it has begun; when the rule that admitted it
// is gone, the connection itself has to be ended. Pure: what conntrack(8) shows comes in, what it is to do goes out.

import { cidrContains } from '@neutronium/net/cidr';
import { invariant } from '@neutronium/net/invariant';
import { family, parseIp, type Family, type IpAddress } from '@neutronium/net/ip';
import type { SecurityGroupRuleView } from '@neutronium/model/host-view';
import { addressClaims, type AddressClaim } from '../../bridges/br-int/local-port.ts';
import { isMember, type MemberSet, type MemberSets } from './member-sets.ts';
import { cutMark, dhcp, type FilteredPort } from './port-chains.ts';
import { icmpProtocol, membersOf, protocolsWithPorts, rulesOf, type Direction } from './rule-chains.ts';

/** A connection as conntrack(8) lists it, by the packet that began it. */
export interface TrackedConnection {
  readonly zone: number;
  readonly protocol: number;
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** Zero where the protocol has no ports. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** ICMP's type and code; null for other protocols. */
  readonly icmp: { readonly type: number; readonly code: number; readonly id: number } | null;
  readonly mark: number;
  /** After which the kernel forgets it, if nothing more is sent. */
  readonly timeoutSeconds: number;
}

/** What a port admits, in a form that is the same object for as long as it is the same. */
export interface Admission {
  readonly port: FilteredPort;
  /** The sets that its rules name, by id. */
  readonly sets: MemberSets;
}

/** A port whose connections must be those that it admits. */
export interface ConnectionPlan {
  readonly zone: number;
  readonly admission: Admission;
}

/** Whether nothing that decides about connections differs. */
export function sameAdmission(a: Admission, b: Admission): boolean {
  return (
    a === b ||
    (a.port.view === b.port.view &&
      a.port.groups.length === b.port.groups.length &&
      a.port.groups.every((group, index) => group === b.port.groups[index]) &&
      a.sets.size === b.sets.size &&
      [...a.sets].every(([id, set]) => b.sets.get(id) === set))
  );
}

/** Whether a rule of the port, or what every port may do, admits the connection. */
export function admits({ port, sets }: Admission, connection: TrackedConnection): boolean {
  const version = family(connection.source);
  const { asking, answering } = dhcp[version];
  const ports = { from: connection.sourcePort, to: connection.destinationPort };
  if (connection.protocol === udpProtocol && (samePorts(ports, asking) || samePorts(ports, answering))) return true;
  const own = addressClaims(port.view);
  return (['ingress', 'egress'] as const).some(
    (direction) =>
      mayBegin(own, connection, direction) &&
      port.groups.some((group) =>
        rulesOf(group, direction, version).some((rule) => matches(rule, connection, { direction, version, sets })),
      ),
  );
}

const udpProtocol = 17;
const tcpProtocol = 6;
const udpliteProtocol = 136;

function samePorts(a: { from: number; to: number }, b: { from: number; to: number }): boolean {
  return a.from === b.from && a.to === b.to;
}

/** Who has begun it: what comes from an address of the port, the instance; everything else, somebody else. */
function mayBegin(own: readonly AddressClaim[], { source }: TrackedConnection, direction: Direction): boolean {
  const isOwn = own.some(({ prefix }) => cidrContains(prefix, source));
  // An address that others may have as well can be either's.
  const onlyOwn = own.some(
    ({ prefix }) => prefix.endsWith(family(source) === 4 ? '/32' : '/128') && cidrContains(prefix, source),
  );
  return direction === 'egress' ? isOwn : !onlyOwn;
}

function matches(
  rule: SecurityGroupRuleView,
  connection: TrackedConnection,
  { direction, version, sets }: { readonly direction: Direction; readonly version: Family; readonly sets: MemberSets },
): boolean {
  const far = direction === 'ingress' ? connection.source : connection.destination;
  return (
    matchesRemote(rule, far, (id) => membersOf(sets, id, version), direction) &&
    matchesTraffic(rule, connection, version)
  );
}

function matchesRemote(
  { remote }: SecurityGroupRuleView,
  far: IpAddress,
  members: (id: string) => MemberSet,
  direction: Direction,
): boolean {
  switch (remote.kind) {
    case 'any':
      return true;
    case 'prefix':
      return cidrContains(remote.cidr, far);
    case 'set': {
      const set = members(remote.id);
      // A connection does not show the MAC address by which such a member is known; it is given the benefit.
      return isMember(set, far) || (direction === 'ingress' && set.everywhere.length > 0);
    }
  }
}

function matchesTraffic(
  { protocol, port_range_min: first, port_range_max: last }: SecurityGroupRuleView,
  connection: TrackedConnection,
  version: Family,
): boolean {
  if (protocol === null) return true;
  if (protocol !== connection.protocol) return false;
  if (protocol === icmpProtocol[version]) {
    if (first === null || connection.icmp === null) return true;
    return connection.icmp.type === first && (last === null || connection.icmp.code === last);
  }
  if (!protocolsWithPorts.has(protocol)) return true;
  return connection.destinationPort >= (first ?? 0) && connection.destinationPort <= (last ?? 65_535);
}

/** Reads what `conntrack -L` prints; connections outside of zones are left out. */
export function parseConnections(listed: string): readonly TrackedConnection[] {
  return listed.split('\n').flatMap((line) => {
    const fields = new Map<string, string>();
    // The second tuple is of the answers.
    for (const [, key = '', value = ''] of line.matchAll(/(\S+?)=(\S+)/g)) if (!fields.has(key)) fields.set(key, value);
    const [, protocol = '', timeout = ''] = line.trim().split(/\s+/);
    const [from, to] = [parseIp(fields.get('src') ?? ''), parseIp(fields.get('dst') ?? '')];
    const zone = fields.get('zone');
    if (!from.ok || !to.ok || zone === undefined) return [];
    const number = (key: string): number => Number(fields.get(key) ?? 0);
    return [
      {
        zone: Number(zone),
        protocol: Number(protocol),
        source: from.value,
        destination: to.value,
        sourcePort: number('sport'),
        destinationPort: number('dport'),
        icmp: fields.has('type') ? { type: number('type'), code: number('code'), id: number('id') } : null,
        mark: number('mark'),
        timeoutSeconds: /^\d+$/.test(timeout) ? Number(timeout) : 0,
      },
    ];
  });
}

export interface Sweep {
  /** Zones whose connections are judged. */
  readonly plans: readonly ConnectionPlan[];
  /** Zones that have no port any more, or another one: all their connections end. */
  readonly abandoned: ReadonlySet<number>;
  /** What earlier looks have found to be cut, and no look has found cut yet; by `exchangeOf`. */
  readonly cutting: ReadonlyMap<string, TrackedConnection>;
}

export interface SweepCommands {
  /** Lines for `conntrack -R -`; none when all connections are as they should be. */
  readonly commands: readonly string[];
  /** What the next look must find cut. */
  readonly cutting: ReadonlyMap<string, TrackedConnection>;
}

/**
 * What is to be done about the connections. One that is no longer admitted is not just forgotten: the next packet of a
 * peer that may send would begin it anew in the middle, and the answers would pass. It is replaced by one of the same
 * name that bears the cut mark. A packet that comes just between the two begins it nevertheless, perhaps the other way
 * round: so the sweep looks again until it finds what it has cut.
 */
export function sweepCommands(connections: readonly TrackedConnection[], sweep: Sweep): SweepCommands {
  const admissions = new Map(sweep.plans.map((plan) => [plan.zone, plan.admission]));
  const cutting = new Map(sweep.cutting);
  const seen = new Set<string>();
  const commands: string[] = [];
  for (const connection of connections) {
    const exchange = exchangeOf(connection);
    seen.add(exchange);
    if (sweep.abandoned.has(connection.zone)) commands.push(`-D ${nameOf(connection)}`);
    const admission = admissions.get(connection.zone);
    if (sweep.abandoned.has(connection.zone) || admission === undefined) continue;
    const known = sweep.cutting.get(exchange);
    const begun = known !== undefined && !admits(admission, known) ? known : undefined;
    const admitted = begun === undefined && admits(admission, connection);
    if (admitted === (connection.mark !== cutMark)) continue;
    commands.push(`-D ${nameOf(connection)}`);
    // What may begin again begins with its next packet.
    if (admitted || !beginsInTheMiddle.has(connection.protocol)) continue;
    commands.push(gravestone(begun ?? connection));
    cutting.set(exchange, begun ?? connection);
  }
  for (const [exchange, begun] of sweep.cutting) {
    const admission = admissions.get(begun.zone);
    const stillCut = admission !== undefined && !admits(admission, begun) && !sweep.abandoned.has(begun.zone);
    if (stillCut && !seen.has(exchange)) commands.push(gravestone(begun));
  }
  return { commands, cutting };
}

/** The same for both directions of what is said between two. */
function exchangeOf({ zone, protocol, source, destination, sourcePort, destinationPort }: TrackedConnection): string {
  const ends = [`${source} ${sourcePort}`, `${destination} ${destinationPort}`].toSorted();
  return `${zone} ${protocol} ${ends.join(' ')}`;
}

/** Protocols of which connection tracking takes any packet for a beginning. */
const beginsInTheMiddle: ReadonlySet<number> = new Set([tcpProtocol, udpProtocol, udpliteProtocol]);

/** Takes the connection's place for as long as it would have been remembered, and not shorter than peers try. */
function gravestone(connection: TrackedConnection): string {
  const { protocol, timeoutSeconds } = connection;
  const seconds = Math.max(timeoutSeconds, protocol === tcpProtocol ? lastTryOfTcpSeconds : 60);
  const state = protocol === tcpProtocol ? ' --state ESTABLISHED' : '';
  return `-A ${nameOf(connection)} --timeout ${seconds} --mark ${cutMark}${state}`;
}

/** Linux gives a connection up after tcp_retries2 (15) tries, in some 15 minutes (tcp(7)). */
const lastTryOfTcpSeconds = 1200;

function nameOf({ zone, protocol, source, destination, sourcePort, destinationPort, icmp }: TrackedConnection): string {
  const version = family(source);
  const addresses = `-w ${zone} -p ${protocol} --orig-src ${source} --orig-dst ${destination}`;
  if (icmp !== null) {
    invariant(protocol === icmpProtocol[version], () => `connection of protocol ${protocol} with ICMP's type`);
    const option = version === 4 ? 'icmp' : 'icmpv6';
    return `${addresses} --${option}-type ${icmp.type} --${option}-code ${icmp.code} --${option}-id ${icmp.id}`;
  }
  if (!protocolsWithPorts.has(protocol)) return addresses;
  return `${addresses} --orig-port-src ${sourcePort} --orig-port-dst ${destinationPort}`;
}
