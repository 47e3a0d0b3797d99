// Hosts with random security groups, packets that nearly meet their rules, and what should become of them: a plain
// reading of the API's rules, which knows nothing of flows. For tests.

import fc from 'fast-check';
import { cidr, cidrContains, cidrFamily, hostCidr, isCidr, prefixLength, type Cidr } from '@neutronium/net/cidr';
import { ip, type Family, type IpAddress } from '@neutronium/net/ip';
import { isMulticast, mac, type Mac } from '@neutronium/net/mac';
import {
  viewOf,
  type AddressPair,
  type HostObject,
  type HostView,
  type MemberAddress,
  type PortView,
  type SecurityGroupRuleView,
} from '@neutronium/model/host-view';
import { isGuarded } from './bridges/br-int/local-port.ts';
import { tagged } from './openflow/field.ts';
import { ipOf, protocol, type Match } from './openflow/match.ts';
import { ctState } from './openflow/match-text.ts';
import { group, id, inventory, member, network, plugged, port, rule } from './sample-host.ts';
import type { Connection } from './trace/trace.ts';

/** Networks 1 and 2 are two tenants' with the same addresses; network 4 is on a wire as VLAN 101. */
export const worldPorts: ReadonlyMap<number, { readonly network: number; readonly host: number }> = new Map([
  [11, { network: 1, host: 11 }],
  [12, { network: 1, host: 12 }],
  [13, { network: 1, host: 13 }],
  [14, { network: 1, host: 14 }],
  [19, { network: 1, host: 19 }],
  [21, { network: 2, host: 11 }],
  [22, { network: 2, host: 12 }],
  [41, { network: 4, host: 11 }],
  [42, { network: 4, host: 12 }],
]);
/** Has no port security. */
export const trustedPort = 19;
export const wirePatch = 1;
const wireNetwork = 4;
const wireVlan = 101;
export const virtualMac = mac('00:00:5e:00:01:01');
const strangerMac = mac('02:00:00:00:00:99');
const everyone = mac('ff:ff:ff:ff:ff:ff');
const multicast = mac('01:00:5e:00:00:fb');

export const ofportOf = (digits: number) => 100 + digits;
export const worldInventory = inventory(
  [...worldPorts.keys()].map((digits) => plugged(digits, ofportOf(digits))),
  { localVlans: new Map([1, 2, 4].map((digits) => [id('network', digits), digits])) },
);

const addressesOf = (host: number): readonly [IpAddress, IpAddress] => [ip(`10.0.0.${host}`), ip(`2001:db8::${host}`)];

const statefulGroups = [1, 2, 3, 4];
const statelessGroups = [5, 6];
/** Groups that one port alone may have, by the port. Those of network 2 are stateless. */
const ownGroups: ReadonlyMap<number, number> = new Map([
  [12, 7],
  [41, 8],
  [22, 9],
]);
const allGroups = [...statefulGroups, ...statelessGroups, ...ownGroups.values()];
const isStateful = (digits: number) => ![...statelessGroups, ownGroups.get(22)].includes(digits);
/** Few enough that packets meet rules. */
const small = fc.integer({ min: 0, max: 12 });
const prefixes: Readonly<Record<Family, readonly Cidr[]>> = {
  4: ['10.0.0.0/24', '10.0.0.8/29', '10.0.0.12/32', '10.0.9.0/28', '0.0.0.0/0', '192.0.2.0/24'].map(cidr),
  6: ['2001:db8::/64', '2001:db8::10/124', '2001:db8::12/128', '::/0'].map(cidr),
};

