// The ranges that the server's configuration has: there while it has them, and changed by nobody.

import { randomUUID } from 'node:crypto';
import { networkSegmentRange, type NetworkSegmentRangeRecord } from '@neutronium/model/resources/network-segment-range';
import type { NewRecord, Writer } from '../../store/store.ts';
import type { TypeDrivers } from '../segment-allocation/type-drivers.ts';

type Wanted = Pick<NetworkSegmentRangeRecord, 'network_type' | 'physical_network' | 'minimum' | 'maximum'>;

/** Makes the default ranges those of the configuration. One that both have stays what it is. */
export async function syncDefaultRanges(store: Writer, drivers: TypeDrivers): Promise<void> {
  // Servers that start at once would each add theirs.
  await store.lock('default network segment ranges');
  const known = (await store.list(networkSegmentRange, {})).filter((each) => each.default);
  const wanted = new Map(configuredRanges(drivers).map((each) => [nameOf(each), each]));
  for (const each of known) {
    if (!wanted.delete(nameOf(each))) await store.remove(networkSegmentRange, each.id);
  }
  await store.insert(
    networkSegmentRange,
    [...wanted.values()].map((each): NewRecord<typeof networkSegmentRange> => ({
      ...each,
      id: randomUUID(),
      name: '',
      default: true,
      shared: true,
      project_id: null,
      description: '',
      tags: [],
    })),
  );
}

function configuredRanges(drivers: TypeDrivers): readonly Wanted[] {
  return rangedTypes.flatMap((network_type) =>
    (drivers.find(network_type)?.configured ?? []).flatMap(({ physical_network, ranges }) =>
      ranges.map(({ first, last }) => ({ network_type, physical_network, minimum: first, maximum: last })),
    ),
  );
}

const rangedTypes = ['vlan', 'vxlan', 'gre', 'geneve'] as const;

function nameOf({ network_type, physical_network, minimum, maximum }: Wanted): string {
  return JSON.stringify([network_type, physical_network, minimum, maximum]);
}
