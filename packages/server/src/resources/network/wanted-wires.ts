// Which wires a request for a network asks for, in whichever of the API's two ways it says so.

import {
  InvalidInput,
  SegmentsContainDuplicateEntry,
  SegmentsSetInConjunctionWithProviders,
} from '@neutronium/model/errors';
import type { RequestedSegment } from '@neutronium/model/kinds/segments';
import type { NetworkCreate } from '@neutronium/model/resources/network';
import type { TypeDriver, WantedWire } from '../segment-allocation/type-driver.ts';
import type { TypeDrivers } from '../segment-allocation/type-drivers.ts';

export interface Wish {
  readonly driver: TypeDriver;
  readonly wire: WantedWire;
}

/** One wish for each segment; none when the request leaves the choice to the server. */
export function wantedWires(request: NetworkCreate, drivers: TypeDrivers): readonly Wish[] {
  const single = providerSegment(request);
  const several = request.segments ?? [];
  if (single !== undefined && several.length > 0) throw new SegmentsSetInConjunctionWithProviders();
  const wishes = (single === undefined ? several : [single]).map((segment) => wishOf(segment, drivers));
  refuseDuplicates(wishes);
  return wishes;
}

function providerSegment(request: NetworkCreate): RequestedSegment | undefined {
  const {
    'provider:network_type': type,
    'provider:physical_network': physical,
    'provider:segmentation_id': id,
  } = request;
  if (type === undefined && physical === undefined && id === undefined) return undefined;
  return {
    ...(type === undefined ? {} : { 'provider:network_type': type }),
    ...(physical === undefined ? {} : { 'provider:physical_network': physical }),
    ...(id === undefined ? {} : { 'provider:segmentation_id': id }),
  };
}

function wishOf(segment: RequestedSegment, drivers: TypeDrivers): Wish {
  const type = segment['provider:network_type'];
  if (type === undefined) throw new InvalidInput({ error_message: 'network_type required' });
  const driver = drivers.get(type);
  const physical = segment['provider:physical_network'];
  const wire = {
    network_type: driver.type,
    // Clients that fill in forms send an empty label for none.
    physical_network: physical === undefined || physical === '' ? null : physical,
    segmentation_id: segment['provider:segmentation_id'] ?? null,
  };
  return { driver, wire };
}

/** Two segments that leave something to be chosen may look alike: what is chosen will differ. */
function refuseDuplicates(wishes: readonly Wish[]): void {
  const complete = wishes.filter(({ driver, wire }) => driver.isComplete(wire)).map(({ wire }) => JSON.stringify(wire));
  if (new Set(complete).size < complete.length) throw new SegmentsContainDuplicateEntry();
}
