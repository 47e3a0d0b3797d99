// Everything that is answered below /v2.0: the declared resources with their tags, and what is no plain resource.

import type { DhcpScheduler } from '../scheduling/dhcp.ts';
import type { RouterParts } from '../resources/router/router-parts.ts';
import { answeringAsOf } from './as-of.ts';
import { autoAllocatedTopologyRoutes } from './endpoints/auto-allocated-topology.ts';
import type { HostQuestions } from '../watch/host-questions.ts';
import type { LiveRevisions } from '../watch/live-revisions.ts';
import { dhcpSchedulingRoutes } from './endpoints/dhcp-scheduling.ts';
import { driftRoutes } from './endpoints/drift.ts';
import { eventRoutes } from './endpoints/events.ts';
import { historyRoutes } from './endpoints/history.ts';
import { extensionRoutes } from './endpoints/extensions.ts';
import { flavorProfileRoutes } from './endpoints/flavor-profiles.ts';
import { l3SchedulingRoutes } from './endpoints/l3-scheduling.ts';
import { quotaRoutes } from './endpoints/quotas.ts';
import { revisionRoutes } from './endpoints/revisions.ts';
import { tagRoutes } from './endpoints/tags.ts';
import type { Engine } from './engine.ts';
import { resourceRoutes } from './resource-routes.ts';
import { Routes, type Route } from './routes.ts';
import { coreResourcesDocument } from './versions.ts';

/** What routes work with that are about more than records. */
export interface NetworkingParts {
  readonly dhcp: DhcpScheduler;
  readonly routing: RouterParts;
  readonly live: LiveRevisions;
  readonly questions: HostQuestions;
  readonly now: () => Date;
  /** Aborted when the server ends, and with it every stream of events. */
  readonly ending: AbortSignal;
}

export function networkingRoutes(
  engine: Engine,
  { dhcp, routing, live, questions, now, ending }: NetworkingParts,
): Routes {
  const handlers = [...engine.handlersByName.values()];
  const ofTables = (at: Engine): readonly Route[] => [
    ...quotaRoutes(at),
    ...dhcpSchedulingRoutes(at, dhcp),
    ...l3SchedulingRoutes(at, routing.l3),
    ...handlers.flatMap((each) => [...resourceRoutes(at, each), ...tagRoutes(at, each)]),
  ];
  return new Routes([
    { path: '', methods: { GET: async ({ origin }) => ({ status: 200, body: coreResourcesDocument(origin) }) } },
    ...extensionRoutes(new Set(engine.quotas.checksByDefault ? [] : ['quota-check-limit-default'])),
    ...flavorProfileRoutes(engine),
    ...autoAllocatedTopologyRoutes(engine, routing),
    ...revisionRoutes(engine, live),
    ...driftRoutes(engine, questions),
    ...eventRoutes(engine, ending),
    ...historyRoutes(engine),
    ...answeringAsOf(engine, now, ofTables),
  ]);
}