function arbitraryRule(digits: number): fc.Arbitrary<SecurityGroupRuleView> {
  return fc
    .record({
      direction: fc.constantFrom('ingress' as const, 'egress' as const),
      family: fc.constantFrom(4 as const, 6 as const),
      protocol: fc.constantFrom(
        null,
        null,
        protocol.tcp,
        protocol.tcp,
        protocol.udp,
        protocol.sctp,
        'icmp' as const,
        47,
      ),
      hasPorts: fc.boolean(),
      first: small,
      second: small,
      type: fc.constantFrom(0, 8),
      code: fc.constantFrom(null, 0, 1),
      remote: fc.constantFrom('any', 'any', 'prefix', 'group', 'group', 'addresses'),
      prefix: fc.nat(),
      set: fc.constantFrom(...allGroups),
    })
    .map((given) => {
      const { family, direction, hasPorts } = given;
      const isIcmp = given.protocol === 'icmp';
      const number = given.protocol === 'icmp' ? (family === 4 ? protocol.icmp : protocol.icmpv6) : given.protocol;
      const takesPorts = hasPorts && number !== null && number !== 47;
      const candidates = prefixes[family];
      return rule(digits, {
        direction,
        ethertype: `IPv${family}`,
        protocol: number,
        port_range_min: takesPorts ? (isIcmp ? given.type : Math.min(given.first, given.second)) : null,
        port_range_max: takesPorts ? (isIcmp ? given.code : Math.max(given.first, given.second)) : null,
        remote:
          given.remote === 'any'
            ? { kind: 'any' }
            : given.remote === 'prefix'
              ? { kind: 'prefix', cidr: candidates[given.prefix % candidates.length] ?? cidr('0.0.0.0/0') }
              : { kind: 'set', id: given.remote === 'group' ? id('group', given.set) : id('addresses', 1) },
      });
    });
}

const arbitraryGroups = fc
  .tuple(
    ...allGroups.map((digits) =>
      fc
        .integer({ min: 1, max: 8 })
        .chain((count) => fc.tuple(...Array.from({ length: count }, (_, n) => arbitraryRule(digits * 10 + n)))),
    ),
  )
  .map((all) => all.map((rules, index) => group(index + 1, rules, { stateful: isStateful(index + 1) })));

const arbitraryMembership = (digits: number): fc.Arbitrary<readonly number[]> =>
  fc.oneof(
    {
      weight: ownGroups.has(digits) ? 5 : 0,
      arbitrary: fc.constant([...ownGroups].filter(([port]) => port === digits).map(([, its]) => its)),
    },
    { weight: 4, arbitrary: fc.subarray(statefulGroups, { minLength: 1, maxLength: 3 }) },
    { weight: 1, arbitrary: fc.subarray(statelessGroups, { minLength: 1 }) },
  );

const arbitraryPairs = (digits: number): fc.Arbitrary<readonly AddressPair[]> => {
  const own = port(digits).mac_address;
  return fc.subarray([
    { mac_address: own, ip_address: cidr('10.0.9.0/28') },
    { mac_address: virtualMac, ip_address: ip('10.0.0.100') },
    { mac_address: own, ip_address: cidr('0.0.0.0/0') },
  ]);
};

const arbitraryPorts: fc.Arbitrary<readonly PortView[]> = fc
  .tuple(
    ...[...worldPorts].map(([digits, { network: networkDigits, host }]) =>
      fc
        .tuple(arbitraryMembership(digits), fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, arbitraryPairs(digits)))
        .map(([groups, pairs]) =>
          port(digits, {
            network_id: id('network', networkDigits),
            fixed_ips: addressesOf(host).map((ip_address) => ({ subnet_id: id('subnet', 1), ip_address })),
            security_groups: groups.map((each) => id('group', each)),
            allowed_address_pairs: pairs,
            port_security_enabled: digits !== trustedPort,
          }),
        ),
    ),
  )
  .map((ports) => ports);

function membersOf(ports: readonly PortView[]): readonly HostObject[] {
  return ports.flatMap((each) =>
    each.security_groups.map((set) => {
      const fixed = each.fixed_ips.map(({ ip_address }): MemberAddress => ({ ip: ip_address, mac: null }));
      const pairs = each.allowed_address_pairs.map((pair) => ({ ip: pair.ip_address, mac: pair.mac_address }));
      return member(set, each.id, [...fixed, ...pairs]);
    }),
  );
}

export const arbitraryWorld: fc.Arbitrary<HostView> = fc
  .tuple(arbitraryGroups, arbitraryPorts, fc.subarray([...prefixes[4], ...prefixes[6]], { maxLength: 3 }))
  .map(([groups, ports, listed]) => {
    const segment = { id: 's', network_type: 'vlan', physical_network: 'physnet1', segmentation_id: wireVlan } as const;
    return viewOf(1, [
      network(1),
      network(2),
      network(wireNetwork, { segments: [segment] }),
      ...ports,
      ...groups,
      ...membersOf(ports),
      ...listed.map((each) => member(id('addresses', 1), each, [each])),
    ]);
  });

/** A packet in terms of the world. */
export interface Sent {
  /** Digits of the port; null for the wire. */
  readonly from: number | null;
  readonly sourceMac: Mac;
  readonly targetMac: Mac;
  readonly source: IpAddress;
  readonly target: IpAddress;
  readonly family: Family;
  readonly protocol: number;
  /** Destination port, or ICMP type. */
  readonly port: number;
  readonly code: number;
  readonly connection: Connection;
}

