// A port and the hosts that have it.

import { isDeepStrictEqual } from 'node:util';
import type { PortView } from '@neutronium/model/host-view';

export interface PlacedPort {
  /** Bound to no host where it roams. */
  readonly view: PortView;
  /** In their order; none for a port that is bound nowhere. */
  readonly hosts: readonly string[];
  /** Whether it is a port of a highly available router, and with whichever of the hosts is active. */
  readonly roams: boolean;
  /** Whether a network lies behind a router by this port. */
  readonly isInterface: boolean;
}

/** The port as the host is told of it. */
export function seenFrom(host: string, { view, hosts, roams }: PlacedPort): PortView {
  return roams && hosts.includes(host) ? { ...view, host } : view;
}

/** Whether hosts need not hear of the difference: the number of a port's revision says nothing by itself. */
export function isSamePlacement(before: PlacedPort, after: PlacedPort): boolean {
  const same = (placed: PlacedPort) => ({ ...placed, view: { ...placed.view, revision_number: 0 } });
  return isDeepStrictEqual(same(before), same(after));
}
