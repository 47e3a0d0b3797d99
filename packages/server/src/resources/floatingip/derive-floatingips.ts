import type { floatingip, FloatingIpRecord } from '@neutronium/model/resources/floatingip';
import { portForwarding, type PortForwardingRecord } from '@neutronium/model/resources/port-forwarding';
import { sql } from 'kysely';
import { databaseKind, isOneOf } from '../../store/dialect.ts';
import type { Reader } from '../../store/store.ts';
import type { Derived } from '../handlers.ts';
import { policiesOfNetworks } from '../qos-policy/policies-of-networks.ts';
import { singlePort } from '../port-forwarding/port-range.ts';

/** One entry for each record, in order. What no field asks for is not read, and comes out empty. */
export async function deriveFloatingIps(
  store: Reader,
  records: readonly FloatingIpRecord[],
  fields: ReadonlySet<string>,
): Promise<readonly Derived<typeof floatingip>[]> {
  const wants = (name: string): boolean => fields.size === 0 || fields.has(name);
  const portIds = records.flatMap(({ port_id }) => (port_id === null ? [] : [port_id]));
  const details = await portDetails(store, wants('port_details') ? portIds : []);
  const forwardings = await forwardingsOf(store, wants('port_forwardings') ? records.map(({ id }) => id) : []);
  const policies = await policiesOfNetworks(
    store,
    wants('qos_network_policy_id') ? records.map(({ floating_network_id }) => floating_network_id) : [],
  );
  return records.map(({ id, port_id, floating_network_id }) => ({
    qos_network_policy_id: policies.get(floating_network_id) ?? null,
    port_details: details.get(port_id ?? '') ?? null,
    port_forwardings: (forwardings.get(id) ?? []).map(showForwarding),
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

async function forwardingsOf(
  store: Reader,
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly PortForwardingRecord[]>> {
  if (ids.length === 0) return new Map();
  const all = await store.list(portForwarding, {
    where: [{ op: 'equals', attribute: 'floatingip_id', values: ids }],
    sort: [{ attribute: 'id', direction: 'asc' }],
  });
  return Map.groupBy(all, ({ floatingip_id }) => floatingip_id);
}

/** Of a range of ports, the single port is left out here; the port forwarding itself shows the range. */
function showForwarding(record: PortForwardingRecord): Readonly<Record<string, unknown>> {
  const { id, protocol, internal_ip_address, internal_port_id, external_port_range, internal_port_range } = record;
  const [external_port, internal_port] = [external_port_range, internal_port_range].map(singlePort);
  return {
    id,
    protocol,
    internal_ip_address,
    internal_port_id,
    ...(typeof internal_port === 'number' ? { internal_port } : {}),
    ...(typeof external_port === 'number' ? { external_port } : {}),
  };
}
