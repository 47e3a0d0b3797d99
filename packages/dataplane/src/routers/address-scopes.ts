// Address scopes: between networks of one scope a router passes packets as they are, since no address means two things
// there; from one scope to another it passes only what it translates. A packet bears the scope of the network that it
// came from in the upper half of its mark, and a connection remembers that of its first packet.

import type { FloatingIpView } from '@neutronium/model/host-view';
import { cidrContains } from '@neutronium/net/cidr';
import { family, type Family } from '@neutronium/net/ip';
import { destination, source } from '../netfilter/conditions.ts';
import { drop, jump, target, type Rule } from '../netfilter/rule.ts';
import { chainName, type PlacedRule } from './chains.ts';
import { entranceOf, type HostedRouter, type RouterPort } from './hosted-router.ts';
import { noScope, scopeMask } from './marks.ts';
import { stableNumbers } from './stable-numbers.ts';

/** Numbers of scopes within a router, of which the first means no scope (Neutron's ADDRESS_SCOPE_MARK_IDs). */
const firstNumber = 1024;
const lastNumber = 2047;

/** The address scope of a router's port for one family; null where its subnets have none. */
export function scopeOf({ addresses }: RouterPort, version: Family): string | null {
  return addresses.find(({ ip }) => family(ip) === version)?.subnet.address_scope_id ?? null;
}

/** The mark of what comes from a scope, with its mask. */
export function scopeMark(router: HostedRouter, scope: string | null): string {
  const number = scope === null ? firstNumber : (scopeNumbers(router).get(scope) ?? firstNumber);
  return `0x${(number * 0x10000).toString(16)}/${scopeMask}`;
}

const numbers = new WeakMap<HostedRouter, ReadonlyMap<string, number>>();

/**
 * A number for each scope that the router meets. It follows from the scope's id alone, unless two of a router's scopes
 * would have the same, so that the connections that remember it keep their meaning when other scopes come and go.
 */
function scopeNumbers(router: HostedRouter): ReadonlyMap<string, number> {
  const known = numbers.get(router);
  if (known !== undefined) return known;
  const scopes = portsOf(router).flatMap((port) => [scopeOf(port, 4), scopeOf(port, 6)]);
  // The first number means no scope.
  const assigned = stableNumbers(
    scopes.filter((scope) => scope !== null),
    { first: firstNumber + 1, last: lastNumber },
  );
  numbers.set(router, assigned);
  return assigned;
}

/** What every packet passes, before it is routed and after. */
export function* addressScopeRules(router: HostedRouter, version: Family): Generator<PlacedRule> {
  const { gateways, view } = router;
  const translates = (port: RouterPort): boolean => gateways.some((each) => each === port && each.enableSnat);
  const rule = (table: 'mangle' | 'filter', chain: string, more: Omit<Rule, 'of'>): PlacedRule => ({
    table,
    chain,
    rule: { of: view.id, ...more },
  });
  const remember = target('CONNMARK', '--save-mark', '--nfmask', scopeMask, '--ctmask', scopeMask);
  yield rule('mangle', 'PREROUTING', {
    match: [],
    to: jump(chainName('scope')),
    why: 'a packet is of the address scope of the network that it comes from',
  });
  yield rule('mangle', 'PREROUTING', {
    match: ['-m', 'connmark', '!', '--mark', noScope],
    to: target('CONNMARK', '--restore-mark', '--nfmask', scopeMask, '--ctmask', scopeMask),
    why: 'answers are of the scope of their connection',
  });
  if (version === 4) {
    yield rule('mangle', 'PREROUTING', {
      match: [],
      to: jump(chainName('floatingip')),
      why: 'what is sent to a floating IP is of the scope of what it stands for',
    });
    yield rule('mangle', 'float-snat', {
      match: ['-m', 'connmark', '--mark', noScope],
      to: remember,
      why: 'the connection is of the scope of its first packet',
    });
    for (const { device } of gateways.filter(translates)) {
      yield rule('mangle', 'POSTROUTING', {
        match: ['-o', device, '-m', 'connmark', '--mark', noScope],
        to: remember,
        why: 'the connection is of the scope of its first packet',
      });
    }
    yield* floatingIpScopeRules(router);
  }
  yield rule('filter', 'FORWARD', { match: [], to: jump(chainName('scope')), why: 'address scopes are kept apart' });
  for (const port of portsOf(router)) {
    if (!port.addresses.some(({ ip }) => family(ip) === version)) continue;
    const mark = scopeMark(router, scopeOf(port, version));
    yield {
      table: 'mangle',
      chain: 'scope',
      rule: {
        match: ['-i', port.device],
        to: target('MARK', '--set-xmark', mark),
        of: port.port.id,
        why: `comes from ${scopeText(port, version)}`,
      },
    };
    // What leaves by the gateway of another scope is translated.
    if (version === 4 && translates(port)) continue;
    yield {
      table: 'filter',
      chain: 'scope',
      rule: {
        match: ['-o', port.device, '-m', 'mark', '!', '--mark', mark],
        to: drop,
        of: port.port.id,
        why: `does not come from ${scopeText(port, version)}`,
      },
    };
  }
}