const state = (flags: Parameters<typeof ctState>[0]) => ctState({ ...flags, trk: true }).value;
export const states = {
  new: state({ new: true }),
  established: state({ est: true }),
  reply: state({ est: true, rpl: true }),
  related: state({ rel: true }),
  invalid: state({ inv: true }),
} as const;

export const arbitraryPacket: fc.Arbitrary<Sent> = fc
  .record({
    from: fc.constantFrom(null, ...worldPorts.keys()),
    to: fc.constantFrom(...worldPorts.keys()),
    isNear: fc.nat({ max: 9 }).map((tenth) => tenth > 0),
    nth: fc.nat({ max: 99 }),
    target: fc.oneof(
      { weight: 7, arbitrary: fc.constant('port') },
      { weight: 3, arbitrary: fc.constantFrom('elsewhere', 'everyone', 'multicast', 'virtual') },
    ),
    spoof: fc.oneof(
      { weight: 8, arbitrary: fc.constant('nothing') },
      { weight: 1, arbitrary: fc.constantFrom('mac', 'ip', 'pair', 'virtual') },
    ),
    family: fc.constantFrom(4 as const, 6 as const),
    protocol: fc.constantFrom(protocol.tcp, protocol.tcp, protocol.udp, protocol.sctp, 'icmp' as const, 47),
    port: small,
    type: fc.constantFrom(0, 8),
    code: fc.constantFrom(0, 1),
    state: fc.oneof(
      { weight: 5, arbitrary: fc.constant('new' as const) },
      { weight: 4, arbitrary: fc.constantFrom('established' as const, 'reply', 'related', 'invalid') },
    ),
    isCut: fc.boolean(),
  })
  .map(({ from, to: anyone, isNear, nth, target, spoof, family, port: number, type, code, ...given }) => {
    const neighbours = neighboursOf(from);
    const to = isNear ? (neighbours[nth % neighbours.length] ?? anyone) : anyone;
    const index = family === 4 ? 0 : 1;
    const isIcmp = given.protocol === 'icmp';
    const toGroup = target === 'everyone' || target === 'multicast';
    // What was never seen before is not cut; and ofproto/trace forgets the mark after the first copy.
    const cut = given.isCut && given.state !== 'new' && given.state !== 'invalid' && target === 'port';
    const own = from === null ? strangerMac : port(from).mac_address;
    const address = addressesOf(from === null ? 77 : (worldPorts.get(from)?.host ?? 0))[index];
    const spoofed = { ip: addressesOf(88)[index], pair: ip('10.0.9.7'), virtual: ip('10.0.0.100') };
    const source =
      spoof === 'ip'
        ? spoofed.ip
        : family === 4 && (spoof === 'pair' || spoof === 'virtual')
          ? spoofed[spoof]
          : address;
    return {
      from,
      sourceMac: spoof === 'mac' ? strangerMac : spoof === 'virtual' ? virtualMac : own,
      targetMac:
        target === 'port'
          ? port(to).mac_address
          : { elsewhere: strangerMac, everyone, multicast, virtual: virtualMac }[target as 'everyone'],
      source,
      target: toGroup
        ? family === 4
          ? ip('255.255.255.255')
          : ip('ff02::fb')
        : addressesOf(worldPorts.get(to)?.host ?? 0)[index],
      family,
      protocol: given.protocol === 'icmp' ? (family === 4 ? protocol.icmp : protocol.icmpv6) : given.protocol,
      port: isIcmp ? type : number,
      code: isIcmp ? code : 0,
      connection: { state: states[given.state], mark: cut ? 1n : 0n },
    };
  });

/** The other ports of the sender's network. */
function neighboursOf(from: number | null): readonly number[] {
  const its = from === null ? wireNetwork : worldPorts.get(from)?.network;
  return [...worldPorts].filter(([digits, each]) => each.network === its && digits !== from).map(([digits]) => digits);
}

