// The network on which the hosts of a highly available router hear each other is no way for what the router forwards.

import { drop } from '../netfilter/rule.ts';
import type { PlacedRule } from './chains.ts';
import type { HostedRouter } from './hosted-router.ts';

/** Rules of the filter table. */
export function* haNetworkRules({ ha }: HostedRouter): Generator<PlacedRule> {
  if (ha === null) return;
  const { device, port } = ha.port;
  for (const direction of ['-i', '-o']) {
    yield {
      table: 'filter',
      chain: 'FORWARD',
      rule: { match: [direction, device], to: drop, of: port.id, why: 'is not for the network of the hosts' },
    };
  }
}
