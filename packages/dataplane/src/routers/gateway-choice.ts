// Which of several ways out a packet takes. A connection keeps to the one by which it came in or first left: answers to
// what came by the second do not leave by the first, where nobody knows their source. Of the connections that begin
// inside, those of an address with a floating IP leave where that is known; the others by the first way out, or, when
// the router says so, by all of them in turn.
//
// Each way out has a number, which connections remember in their mark, and a routing table with the default route by
// it. Of a router with one way out there is nothing to choose, and none of this.

import { cidrFamily, prefixLength } from '@neutronium/net/cidr';
import { family, type Family } from '@neutronium/net/ip';
import type { RoutePlan, RoutingRulePlan } from '../host-plan.ts';
import { source } from '../netfilter/conditions.ts';
import { drop, jump, target, type Rule } from '../netfilter/rule.ts';
import { routerGatewayPrefix, routerInterfacePrefix } from '../plan/device-names.ts';
import { chainName, type PlacedRule } from './chains.ts';
import { entranceOf, type GatewayPort, type HostedRouter } from './hosted-router.ts';
import { gatewayMask, noGateway } from './marks.ts';
import { stableNumbers } from './stable-numbers.ts';
import { wayOut } from './way-out.ts';

/** Marks have a byte for it. A router's further ways out serve what comes in by them to networks on their wires. */
const numbers = { first: 1, last: 0xff } as const;

/** Its number is the gateway's and this: 0 and 253 to 255 are the kernel's (ip-route(8)). */
const firstTable = 0x100;

/** Before the kernel's own rule for the main table (32766, ip-rule(8)), whose default routes are for what is not bound. */
const priorities = { connected: 1000, marked: 1001, own: 1002 } as const;

interface Choice {
  readonly gateway: GatewayPort;
  readonly number: number;
}

/** The ways out to choose among; none where there is no choice. */
function choices({ gateways }: HostedRouter, version: Family): readonly Choice[] {
  if (gateways.length < 2) return [];
  const numbered = gateways.slice(0, numbers.last);
  const numberOf = stableNumbers(
    numbered.map(({ port }) => port.id),
    numbers,
  );
  return numbered.flatMap((gateway) => {
    const number = numberOf.get(gateway.port.id);
    return number === undefined || wayOut(gateway, version) === undefined ? [] : [{ gateway, number }];
  });
}

/** The default routes of the tables, by the gateway's device. */
export function choiceRoutes(router: HostedRouter, gateway: GatewayPort): readonly RoutePlan[] {
  return ([4, 6] as const).flatMap((version): readonly RoutePlan[] => {
    const choice = choices(router, version).find((each) => each.gateway === gateway);
    const way = wayOut(gateway, version);
    if (choice === undefined || way === undefined) return [];
    return [{ destination: 'default', via: way.via, table: firstTable + choice.number }];
  });
}

/** Routes to what the router is connected to come first; then the table of the way out that a packet is bound to. */
export function choiceRoutingRules(router: HostedRouter): readonly RoutingRulePlan[] {
  return ([4, 6] as const).flatMap((version): readonly RoutingRulePlan[] => {
    const chosen = choices(router, version);
    if (chosen.length === 0) return [];
    return [
      { family: version, priority: priorities.connected, table: 'main', suppressPrefixLength: 0 },
      ...chosen.flatMap(({ gateway, number }): readonly RoutingRulePlan[] => {
        const table = firstTable + number;
        const own = gateway.addresses.filter(({ ip }) => family(ip) === version);
        return [
          { family: version, priority: priorities.marked, fwmark: markOf(number), table },
          // What the router says itself, as in answer to a ping.
          ...own.map(({ ip }) => ({ family: version, priority: priorities.own, from: ip, table })),
        ];
      }),
    ];
  });
}

