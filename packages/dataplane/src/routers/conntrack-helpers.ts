// Helpers of connection tracking: for protocols that open further connections, as FTP does, the kernel reads along.

import type { Family } from '@neutronium/net/ip';
import { jump, target } from '../netfilter/rule.ts';
import { chainName, hasPorts, type PlacedRule } from './chains.ts';
import type { HostedRouter } from './hosted-router.ts';

/** Helpers that the kernel has for IPv6 too. It refuses a rule with any other there, and with it the whole table. */
const helpersOfIpv6: ReadonlySet<string> = new Set(['amanda', 'ftp', 'sane', 'sip', 'tftp']);

export function* conntrackHelperRules(router: HostedRouter, version: Family): Generator<PlacedRule> {
  const helpers = router.conntrackHelpers.filter(
    ({ protocol, helper }) => hasPorts(protocol) && (version === 4 || helpersOfIpv6.has(helper)),
  );
  if (helpers.length === 0) return;
  yield {
    table: 'raw',
    chain: 'PREROUTING',
    rule: { match: [], to: jump(chainName('cth')), of: router.view.id, why: 'has helpers of connection tracking' },
  };
  for (const { id: of, protocol, port, helper } of helpers) {
    // Neutron's name: 11 characters after the prefix of all chains.
    const chain = `cth-${of}`.slice(0, 11);
    yield {
      table: 'raw',
      chain: 'cth',
      rule: { match: [], to: jump(chainName(chain)), of, why: 'a chain of its own' },
    };
    yield {
      table: 'raw',
      chain,
      rule: {
        match: ['-p', protocol, '-m', protocol, '--dport', String(port)],
        to: target('CT', '--helper', helper),
        of,
        why: `${helper} opens further connections`,
      },
    };
  }
}
