import type { floatingip, FloatingIpRecord } from '@neutronium/model/resources/floatingip';
import { sql } from 'kysely';
import { databaseKind, isOneOf } from '../../store/dialect.ts';
import type { Reader } from '../../store/store.ts';
import type { Derived } from '../handlers.ts';

/** One entry for each record, in order. What no field asks for is not read, and comes out empty. */
export async function deriveFloatingIps(
  store: Reader,
  records: readonly FloatingIpRecord[],
  fields: ReadonlySet<string>,
): Promise<readonly Derived<typeof floatingip>[]> {
  const wants = (name: string): boolean => fields.size === 0 || fields.has(name);
  const portIds = records.flatMap(({ port_id }) => (port_id === null ? [] : [port_id]));
  const details = await portDetails(store, wants('port_details') ? portIds : []);
  return records.map(({ port_id }) => ({
    port_details: details.get(port_id ?? '') ?? null,
    port_forwardings: [],
  }));
}

/** What is shown of ports, by their ids. */
async function portDetails({ db }: Reader, ids: readonly string[]): Promise<ReadonlyMap<string, object>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('ports')
    .select(['id', 'name', 'network_id', 'mac_address', 'admin_state_up', 'status', 'device_id', 'device_owner'])
    .where(isOneOf(databaseKind(db), sql.ref('id'), ids))
    .execute();
  return new Map(rows.map(({ id, ...details }) => [id, { ...details, admin_state_up: details.admin_state_up === 1 }]));
}
