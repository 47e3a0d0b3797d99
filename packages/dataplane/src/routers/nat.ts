// Translation of addresses, all of it IPv4: floating IPs both ways, and the gateway's own address for everything else
// that leaves. Chains and their order are those of Neutron's L3 agent.

import type { FloatingIpView } from '@neutronium/model/host-view';
import { family, type IpAddress } from '@neutronium/net/ip';
import { destination, source } from '../netfilter/conditions.ts';
import { accept, jump, target, type Rule } from '../netfilter/rule.ts';
import { scopeMark, scopeOf } from './address-scopes.ts';
import { chainName, type PlacedRule } from './chains.ts';
import type { GatewayPort, HostedRouter } from './hosted-router.ts';
import { ingressMark } from './marks.ts';

/** The address that what leaves through the gateway gets: its first one of IPv4. */
export function gatewayAddress({ addresses }: GatewayPort): IpAddress | undefined {
  return addresses.find(({ ip }) => family(ip) === 4)?.ip;
}

/** Rules of the nat table for IPv4, but for those of metadata and of port forwardings. */
export function* natRules(router: HostedRouter): Generator<PlacedRule> {
  if (router.gateway === null) return;
  for (const floatingIp of router.floatingIps) yield* floatingIpRules(floatingIp);
  yield* gatewayRules(router, router.gateway);
}

function* gatewayRules(router: HostedRouter, gateway: GatewayPort): Generator<PlacedRule> {
  const { device, port } = gateway;
  const address = gatewayAddress(gateway);
  const snat = (rule: Omit<Rule, 'of'>): PlacedRule => ({
    table: 'nat',
    chain: 'snat',
    rule: { ...rule, of: port.id },
  });
  yield snat({
    match: [],
    to: jump(chainName('float-snat')),
    why: 'a floating IP comes before the address of the gateway',
  });
  if (address === undefined) return;
  yield {
    table: 'nat',
    chain: 'POSTROUTING',
    rule: {
      match: ['!', '-o', device, '-m', 'conntrack', '!', '--ctstate', 'DNAT'],
      to: accept,
      of: port.id,
      why: 'keeps its source address within the router, unless it was sent to a floating IP',
    },
  };
  const scope = scopeOf(gateway, 4);
  if (gateway.enableSnat && scope !== null) {
    yield snat({
      match: ['-o', device, '-m', 'connmark', '--mark', scopeMark(router, scope)],
      to: accept,
      why: 'stays within an address scope, where addresses are not translated',
    });
  }
  const toGatewayAddress = target('SNAT', '--to-source', address, '--random-fully');
  if (gateway.enableSnat) {
    yield snat({ match: ['-o', device], to: toGatewayAddress, why: 'leaves with the address of the gateway' });
  }
  yield snat({
    match: ['-m', 'mark', '!', '--mark', ingressMark, '-m', 'conntrack', '--ctstate', 'DNAT'],
    to: toGatewayAddress,
    why: 'was sent from inside to a floating IP: the answer must come back through the router',
  });
  yield {
    table: 'mangle',
    chain: 'PREROUTING',
    rule: { match: [], to: jump(chainName('mark')), of: port.id, why: 'what comes from outside is marked' },
  };
  yield {
    table: 'mangle',
    chain: 'mark',
    rule: {
      match: ['-i', device],
      to: target('MARK', '--set-xmark', ingressMark),
      of: port.id,
      why: 'comes from outside',
    },
  };
}

// Views are immutable: the rules of a floating IP are made once for as long as it does not change.
const known = new WeakMap<FloatingIpView, readonly PlacedRule[]>();

function floatingIpRules(floatingIp: FloatingIpView): readonly PlacedRule[] {
  let rules = known.get(floatingIp);
  if (rules === undefined) {
    rules = [...translation(floatingIp)];
    known.set(floatingIp, rules);
  }
  return rules;
}

function* translation({
  id,
  floating_ip_address: floating,
  fixed_ip_address: fixed,
}: FloatingIpView): Generator<PlacedRule> {
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
  yield {
    table: 'nat',
    chain: 'float-snat',
    rule: {
      match: source(fixed),
      to: target('SNAT', '--to-source', floating, '--random-fully'),
      of: id,
      why: `${fixed} leaves with its floating IP`,
    },
  };
}