/** Binds connections to ways out, and packets from inside to what their connection is bound to. */
export function* choiceRules(router: HostedRouter, version: Family): Generator<PlacedRule> {
  if (router.gateways.length < 2) return;
  const of = router.view.id;
  const fromOutside = ['-i', `${routerGatewayPrefix}+`, '-o', `${routerGatewayPrefix}+`];
  yield {
    table: 'filter',
    chain: 'FORWARD',
    rule: { match: fromOutside, to: drop, of, why: 'comes from outside and would leave again by the router' },
  };
  const chosen = choices(router, version);
  if (chosen.length === 0) return;
  yield {
    table: 'mangle',
    chain: 'PREROUTING',
    rule: { match: [], to: jump(chainName('gateway')), of, why: 'a connection keeps to its way out' },
  };
  for (const { gateway, number } of chosen) {
    const bind = target('CONNMARK', '--set-xmark', markOf(number));
    const unbound = ['-m', 'connmark', '--mark', noGateway];
    yield gatewayRule({
      match: ['-i', gateway.device, ...unbound],
      to: bind,
      of: gateway.port.id,
      why: 'answers leave where the question came in',
    });
    yield {
      table: 'mangle',
      chain: 'POSTROUTING',
      rule: {
        match: ['-o', gateway.device, ...unbound],
        to: bind,
        of: gateway.port.id,
        why: 'what follows leaves where the first packet did',
      },
    };
  }
  yield gatewayRule({
    match: ['-i', `${routerInterfacePrefix}+`, '-m', 'connmark', '!', '--mark', noGateway],
    to: target('CONNMARK', '--restore-mark', '--nfmask', gatewayMask, '--ctmask', gatewayMask),
    of,
    why: 'leaves by the way out of its connection',
  });
  // A default route that the router was given by hand is for all that begins inside.
  if (router.view.routes.some((route) => isDefault(route.destination, version))) return;
  if (version === 4) yield* floatingIpRules(router, chosen);
  if (router.view.enable_default_route_ecmp) yield* spreadingRules(router, chosen);
}

function* floatingIpRules(router: HostedRouter, chosen: readonly Choice[]): Generator<PlacedRule> {
  const bound = new Set<string>();
  for (const { gateway, number } of chosen) {
    for (const floatingIp of router.floatingIps) {
      const { id: of, fixed_ip_address: fixed } = floatingIp;
      if (fixed === null || bound.has(fixed) || entranceOf(router, floatingIp) !== gateway) continue;
      bound.add(fixed);
      yield gatewayRule({
        match: [...source(fixed), ...begins],
        to: target('MARK', '--set-xmark', markOf(number)),
        of,
        why: 'leaves where its floating IP is known',
      });
    }
  }
}

/** Of n ways out the first takes each n-th connection, the next each (n-1)-th of the others, the last the rest. */
function* spreadingRules({ view }: HostedRouter, chosen: readonly Choice[]): Generator<PlacedRule> {
  for (const [index, { number }] of chosen.entries()) {
    const left = chosen.length - index;
    const turn = left === 1 ? [] : ['-m', 'statistic', '--mode', 'nth', '--every', String(left), '--packet', '0'];
    yield gatewayRule({
      match: [...begins, ...turn],
      to: target('MARK', '--set-xmark', markOf(number)),
      of: view.id,
      why: 'connections are spread over the ways out',
    });
  }
}

/** Comes from inside and is bound to no way out yet. */
const begins = ['-i', `${routerInterfacePrefix}+`, '-m', 'mark', '--mark', noGateway] as const;

function gatewayRule(rule: Rule): PlacedRule {
  return { table: 'mangle', chain: 'gateway', rule };
}

function markOf(number: number): string {
  return `0x${(number * 0x100).toString(16)}/${gatewayMask}`;
}

function isDefault(destination: HostedRouter['view']['routes'][number]['destination'], version: Family): boolean {
  return prefixLength(destination) === 0 && cidrFamily(destination) === version;
}
