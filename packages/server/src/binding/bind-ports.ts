// Binds ports to their hosts: gathers what the mechanism drivers may know, for all ports of a request at once.

import type { SegmentView } from '@neutronium/model/host-view';
import type { Reader } from '../store/store.ts';
import { bindPort, unbound } from './bind-port.ts';
import { agentsByHost, type Liveness } from './host-agents.ts';
import type { Bound, MechanismDriver } from './mechanism-driver.ts';

export interface PortToBind {
  /** Of the port's network, in its order. */
  readonly segments: readonly SegmentView[];
  readonly 'binding:host_id': string;
  readonly 'binding:vnic_type': string;
  readonly 'binding:profile': Readonly<Record<string, unknown>>;
}

export interface BindingParts {
  readonly drivers: readonly MechanismDriver[];
  readonly liveness: Liveness;
}

/** How each port is wired, in order. Costs one statement, and none when no port names a host. */
export async function bindPorts(
  store: Reader,
  ports: readonly PortToBind[],
  { drivers, liveness }: BindingParts,
): Promise<readonly Bound[]> {
  const hosts = [...new Set(ports.map((port) => port['binding:host_id']).filter((host) => host !== ''))];
  const agents = await agentsByHost(store, hosts, liveness);
  return ports.map((port) => {
    const host = port['binding:host_id'];
    if (host === '') return unbound;
    return bindPort(drivers, host, {
      vnic_type: port['binding:vnic_type'],
      profile: port['binding:profile'],
      segments: port.segments,
      agents: agents.get(host) ?? [],
    });
  });
}
