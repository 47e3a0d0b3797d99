// What is asked of the two servers: sequences of requests, by the hosts beside which they make sense.

import type fc from 'fast-check';
import { type AgentsOfHosts, l3Hosts, wiredHosts } from './agents.ts';
import { bindingSequence } from './bindings.ts';
import { hostLayoutSequence } from './host-layout.ts';
import { hostingSequence } from './hosting.ts';
import { localIpSequence } from './local-ips.ts';
import { loggingSequence } from './logging.ts';
import { meteringSequence } from './metering.ts';
import { ndpProxySequence } from './ndp-proxies.ts';
import { providedSequence } from './provided.ts';
import { qosSequence } from './qos.ts';
import { routingSequence } from './routing.ts';
import { sequence } from './sequences.ts';
import type { Side, Step } from './step.ts';
import { trunkSequence } from './trunks.ts';

export interface Subject {
  readonly about: string;
  readonly sequences: fc.Arbitrary<readonly Step[]>;
  /** Of how many kinds of things it speaks: a wide one needs more sequences to say all that it can. */
  readonly extent: 'narrow' | 'wide';
}

export interface Setup {
  readonly hosts: string;
  readonly agents: AgentsOfHosts;
  readonly subjects: readonly Subject[];
  /** Takes away what would be in the way of the next sequence. */
  readonly clear: (side: Side) => Promise<void>;
}

export const setups: readonly Setup[] = [
  {
    hosts: 'no hosts',
    agents: {},
    subjects: [
      { about: 'networks and what is on them', sequences: sequence, extent: 'wide' },
      { about: 'routers and what belongs to them', sequences: routingSequence, extent: 'wide' },
      { about: 'NDP proxies', sequences: ndpProxySequence, extent: 'narrow' },
      { about: 'QoS policies and what has them', sequences: qosSequence, extent: 'narrow' },
      { about: 'metering labels', sequences: meteringSequence, extent: 'narrow' },
      { about: 'logs', sequences: loggingSequence, extent: 'narrow' },
      { about: 'local IPs', sequences: localIpSequence, extent: 'narrow' },
      { about: 'trunks', sequences: trunkSequence, extent: 'narrow' },
      {
        about: 'flavors, pools and topologies that are made for projects',
        sequences: providedSequence,
        extent: 'narrow',
      },
    ],
    clear: (side) => side.removeShared(['admin']),
  },
  {
    hosts: 'hosts of routers',
    agents: l3Hosts,
    subjects: [{ about: 'the routers that hosts have', sequences: hostingSequence, extent: 'narrow' }],
    clear: (side) => side.removeShared(['admin']),
  },
  {
    hosts: 'hosts on wires',
    agents: wiredHosts,
    subjects: [
      { about: 'hosts, segments and ranges of ids', sequences: hostLayoutSequence, extent: 'narrow' },
      { about: 'where ports are bound', sequences: bindingSequence, extent: 'narrow' },
    ],
    clear: async (side) => {
      await side.removeShared(['admin', 'owner', 'nova']);
      await side.removeRanges();
    },
  },
];
