// What a network type is, as far as choosing its wire goes: which requests make sense, where ids come from when the
// request names none, and how large its packets may be. One file beside this for each type. Drivers decide; the
// allocator asks the database.

import type { IdRange } from '#config/network-ranges';
import type { ApiError, Blocker } from '@neutronium/model/api-error';
import type { NetworkType } from '@neutronium/model/host-view';
import type { IdPool } from './id-pools.ts';

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

/** Ids that the operator has set aside, on one physical network (null: in the tunnels). */
export interface ConfiguredRanges {
  readonly physical_network: string | null;
  readonly ranges: readonly IdRange[];
}

export interface TypeDriver {
  readonly type: NetworkType;
  /** Throws InvalidInput for what no segment of this type can be; `pools` are those that its ids may come from. */
  check(wanted: WantedWire, pools: readonly IdPool[]): void;
  /** Whether `wanted` names all that a segment of this type has, so that there is nothing to choose. */
  isComplete(wanted: WantedWire): boolean;
  /** What the configuration says of where ids come from, in its order; undefined for a type that has none. */
  readonly configured: readonly ConfiguredRanges[] | undefined;
  /** Whether no two segments may have the same wire. */
  readonly exclusive: boolean;
  /** What is answered when a segment of another network, the only one of `blockers`, already has `wire`. */
  inUse(wire: Wire, blockers: readonly Blocker[]): ApiError;
  /** Bytes of the largest IP packet on a segment of this type. */
  mtu(physicalNetwork: string | null): number;
}
