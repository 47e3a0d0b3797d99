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

/** The integration bridge and the bridge of each physical network. */
export function hostBridges({ integrationBridge, bridgeMappings }: Inventory): readonly BridgePlan[] {
  const physical = [...new Set(bridgeMappings.values())].toSorted();
  const joins = physical.map((bridge) => ({ name: integrationPatchPort(bridge), peer: physicalPatchPort(bridge) }));
  return [
    { name: integrationBridge, failMode: 'secure', patches: joins },
    ...physical.map((bridge): BridgePlan => ({
      name: bridge,
      failMode: 'secure',
      patches: [{ name: physicalPatchPort(bridge), peer: integrationPatchPort(bridge) }],
    })),
  ];
}

/** The OpenFlow ports of the integration bridge's patch ports, as far as they are known, in their order. */
export function integrationPatches({ bridgeMappings, patchPorts }: Inventory): readonly number[] {
  const bridges = new Set(bridgeMappings.values());
  return [...bridges].flatMap((bridge) => patchPorts.get(integrationPatchPort(bridge)) ?? []).toSorted((a, b) => a - b);
}
