// Translation of addresses, all of it IPv4: floating IPs both ways, and the addresses of the gateways for everything else
// that leaves. A floating IP may be reached by an interface in its network, too. Chains and their order are those of Neutron's L3 agent, which knows one gateway of a router.

import type { FloatingIpView } from '@neutronium/model/host-view';
import { family, type IpAddress } from '@neutronium/net/ip';
import { destination, source } from '../netfilter/conditions.ts';
import { accept, jump, target, type Rule, type Words } from '../netfilter/rule.ts';
import { jointRouterPrefix, routerGatewayPrefix } from '../plan/device-names.ts';
import { scopeMark, scopeOf } from './address-scopes.ts';
import { chainName, type PlacedRule } from './chains.ts';
import { entranceOf, type GatewayPort, type HostedRouter, type RouterPort } from './hosted-router.ts';
import { ingressMark } from './marks.ts';

/** The address that the router lends to what leaves by the port: its first one of IPv4. */
function firstAddress({ addresses }: RouterPort): IpAddress | undefined {
  return addresses.find(({ ip }) => family(ip) === 4)?.ip;
}

/** Rules of the nat table for IPv4, but for those of metadata and of port forwardings. */
export function* natRules(router: HostedRouter): Generator<PlacedRule> {
  for (const floatingIp of router.floatingIps) yield* floatingIpRules(floatingIp, sourceWays(router, floatingIp));
  const [first] = router.gateways;
  if (first !== undefined) {
    yield snat(first, {
      match: [],
      to: jump(chainName('float-snat')),
      why: 'a floating IP comes before the address of the gateway',
    });
    yield* gatewaysRules(router);
  }
  yield* hairpinRules(router);
}

/** A port by which floating IPs are reached, and its own address. */
export interface Entrance {
  readonly port: RouterPort;
  readonly address: IpAddress;
}

/** The gateways, and the interfaces by which floating IPs are reached, as far as they have an address of IPv4. */
export function entrances(router: HostedRouter): readonly Entrance[] {
  const inside = new Set(router.floatingIps.map((floatingIp) => entranceOf(router, floatingIp)));
  const ports = [...router.gateways, ...router.interfaces.filter((port) => inside.has(port))];
  return ports.flatMap((port) => {
    const address = firstAddress(port);
    return address === undefined ? [] : [{ port, address }];
  });
}

/** What leaves through a gateway gets its address. */
function* gatewaysRules(router: HostedRouter): Generator<PlacedRule> {
  const { gateways } = router;
  const translating = gateways.flatMap((gateway) => {
    const address = firstAddress(gateway);
    return address === undefined ? [] : [{ gateway, address }];
  });
  const [first] = translating;
  if (first === undefined) return;
  yield {
    table: 'nat',
    chain: 'POSTROUTING',
    rule: {
      match: [...leavesInside(router), '-m', 'conntrack', '!', '--ctstate', 'DNAT'],
      to: accept,
      of: first.gateway.port.id,
      why: 'keeps its source address within the router, unless it was sent to a floating IP',
    },
  };
  for (const { gateway, address } of translating) yield* leavingRules(router, gateway, address);
}

/** What was sent from inside to a floating IP gets an address of the router. */
function* hairpinRules(router: HostedRouter): Generator<PlacedRule> {
  const outside = entrances(router);
  const [first] = outside;
  if (first === undefined) return;
  yield snat(first.port, {
    match: ['-m', 'mark', '!', '--mark', ingressMark, '-m', 'conntrack', '--ctstate', 'DNAT'],
    to: toAddress(first.address),
    why: 'was sent from inside to a floating IP: the answer must come back through the router',
  });
  yield {
    table: 'mangle',
    chain: 'PREROUTING',
    rule: {
      match: [],
      to: jump(chainName('mark')),
      of: first.port.port.id,
      why: 'what comes from outside is marked',
    },
  };
  for (const { port } of outside) {
    yield {
      table: 'mangle',
      chain: 'mark',
      rule: {
        match: ['-i', port.device],
        to: target('MARK', '--set-xmark', ingressMark),
        of: port.port.id,
        why: 'comes from outside',
      },
    };
  }
}