/** The packet as it comes into br-int; exact in every field that it tests. */
export function frameOf(sent: Sent): Match {
  const { family, protocol: number } = sent;
  const ports = {
    [protocol.tcp]: { tcp_dst: sent.port },
    [protocol.udp]: { udp_dst: sent.port },
    [protocol.sctp]: { sctp_dst: sent.port },
    [protocol.icmp]: { icmp_type: sent.port, icmp_code: sent.code },
    [protocol.icmpv6]: { icmpv6_type: sent.port, icmpv6_code: sent.code },
  }[number];
  return ipOf(family, {
    in_port: sent.from === null ? wirePatch : ofportOf(sent.from),
    ...(sent.from === null ? { vlan_vid: tagged(wireVlan) } : {}),
    eth_src: sent.sourceMac,
    eth_dst: sent.targetMac,
    ...(family === 4 ? { ip_src: sent.source, ip_dst: sent.target } : { ipv6_src: sent.source, ipv6_dst: sent.target }),
    ip_proto: number,
    ...ports,
  });
}

/** The guarded ports, by their digits, that the packet should reach on its network. */
export function shouldReach(world: HostView, sent: Sent): readonly number[] {
  if (!maySend(world, sent)) return [];
  const networkDigits = sent.from === null ? wireNetwork : worldPorts.get(sent.from)?.network;
  return [...worldPorts]
    .filter(([digits, { network: its }]) => its === networkDigits && digits !== sent.from)
    .filter(([digits]) => {
      const receiver = portOf(world, digits);
      const macs = [receiver.mac_address, ...receiver.allowed_address_pairs.map((pair) => pair.mac_address)];
      const addressed = isMulticast(sent.targetMac) || macs.includes(sent.targetMac);
      return isGuarded(receiver) && addressed && admits(world, receiver, 'ingress', sent);
    })
    .map(([digits]) => digits);
}

/** Whether the packet may leave its sender at all. */
export function maySend(world: HostView, sent: Sent): boolean {
  if (sent.from === null) return true;
  const sender = portOf(world, sent.from);
  if (!isGuarded(sender)) return true;
  const own: readonly AddressPair[] = [
    ...sender.fixed_ips.map(({ ip_address }) => ({ mac_address: sender.mac_address, ip_address })),
    ...sender.allowed_address_pairs,
  ];
  const mayClaim = own.some((pair) => pair.mac_address === sent.sourceMac && includes(pair.ip_address, sent.source));
  return mayClaim && admits(world, sender, 'egress', sent);
}

function portOf(world: HostView, digits: number): PortView {
  const found = world.ports.get(id('port', digits));
  if (found === undefined) throw new Error(`the world has no port ${digits}`);
  return found;
}

function admits(world: HostView, of: PortView, direction: 'ingress' | 'egress', sent: Sent): boolean {
  const groups = of.security_groups.map((each) => world.security_groups.get(each)).filter((each) => each !== undefined);
  const allowed = groups.some((each) =>
    each.rules.some((one) => one.direction === direction && meets(world, one, sent)),
  );
  if (groups.some((each) => !each.stateful)) return allowed;
  switch (sent.connection.state) {
    case states.reply:
    case states.related:
      return sent.connection.mark === 0n;
    case states.invalid:
      return false;
    default:
      return allowed;
  }
}

function meets(world: HostView, one: SecurityGroupRuleView, sent: Sent): boolean {
  if (one.ethertype !== `IPv${sent.family}` || (one.protocol !== null && one.protocol !== sent.protocol)) return false;
  const { port_range_min: min, port_range_max: max } = one;
  const isIcmp = sent.protocol === protocol.icmp || sent.protocol === protocol.icmpv6;
  if (min !== null && isIcmp && (sent.port !== min || (max !== null && sent.code !== max))) return false;
  if (min !== null && !isIcmp && (sent.port < min || sent.port > (max ?? min))) return false;
  const [far, farMac] = one.direction === 'ingress' ? [sent.source, sent.sourceMac] : [sent.target, sent.targetMac];
  const { remote } = one;
  switch (remote.kind) {
    case 'any':
      return true;
    case 'prefix':
      return includes(remote.cidr, far);
    case 'set':
      return [...world.address_set_members.values()].some(
        (each) =>
          each.set_id === remote.id &&
          each.addresses.some((one_) => {
            const everywhere = isCidr(one_.ip) && prefixLength(one_.ip) === 0 && one_.mac !== null;
            return includes(one_.ip, far) && (!everywhere || one_.mac === farMac);
          }),
      );
  }
}

function includes(prefix: IpAddress | Cidr, address: IpAddress): boolean {
  const whole = isCidr(prefix) ? prefix : hostCidr(prefix);
  return cidrFamily(whole) === cidrFamily(hostCidr(address)) && cidrContains(whole, address);
}
