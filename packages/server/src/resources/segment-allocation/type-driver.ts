// What a network type is, as far as choosing its wire goes: which requests make sense, where ids come from when the
// request names none, and how large its packets may be. One file beside this for each type. Drivers decide; the
// allocator asks the database.

import type { IdRange } from '#config/network-ranges';
import type { ApiError } from '@neutronium/model/api-error';
import type { NetworkType } from '@neutronium/model/host-view';

/** A wire as a request names it: what is null is left to the server. */
export interface WantedWire {
  readonly network_type: NetworkType;
  readonly physical_network: string | null;
  readonly segmentation_id: number | null;
}

/** A wire that a segment of a network has. */
export interface Wire {
  readonly network_type: NetworkType;
  /** The operator's label; null for local and tunnelled segments. */
  readonly physical_network: string | null;
  /** VLAN id, GRE key or VNI; null where the type has none. */
  readonly segmentation_id: number | null;
}

/** Ids that the server may hand out on one physical network (null: in the tunnels). */
export interface IdPool {
  readonly physical_network: string | null;
  readonly ranges: readonly IdRange[];
}

export interface TypeDriver {
  readonly type: NetworkType;
  /** Throws InvalidInput for what no segment of this type can be. */
  check(wanted: WantedWire): void;
  /** Whether `wanted` names all that a segment of this type has, so that there is nothing to choose. */
  isComplete(wanted: WantedWire): boolean;
  /** Where the ids that `wanted` leaves open come from, the first with a free one first. */
  pools(wanted: WantedWire): readonly IdPool[];
  /** Whether no two segments may have the same wire. */
  readonly exclusive: boolean;
  /** What is answered when another segment already has `wire`. */
  inUse(wire: Wire): ApiError;
  /** Bytes of the largest IP packet on a segment of this type. */
  mtu(physicalNetwork: string | null): number;
}
