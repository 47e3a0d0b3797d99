// The chains of one port: what reaches its instance, what its instance sends, and the addresses that it may send from.
// What they admit without asking the port's groups is what the flows of driver `openvswitch` admit, too.

import { cidr, cidrFamily } from '@neutronium/net/cidr';
import { ip, type Family } from '@neutronium/net/ip';
import type { PortView, SecurityGroupView } from '@neutronium/model/host-view';
import { dhcpPorts } from '../../bridges/br-int/base-egress.ts';
import { addressClaims } from '../../bridges/br-int/local-port.ts';
import { connectionMark, ctState, destination, icmp6, source, sourceMac, udp } from '../../netfilter/conditions.ts';
import { back, drop, jump, type Rule, type RuleTarget, type Words } from '../../netfilter/rule.ts';
import type { Chain } from '../../netfilter/ruleset.ts';
import { icmpv6 } from '../../openflow/match.ts';
import { chainNames } from './names.ts';
import { rulesOf, type Direction } from './rule-chains.ts';

/** A port of this host that iptables filters. */
export interface FilteredPort {
  readonly view: PortView;
  /** The zone of connection tracking that is its alone; null where its groups are stateless: nothing is tracked. */
  readonly zone: number | null;
  /** In the order of their ids. */
  readonly groups: readonly SecurityGroupView[];
}

/** The mark of a connection that no rule admits any more: `NTNM` in ASCII. It ends there, whoever sends. */
export const cutMark = 0x4e544e4d;

const { client4, server4, client6, server6 } = dhcpPorts;
export const dhcp = {
  4: { asking: { from: client4, to: server4 }, answering: { from: server4, to: client4 } },
  6: { asking: { from: client6, to: server6 }, answering: { from: server6, to: client6 } },
} as const;

const listening = [
  icmpv6.multicastListenerQuery,
  icmpv6.multicastListenerReport,
  icmpv6.multicastListenerDone,
  icmpv6.multicastListenerReportV2,
];
/** What every port hears. */
const heard = [...listening, icmpv6.routerAdvertisement, icmpv6.neighborSolicitation, icmpv6.neighborAdvertisement];
/** What a host says of its own addresses. br-int holds advertisements to those that are its own. */
const said = [...listening, icmpv6.routerSolicitation, icmpv6.neighborSolicitation, icmpv6.neighborAdvertisement];
/** What a host says while it has no address yet, to the multicast groups of its link. */
const saidUnnamed = [
  icmpv6.multicastListenerReport,
  icmpv6.multicastListenerReportV2,
  icmpv6.routerSolicitation,
  icmpv6.neighborSolicitation,
];
const linkMulticast = cidr('ff02::/16');

/** The three chains of a port. */
export function portChains(port: FilteredPort, family: Family): readonly Chain[] {
  const { id } = port.view;
  return [
    { table: 'filter', name: chainNames.toInstance(id), rules: toInstance(port, family) },
    { table: 'filter', name: chainNames.fromInstance(id), rules: fromInstance(port, family) },
    { table: 'filter', name: chainNames.ownAddresses(id), rules: ownAddresses(port, family) },
  ];
}

function toInstance(port: FilteredPort, family: Family): readonly Rule[] {
  const { id } = port.view;
  return [
    ...(family === 6 ? heard.map((type) => ruleOf(id, icmp6(type), back, 'finds neighbours and routers')) : []),
    ...connectionRules(port),
    ruleOf(id, udp(dhcp[family].answering), back, 'is an answer of a DHCP server'),
    ...groupJumps(port, 'ingress', family),
  ];
}

function fromInstance(port: FilteredPort, family: Family): readonly Rule[] {
  const { id } = port.view;
  return [
    ...unnamed(id, family),
    ruleOf(id, [], jump(chainNames.ownAddresses(id)), 'must be from an address of the port'),
    ruleOf(id, udp(dhcp[family].asking), back, 'asks a DHCP server'),
    ruleOf(id, udp(dhcp[family].answering), drop, 'is no DHCP server'),
    ...(family === 6
      ? [
          ruleOf(id, icmp6(icmpv6.routerAdvertisement), drop, 'is no router that may announce itself'),
          ruleOf(id, icmp6(icmpv6.redirect), drop, 'is no router that may send others elsewhere'),
          ...said.map((type) => ruleOf(id, icmp6(type), back, 'finds neighbours and routers')),
        ]
      : []),
    ...connectionRules(port),
    ...groupJumps(port, 'egress', family),
  ];
}

function unnamed(id: string, family: Family): readonly Rule[] {
  if (family === 4) {
    const asking = [...source(ip('0.0.0.0')), ...destination(ip('255.255.255.255')), ...udp(dhcp[4].asking)];
    return [ruleOf(id, asking, back, 'asks for an address')];
  }
  return saidUnnamed.map((type) =>
    ruleOf(id, [...source(ip('::')), ...destination(linkMulticast), ...icmp6(type)], back, 'has no address yet'),
  );
}

/** Ahead of the rules: they say which connections may begin. */
function connectionRules({ view: { id }, zone }: FilteredPort): readonly Rule[] {
  if (zone === null) return [];
  return [
    ruleOf(id, connectionMark(cutMark), drop, 'belongs to a connection that no rule admits any more'),
    ruleOf(id, ctState('RELATED', 'ESTABLISHED'), back, 'belongs to a connection that was admitted'),
    ruleOf(id, ctState('INVALID'), drop, 'belongs to no connection and begins none'),
  ];
}

function groupJumps({ view: { id }, groups }: FilteredPort, direction: Direction, family: Family): readonly Rule[] {
  return [
    ...groups
      .filter((group) => rulesOf(group, direction, family).length > 0)
      .map((group) =>
        ruleOf(id, [], jump(chainNames.group(group.id, direction)), `has group ${group.id} (${group.name})`),
      ),
    ruleOf(id, [], jump(chainNames.fallback), 'is admitted by no rule'),
  ];
}

function ownAddresses({ view }: FilteredPort, family: Family): readonly Rule[] {
  return [
    ...addressClaims(view)
      .filter(({ prefix }) => cidrFamily(prefix) === family)
      .map(({ mac, prefix }) =>
        ruleOf(view.id, [...source(prefix), ...sourceMac(mac)], back, 'is from an address of the port'),
      ),
    ruleOf(view.id, [], drop, 'is from an address that the port may not send from'),
  ];
}

function ruleOf(id: string, match: Words, to: RuleTarget, why: string): Rule {
  return { match, to, of: id, why };
}
