// The bridges of a host and the patch ports that join them, with Neutron's names.

import type { BridgePlan, Inventory } from '../host-plan.ts';

/** The patch port of the integration bridge towards `bridge`. */
export function integrationPatchPort(bridge: string): string {
  return `int-${bridge}`;
}

/** The patch port of `bridge` towards the integration bridge. */
export function physicalPatchPort(bridge: string): string {
  return `phy-${bridge}`;
}

/** The two ends of the joint between the integration bridge and the tunnel bridge. */
export const tunnelPatchPorts = { integrationBridge: 'patch-tun', tunnelBridge: 'patch-int' } as const;

/** The integration bridge, the bridge of each physical network, and the tunnel bridge of a host that has tunnels. */
export function hostBridges({ integrationBridge, bridgeMappings, tunnels }: Inventory): readonly BridgePlan[] {
  const physical = [...new Set(bridgeMappings.values())].toSorted();
  const joins = physical.map((bridge) => ({
    name: integrationPatchPort(bridge),
    peer: physicalPatchPort(bridge),
    tag: null,
  }));
  return [
    {
      name: integrationBridge,
      failMode: 'secure',
      ours: false,
      patches: [
        ...joins,
        ...(tunnels === null
          ? []
          : [{ name: tunnelPatchPorts.integrationBridge, peer: tunnelPatchPorts.tunnelBridge, tag: null }]),
      ],
    },
    ...physical.map((bridge): BridgePlan => ({
      name: bridge,
      failMode: 'secure',
      ours: false,
      patches: [{ name: physicalPatchPort(bridge), peer: integrationPatchPort(bridge), tag: null }],
    })),
    ...(tunnels === null ? [] : [tunnelBridge(tunnels.bridge)]),
  ];
}

function tunnelBridge(name: string): BridgePlan {
  const patch = { name: tunnelPatchPorts.tunnelBridge, peer: tunnelPatchPorts.integrationBridge, tag: null };
  return { name, failMode: 'secure', ours: false, patches: [patch] };
}

/** The OpenFlow ports of the integration bridge's patch ports, as far as they are known, in their order. */
export function integrationPatches({ bridgeMappings, tunnels, patchPorts }: Inventory): readonly number[] {
  const names = [
    ...[...new Set(bridgeMappings.values())].map(integrationPatchPort),
    ...(tunnels === null ? [] : [tunnelPatchPorts.integrationBridge]),
  ];
  return names.flatMap((name) => patchPorts.get(name) ?? []).toSorted((a, b) => a - b);
}
