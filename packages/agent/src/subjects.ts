// What steps are about, by name: the words by which stages, which do not know each other, say what they depend on and
// by which the report finds what a failure means for a port.

import type { PlugPlan } from '@neutronium/dataplane/host-plan';
import type { Subject } from '#reconcile/stage';

export const subjects = {
  bridge: (name: string): Subject => `bridge ${name}`,
  flows: (bridge: string): Subject => `flows ${bridge}`,
  meters: (bridge: string): Subject => `meters ${bridge}`,
  /** A port of the tunnel bridge, by its name. */
  tunnel: (name: string): Subject => `tunnel ${name}`,
  /** A device in the host's namespace, by its name. */
  device: (name: string): Subject => `device ${name}`,
  namespace: (name: string): Subject => `namespace ${name}`,
  port: (portId: string): Subject => `port ${portId}`,
  /** The packet filter of a network namespace; of the host's own, whose name is empty. */
  netfilter: (namespace: string): Subject => `netfilter ${namespace}`,
  /** The tracked connections of the ports that iptables filters. */
  connections: 'connections' satisfies Subject,
  /** What the switch's connection tracking remembers of the addresses of ports. */
  tracking: 'tracking' satisfies Subject,
  dhcp: (networkId: string): Subject => `dhcp ${networkId}`,
  /** The translated connections in a network namespace. */
  translations: (namespace: string): Subject => `translations ${namespace}`,
  service: (name: string): Subject => `service ${name}`,
  /** What settles where a highly available router is active, by the router's id. */
  routerWatch: (routerId: string): Subject => `router watch ${routerId}`,
} as const;

/** What must be in place behind a device of ours before it is connected. */
export function neededBehind(plug: PlugPlan | null): readonly Subject[] {
  if (plug === null) return [];
  const { otherEnd } = plug;
  switch (otherEnd.kind) {
    case 'namespace':
      return [subjects.namespace(otherEnd.namespace), subjects.netfilter(otherEnd.namespace)];
    case 'bridge':
      return [subjects.bridge(otherEnd.bridge)];
  }
}
