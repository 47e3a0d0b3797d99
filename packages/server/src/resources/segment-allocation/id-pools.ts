// Which ids the server may give to the networks of a project: those of ranges that are the project's own before those
// that all projects share, less what is set aside for another.

import { networkSegmentRange, type NetworkSegmentRangeRecord } from '@neutronium/model/resources/network-segment-range';
import type { NetworkType } from '@neutronium/model/host-view';
import { range, rangeSet, subtractRanges, type RangeSet } from '@neutronium/net/range';
import type { Reader } from '../../store/store.ts';

/** Ids on one physical network (null: in the tunnels). */
export interface IdPool {
  readonly physical_network: string | null;
  readonly ids: RangeSet;
}

export type IdRange = Pick<
  NetworkSegmentRangeRecord,
  'shared' | 'project_id' | 'physical_network' | 'minimum' | 'maximum'
>;

/** All ranges for networks of a type. */
export async function rangesOfType(store: Reader, type: NetworkType): Promise<readonly IdRange[]> {
  return store.list(networkSegmentRange, { where: [{ op: 'equals', attribute: 'network_type', values: [type] }] });
}

/** The pools of a project, in the order in which ids are taken from them; `preferred` wires come before others. */
export function poolsOf(
  ranges: readonly IdRange[],
  { projectId, preferred }: { readonly projectId: string; readonly preferred: readonly (string | null)[] },
): readonly IdPool[] {
  const named = new Set(ranges.map(({ physical_network }) => physical_network));
  const wires = [
    ...preferred.filter((wire) => named.has(wire)),
    ...[...named].filter((wire) => !preferred.includes(wire)).toSorted((a, b) => ((a ?? '') < (b ?? '') ? -1 : 1)),
  ];
  const idsOf = (wire: string | null, belongs: (one: IdRange) => boolean): RangeSet =>
    rangeSet(
      ranges
        .filter((one) => one.physical_network === wire && belongs(one))
        .map(({ minimum, maximum }) => range(minimum, maximum)),
    );
  const own = wires.map((wire) => ({
    physical_network: wire,
    ids: idsOf(wire, (one) => !one.shared && one.project_id === projectId),
  }));
  const shared = wires.map((wire) => ({
    physical_network: wire,
    ids: subtractRanges(
      idsOf(wire, (one) => one.shared),
      idsOf(wire, (one) => !one.shared),
    ),
  }));
  return [...own, ...shared].filter(({ ids }) => ids.length > 0);
}
