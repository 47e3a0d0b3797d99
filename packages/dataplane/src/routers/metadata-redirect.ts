// Requests for metadata (http://169.254.169.254, or fe80::a9fe:a9fe) from networks behind a router go to the proxy that
// listens in its namespace. Nothing else may reach the proxy, and no such request may leave.

import type { Family } from '@neutronium/net/ip';
import { destination } from '../netfilter/conditions.ts';
import { accept, drop, target, type Words } from '../netfilter/rule.ts';
import { routerInterfacePrefix } from '../plan/device-names.ts';
import { metadataAddress, metadataAddress6, routerProxyPort } from '../services/metadata-proxy.ts';
import type { PlacedRule } from './chains.ts';
import type { HostedRouter } from './hosted-router.ts';
import { metadataMark } from './marks.ts';

const addresses = { 4: metadataAddress, 6: metadataAddress6 } as const;

/** Marks what asks for metadata, so that a request that meets no proxy goes nowhere else. */
export function* metadataMarks({ view: { id: of } }: HostedRouter, version: Family): Generator<PlacedRule> {
  yield {
    table: 'mangle',
    chain: 'PREROUTING',
    rule: { match: request(version), to: target('MARK', '--set-xmark', metadataMark), of, why: 'asks for metadata' },
  };
}

/** Takes the requests to the proxy, and keeps everything else from it. Packets that are forwarded pass `scope`. */
export function* metadataRules({ view: { id: of } }: HostedRouter, version: Family): Generator<PlacedRule> {
  const marked: Words = ['-m', 'mark', '--mark', metadataMark];
  yield {
    table: 'nat',
    chain: 'PREROUTING',
    rule: {
      match: request(version),
      to: target('REDIRECT', '--to-ports', String(routerProxyPort)),
      of,
      why: 'asks for metadata, which the proxy of the router gets',
    },
  };
  yield {
    table: 'filter',
    chain: 'INPUT',
    rule: { match: marked, to: accept, of, why: 'asks the proxy for metadata' },
  };
  yield {
    table: 'filter',
    chain: 'INPUT',
    rule: {
      match: toPort(routerProxyPort),
      to: drop,
      of,
      why: 'speaks to the proxy without having asked for metadata',
    },
  };
  yield {
    table: 'filter',
    chain: 'scope',
    rule: { match: marked, to: drop, of, why: 'asks for metadata and met no proxy' },
  };
}

function request(version: Family): Words {
  return [...destination(addresses[version]), '-i', `${routerInterfacePrefix}+`, ...toPort(80)];
}

function toPort(port: number): Words {
  return ['-p', 'tcp', '-m', 'tcp', '--dport', String(port)];
}
