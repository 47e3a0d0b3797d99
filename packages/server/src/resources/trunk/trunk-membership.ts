// Which ports are in trunks, and as what.

import { blockersOf } from '@neutronium/model/api-error';
import { PortInUseAsSubPort, PortInUseAsTrunkParent } from '@neutronium/model/trunk-errors';
import { sql } from 'kysely';
import { databaseKind, isOneOf } from '../../store/dialect.ts';
import type { Reader } from '../../store/store.ts';

export interface TrunkMembership {
  readonly trunk_id: string;
  readonly role: 'parent' | 'subport';
}

/** The trunk of each of those ports that is in one, by the port's id; two statements. */
export async function trunksOfPorts(
  { db }: Reader,
  portIds: readonly string[],
): Promise<ReadonlyMap<string, TrunkMembership>> {
  if (portIds.length === 0) return new Map();
  const named = isOneOf(databaseKind(db), sql.ref('port_id'), portIds);
  const parents = await db.selectFrom('trunks').select(['id as trunk_id', 'port_id']).where(named).execute();
  const behind = await db.selectFrom('subports').select(['trunk_id', 'port_id']).where(named).execute();
  return new Map<string, TrunkMembership>([
    ...parents.map(({ port_id, trunk_id }) => [port_id, { trunk_id, role: 'parent' }] as const),
    ...behind.map(({ port_id, trunk_id }) => [port_id, { trunk_id, role: 'subport' }] as const),
  ]);
}

/** Throws PortInUseAsTrunkParent or PortInUseAsSubPort for a port that is in a trunk. */
export async function requireNoTrunk(store: Reader, port_id: string): Promise<void> {
  const membership = (await trunksOfPorts(store, [port_id])).get(port_id);
  if (membership === undefined) return;
  const { trunk_id } = membership;
  const blockers = blockersOf('trunk', [trunk_id]);
  switch (membership.role) {
    case 'parent':
      throw new PortInUseAsTrunkParent({ port_id, trunk_id, blockers });
    case 'subport':
      throw new PortInUseAsSubPort({ port_id, trunk_id, blockers });
  }
}
