// What a port's creation must know of its network, and nothing more: these are read for every port, so each is one
// statement on few columns instead of whole records with all that belongs to them.

import { NetworkNotFound } from '@neutronium/model/errors';
import type { SegmentView } from '@neutronium/model/host-view';
import type { AllocationPool } from '@neutronium/model/kinds/allocation-pools';
import type { Reader } from '../store/store.ts';
import type { AddressSubnet } from './fixed-ips.ts';

export interface NetworkFacts {
  readonly id: string;
  readonly port_security_enabled: boolean;
  readonly qos_policy_id: string | null;
}

/** By the network's id. Throws NetworkNotFound for one that is not there. */
export async function networkFacts(
  { db }: Reader,
  networkIds: readonly string[],
): Promise<ReadonlyMap<string, NetworkFacts>> {
  const rows = await db
    .selectFrom('networks')
    .select(['id', 'port_security_enabled', 'qos_policy_id'])
    .where('id', 'in', networkIds)
    .execute();
  const facts = new Map(
    rows.map(({ port_security_enabled, ...row }) => [
      row.id,
      { ...row, port_security_enabled: port_security_enabled === 1 },
    ]),
  );
  for (const id of networkIds) if (!facts.has(id)) throw new NetworkNotFound({ net_id: id });
  return facts;
}

/** The subnets of each network, oldest first, so that the first address of a port comes from the oldest. */
export async function subnetFacts(
  { db }: Reader,
  networkIds: readonly string[],
): Promise<ReadonlyMap<string, readonly AddressSubnet[]>> {
  const rows = await db
    .selectFrom('subnets')
    .select(['id', 'network_id', 'cidr', 'ip_version', 'enable_dhcp', 'allocation_pools', 'service_types'])
    .select(['ipv6_ra_mode', 'ipv6_address_mode', 'segment_id'])
    .where('network_id', 'in', networkIds)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return Map.groupBy(
    rows.map((row) => ({
      ...row,
      enable_dhcp: row.enable_dhcp === 1,
      // The store wrote these lists from records of the declared types.
      allocation_pools: JSON.parse(row.allocation_pools) as readonly AllocationPool[],
      service_types: JSON.parse(row.service_types) as readonly string[],
    })),
    ({ network_id }) => network_id,
  );
}

/** The segments that carry each network, in the network's order; nothing is read without networks. */
export async function segmentFacts(
  { db }: Reader,
  networkIds: readonly string[],
): Promise<ReadonlyMap<string, readonly SegmentView[]>> {
  if (networkIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('network_segments')
    .select(['id', 'network_id', 'network_type', 'physical_network', 'segmentation_id'])
    .where('network_id', 'in', networkIds)
    .orderBy('position')
    .execute();
  return Map.groupBy(rows, ({ network_id }) => network_id);
}
