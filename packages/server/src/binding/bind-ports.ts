// Binds ports to their hosts: gathers what the mechanism drivers may know, for all ports of a request at once.

import { deviceOwners } from '#ipam/device-owner';
import { segmentFacts } from '#ipam/network-facts';
import type { Reader } from '../store/store.ts';
import { bindPort, distributed, unbound } from './bind-port.ts';
import { agentsByHost, type Liveness } from './host-agents.ts';
import type { Bound, MechanismDriver } from './mechanism-driver.ts';

export interface PortToBind {
  readonly network_id: string;
  readonly device_owner: string;
  readonly 'binding:host_id': string;
  readonly 'binding:vnic_type': string;
  readonly 'binding:profile': Readonly<Record<string, unknown>>;
}

export interface BindingParts {
  readonly drivers: readonly MechanismDriver[];
  readonly liveness: Liveness;
}

/** How each port is wired, in order. Costs two statements, and none when no port names a host. */
export async function bindPorts(
  store: Reader,
  ports: readonly PortToBind[],
  { drivers, liveness }: BindingParts,
): Promise<readonly Bound[]> {
  const onHosts = ports.filter((port) => port['binding:host_id'] !== '');
  const agents = await agentsByHost(store, [...new Set(onHosts.map((port) => port['binding:host_id']))], liveness);
  const segments = await segmentFacts(store, [...new Set(onHosts.map((port) => port.network_id))]);
  return ports.map((port) => {
    const host = port['binding:host_id'];
    if (isDistributed(port)) return distributed;
    if (host === '') return unbound;
    return bindPort(drivers, host, {
      vnic_type: port['binding:vnic_type'],
      profile: port['binding:profile'],
      segments: segments.get(port.network_id) ?? [],
      agents: agents.get(host) ?? [],
    });
  });
}

/** Whether the port is bound wherever its router forwards, and to no host in particular. */
export function isDistributed({ device_owner }: Pick<PortToBind, 'device_owner'>): boolean {
  return device_owner === deviceOwners.distributedRouterInterface;
}
