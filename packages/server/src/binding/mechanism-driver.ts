// How a port gets its place on a host: each mechanism driver knows one way of wiring, and says whether it can wire a
// given port there. Drivers are pure; what they decide is written with the port.

import type { SegmentView } from '@neutronium/model/host-view';

/** What a driver may know of an agent on the port's host. */
export interface HostAgent {
  readonly agent_type: string;
  readonly admin_state_up: boolean;
  /** Whether it has reported lately. */
  readonly alive: boolean;
  readonly configurations: Readonly<Record<string, unknown>>;
}

export interface BindingRequest {
  readonly vnic_type: string;
  readonly profile: Readonly<Record<string, unknown>>;
  /** Every segment that carries the port's network, in the network's order. */
  readonly segments: readonly SegmentView[];
  /** All agents of the host. */
  readonly agents: readonly HostAgent[];
}

/** How the port is wired, in the words of the Networking API. */
export interface Bound {
  readonly vif_type: string;
  readonly vif_details: Readonly<Record<string, unknown>>;
}

export interface MechanismDriver {
  readonly name: string;
  /** How this driver would wire the port; undefined when it cannot. */
  bind(request: BindingRequest): Bound | undefined;
}
