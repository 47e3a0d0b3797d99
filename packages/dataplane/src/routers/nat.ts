// Translation of addresses, all of it IPv4: floating IPs both ways, and the addresses of the gateways for everything else
// that leaves. Chains and their order are those of Neutron's L3 agent, which knows one gateway of a router.

import type { FloatingIpView } from '@neutronium/model/host-view';
import { family, type IpAddress } from '@neutronium/net/ip';
import { destination, source } from '../netfilter/conditions.ts';
import { accept, jump, target, type Rule, type Words } from '../netfilter/rule.ts';
import { jointRouterPrefix, routerGatewayPrefix } from '../plan/device-names.ts';
import { scopeMark, scopeOf } from './address-scopes.ts';
import { chainName, type PlacedRule } from './chains.ts';
import { entranceOf, type GatewayPort, type HostedRouter } from './hosted-router.ts';
import { ingressMark } from './marks.ts';

/** The address that what leaves through the gateway gets: its first one of IPv4. */
export function gatewayAddress({ addresses }: GatewayPort): IpAddress | undefined {
  return addresses.find(({ ip }) => family(ip) === 4)?.ip;
}

/** Rules of the nat table for IPv4, but for those of metadata and of port forwardings. */
export function* natRules(router: HostedRouter): Generator<PlacedRule> {
  const { gateways } = router;
  const [first] = gateways;
  if (first === undefined) return;
  for (const floatingIp of router.floatingIps) {
    // Of one gateway nothing has to be told apart.
    const entrance = gateways.length === 1 ? null : (entranceOf(router, floatingIp)?.device ?? null);
    yield* floatingIpRules(floatingIp, { entrance, outside: outsidePrefix(router) });
  }
  yield snat(first, {
    match: [],
    to: jump(chainName('float-snat')),
    why: 'a floating IP comes before the address of the gateway',
  });
  yield* gatewaysRules(router);
}

/** What leaves through a gateway, and what was sent from inside to a floating IP, gets an address of the router. */
function* gatewaysRules(router: HostedRouter): Generator<PlacedRule> {
  const { gateways } = router;
  const translating = gateways.flatMap((gateway) => {
    const address = gatewayAddress(gateway);
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
  yield snat(first.gateway, {
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
      of: first.gateway.port.id,
      why: 'what comes from outside is marked',
    },
  };
  for (const { gateway } of translating) {
    yield {
      table: 'mangle',
      chain: 'mark',
      rule: {
        match: ['-i', gateway.device],
        to: target('MARK', '--set-xmark', ingressMark),
        of: gateway.port.id,
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

function snat({ port }: GatewayPort, rule: Omit<Rule, 'of'>): PlacedRule {
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

// Views are immutable: the rules of a floating IP are made once for as long as neither it nor its entrance changes.
const known = new WeakMap<FloatingIpView, Way & { readonly rules: readonly PlacedRule[] }>();

function floatingIpRules(floatingIp: FloatingIpView, way: Way): readonly PlacedRule[] {
  const before = known.get(floatingIp);
  if (before?.entrance === way.entrance && before.outside === way.outside) return before.rules;
  const rules = [...translation(floatingIp, way)];
  known.set(floatingIp, { ...way, rules });
  return rules;
}

interface Way {
  /** The device by which the floating IP is reached, null where there is no other way out. */
  readonly entrance: string | null;
  /** How the names of all devices begin that lead outside. */
  readonly outside: string;
}

function* translation(
  { id, floating_ip_address: floating, fixed_ip_address: fixed }: FloatingIpView,
  { entrance, outside }: Way,
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
  // By another way out it would be an address of a network that is not there.
  const ways: readonly Words[] =
    entrance === null
      ? [[]]
      : [
          ['-o', entrance],
          ['!', '-o', `${outside}+`],
        ];
  for (const way of ways) {
    yield {
      table: 'nat',
      chain: 'float-snat',
      rule: {
        match: [...source(fixed), ...way],
        to: toAddress(floating),
        of: id,
        why: `${fixed} leaves with its floating IP`,
      },
    };
  }
}
