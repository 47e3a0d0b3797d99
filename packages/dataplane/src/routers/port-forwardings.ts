// Port forwardings: some ports of a floating IP lead to ports of an address inside. Each has a chain of its own.

import type { PortRange } from '@neutronium/model/host-view';
import { destination } from '../netfilter/conditions.ts';
import { jump, target, type Words } from '../netfilter/rule.ts';
import { chainName, hasPorts, type PlacedRule } from './chains.ts';
import type { HostedRouter, PortForwarding } from './hosted-router.ts';

export function* portForwardingRules({ view, ...router }: HostedRouter): Generator<PlacedRule> {
  const portForwardings = router.portForwardings.filter((each) => hasPorts(each.view.protocol));
  if (portForwardings.length === 0) return;
  const toForwardings = { match: [], to: jump(chainName('fip-pf')), of: view.id, why: 'has port forwardings' };
  yield { table: 'nat', chain: 'PREROUTING', rule: toForwardings };
  for (const forwarding of portForwardings) yield* forwardingRules(forwarding);
}

/** Names of chains have room for the beginning of an id. */
function forwardingChain(id: string): string {
  return `pf-${id.slice(0, 8)}`;
}

function* forwardingRules({ view, floatingIp }: PortForwarding): Generator<PlacedRule> {
  const { id: of, protocol, external_ports: outside, internal_ports: inside, internal_ip_address: address } = view;
  const chain = forwardingChain(of);
  yield {
    table: 'nat',
    chain: 'fip-pf',
    rule: { match: [], to: jump(chainName(chain)), of, why: 'has a chain of its own' },
  };
  const protocolWords: Words = ['-p', protocol, '-m', protocol, '--dport', portsText(outside, ':')];
  yield {
    table: 'nat',
    chain,
    rule: {
      match: [...destination(floatingIp), ...protocolWords],
      to: target('DNAT', '--to-destination', `${address}:${insidePorts(outside, inside)}`),
      of,
      why: `leads to ${address}`,
    },
  };
}

/** Of two ranges each port leads to its counterpart (iptables-extensions(8): DNAT, base of a shifted range). */
function insidePorts(outside: PortRange, inside: PortRange): string {
  const text = portsText(inside, '-');
  return inside.first === inside.last || outside.first === outside.last ? text : `${text}/${outside.first}`;
}

function portsText({ first, last }: PortRange, separator: ':' | '-'): string {
  return first === last ? String(first) : `${first}${separator}${last}`;
}
