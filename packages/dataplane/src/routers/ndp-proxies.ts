// NDP proxies: a router that answers for some addresses behind it on the external network (RFC 4389) lets packets from
// outside through to those addresses only.

import { destination } from '../netfilter/conditions.ts';
import { accept, drop, jump } from '../netfilter/rule.ts';
import { scopeOf } from './address-scopes.ts';
import { chainName, type PlacedRule } from './chains.ts';
import type { GatewayPort, HostedRouter } from './hosted-router.ts';

export function* ndpProxyRules(router: HostedRouter): Generator<PlacedRule> {
  if (!router.view.enable_ndp_proxy) return;
  for (const gateway of router.gateways) yield* rulesOf(router, gateway);
}

function* rulesOf({ interfaces, ndpProxies, view }: HostedRouter, gateway: GatewayPort): Generator<PlacedRule> {
  const outside = scopeOf(gateway, 6);
  for (const { addresses, port } of interfaces.filter((each) => scopeOf(each, 6) === outside)) {
    for (const { subnet } of addresses) {
      if (subnet.ip_version !== 6) continue;
      yield {
        table: 'filter',
        chain: 'FORWARD',
        rule: {
          match: ['-i', gateway.device, ...destination(subnet.cidr)],
          to: jump(chainName('NDP')),
          of: port.id,
          why: 'comes from outside to a network of which some addresses are shown there',
        },
      };
    }
  }
  for (const { id: of, ip_address: ip } of ndpProxies) {
    yield {
      table: 'filter',
      chain: 'NDP',
      rule: { match: ['-i', gateway.device, ...destination(ip)], to: accept, of, why: 'is shown outside' },
    };
  }
  yield {
    table: 'filter',
    chain: 'NDP',
    rule: { match: ['-i', gateway.device], to: drop, of: view.id, why: 'is not shown outside' },
  };
}