/** A floating IP leads from the scope of the external network into that of the address that it stands for, and back. */
function* floatingIpScopeRules(router: HostedRouter): Generator<PlacedRule> {
  const crossing = router.floatingIps.flatMap((floatingIp) => {
    const entrance = entranceOf(router, floatingIp);
    if (entrance === undefined) return [];
    const [inside, outside] = [scopeInside(router, floatingIp), scopeOf(entrance, 4)];
    return inside === outside ? [] : [{ floatingIp, inside, outside }];
  });
  const outsides = new Set(crossing.map(({ outside }) => outside));
  for (const port of portsOf(router)) {
    const outside = scopeOf(port, 4);
    if (!outsides.has(outside) || !port.addresses.some(({ ip }) => family(ip) === 4)) continue;
    yield {
      table: 'mangle',
      chain: 'float-snat',
      rule: {
        match: ['-o', port.device],
        to: target('MARK', '--set-xmark', scopeMark(router, outside)),
        of: port.port.id,
        why: 'has a floating IP, and so is of the scope outside',
      },
    };
  }
  for (const { floatingIp, inside } of crossing) {
    const { id: of, floating_ip_address: floating, fixed_ip_address: fixed } = floatingIp;
    yield {
      table: 'mangle',
      chain: 'floatingip',
      rule: {
        match: destination(floating),
        to: target('MARK', '--set-xmark', scopeMark(router, inside)),
        of,
        why: 'is sent into the scope of what the floating IP stands for',
      },
    };
    if (fixed === null) continue;
    const leaves = 'leaves with its floating IP';
    yield {
      table: 'mangle',
      chain: 'FORWARD',
      rule: { match: source(fixed), to: jump(chainName('float-snat')), of, why: `${fixed} ${leaves}` },
    };
  }
}

/** The scope of the network that a floating IP leads into. */
function scopeInside({ interfaces, portForwardings }: HostedRouter, floatingIp: FloatingIpView): string | null {
  const fixed =
    floatingIp.fixed_ip_address ??
    portForwardings.find(({ view }) => view.floatingip_id === floatingIp.id)?.view.internal_ip_address;
  if (fixed === undefined) return null;
  for (const { addresses } of interfaces) {
    const address = addresses.find(({ subnet }) => cidrContains(subnet.cidr, fixed));
    if (address !== undefined) return address.subnet.address_scope_id;
  }
  return null;
}

function portsOf({ interfaces, gateways }: HostedRouter): readonly RouterPort[] {
  return [...interfaces, ...gateways];
}

function scopeText(port: RouterPort, version: Family): string {
  const scope = scopeOf(port, version);
  return scope === null ? 'a network without an address scope' : `address scope ${scope}`;
}