function* leavingRules(router: HostedRouter, gateway: GatewayPort, address: IpAddress): Generator<PlacedRule> {
  if (!gateway.enableSnat) return;
  const scope = scopeOf(gateway, 4);
  if (scope !== null) {
    yield snat(gateway, {
      match: ['-o', gateway.device, '-m', 'connmark', '--mark', scopeMark(router, scope)],
      to: accept,
      why: 'stays within an address scope, where addresses are not translated',
    });
  }
  yield snat(gateway, {
    match: ['-o', gateway.device],
    to: toAddress(address),
    why: 'leaves with the address of the gateway',
  });
}

function snat({ port }: RouterPort, rule: Omit<Rule, 'of'>): PlacedRule {
  return { table: 'nat', chain: 'snat', rule: { ...rule, of: port.id } };
}

function toAddress(address: IpAddress): Rule['to'] {
  return target('SNAT', '--to-source', address, '--random-fully');
}

/** Does not go outside. */
function leavesInside(router: HostedRouter): Words {
  const [only, ...others] = router.gateways;
  return ['!', '-o', only === undefined || others.length > 0 ? `${outsidePrefix(router)}+` : only.device];
}

/** How the names of the devices begin by which the router leads outside. */
function outsidePrefix({ local }: HostedRouter): string {
  return local === null ? routerGatewayPrefix : jointRouterPrefix;
}

/** Where what has a floating IP leaves with it. */
interface SourceWay {
  readonly chain: string;
  readonly match: Words;
}

function sourceWays(router: HostedRouter, floatingIp: FloatingIpView): readonly SourceWay[] {
  const { gateways } = router;
  const entrance = entranceOf(router, floatingIp);
  const isGateway = gateways.some((gateway) => gateway === entrance);
  // What leaves by an interface is not to get that far.
  if (entrance !== undefined && !isGateway) return [{ chain: 'POSTROUTING', match: ['-o', entrance.device] }];
  // Of one gateway nothing has to be told apart; by another one it would be an address of a network that is not there.
  const matches =
    gateways.length === 1 || entrance === undefined ? [[]] : [['-o', entrance.device], leavesInside(router)];
  return matches.map((match) => ({ chain: 'float-snat', match }));
}

// Views are immutable: the rules of a floating IP are made once for as long as neither it nor its ways change.
const known = new WeakMap<FloatingIpView, { readonly ways: string; readonly rules: readonly PlacedRule[] }>();

function floatingIpRules(floatingIp: FloatingIpView, sourcesBy: readonly SourceWay[]): readonly PlacedRule[] {
  const ways = JSON.stringify(sourcesBy);
  const before = known.get(floatingIp);
  if (before?.ways === ways) return before.rules;
  const rules = [...translation(floatingIp, sourcesBy)];
  known.set(floatingIp, { ways, rules });
  return rules;
}

function* translation(
  { id, floating_ip_address: floating, fixed_ip_address: fixed }: FloatingIpView,
  sourcesBy: readonly SourceWay[],
): Generator<PlacedRule> {
  // One that only port forwardings use stands for no address.
  if (fixed === null) return;
  const inwards: Rule = {
    match: destination(floating),
    to: target('DNAT', '--to-destination', fixed),
    of: id,
    why: `the floating IP stands for ${fixed}`,
  };
  yield { table: 'nat', chain: 'PREROUTING', rule: inwards };
  yield { table: 'nat', chain: 'OUTPUT', rule: inwards };
  for (const { chain, match } of sourcesBy) {
    yield {
      table: 'nat',
      chain,
      rule: {
        match: [...source(fixed), ...match],
        to: toAddress(floating),
        of: id,
        why: `${fixed} leaves with its floating IP`,
      },
    };
  }
}
