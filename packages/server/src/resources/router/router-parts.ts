import type { L3Scheduler } from '../../scheduling/l3.ts';
import type { PortParts } from '../port/port-parts.ts';

/** What the handlers of routers and of floating IPs are built from. */
export interface RouterParts {
  readonly ports: PortParts;
  readonly l3: L3Scheduler;
}
