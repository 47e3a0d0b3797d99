// The wires of trunks. The device of a trunk's parent is plugged into a bridge of the trunk's own, an ordinary switch
// that sorts the instance's frames by their tags. Each port of the trunk is joined to it by a pair of patch ports: the
// trunk's end bears the tag, br-int's end is the port's device there, like any other.

import type { HostView, SubportView, TrunkView } from '@neutronium/model/host-view';
import type { BridgePlan, Inventory } from '../host-plan.ts';
import { trunkBridgeName, trunkPatchNames } from './device-names.ts';

export interface HostTrunk {
  readonly trunk: TrunkView;
  readonly bridge: string;
  /** None until the instance's device is there: what has no device is not wired. */
  readonly joints: readonly TrunkJoint[];
}

export interface TrunkJoint {
  readonly portId: string;
  readonly trunkEnd: string;
  readonly integrationEnd: string;
  /** VLAN id of its frames on the trunk's bridge; 0 is that of frames without a tag. */
  readonly tag: number;
}

/** The trunks of this host, in the order of their ids. */
export function hostTrunks(view: HostView, { host, trunkDevices }: Inventory): readonly HostTrunk[] {
  const subports = Map.groupBy(view.subports.values(), ({ trunk_id }) => trunk_id);
  const trunks = [...view.trunks.values()].filter(({ port_id }) => view.ports.get(port_id)?.host === host);
  return trunks
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .map((trunk) => {
      const bridge = trunkBridgeName(trunk.id);
      const isPlugged = trunkDevices.get(trunk.port_id) === bridge;
      return { trunk, bridge, joints: isPlugged ? jointsOf(trunk, subports.get(trunk.id) ?? []) : [] };
    });
}

function jointsOf({ port_id }: TrunkView, subports: readonly SubportView[]): readonly TrunkJoint[] {
  return [
    joint('parent', port_id, untaggedVlan),
    ...subports
      .map(({ id, segmentation_id }) => joint('subport', id, segmentation_id))
      .toSorted((a, b) => a.tag - b.tag),
  ];
}

const untaggedVlan = 0;

function joint(role: 'parent' | 'subport', portId: string, tag: number): TrunkJoint {
  const { trunkBridge: trunkEnd, integrationBridge: integrationEnd } = trunkPatchNames(role, portId);
  return { portId, trunkEnd, integrationEnd, tag };
}

/** The bridges of trunks: there before the instance's device, which is plugged into them. */
export function trunkBridges(trunks: readonly HostTrunk[]): readonly BridgePlan[] {
  return trunks.map(({ bridge, joints }) => ({
    name: bridge,
    failMode: 'standalone',
    ours: true,
    patches: joints.map(({ trunkEnd, integrationEnd, tag }) => ({ name: trunkEnd, peer: integrationEnd, tag })),
  }));
}
