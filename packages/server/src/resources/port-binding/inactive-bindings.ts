// The rows of bindings that are not active. Each write is in the change log, like that of a record.

import { inactivePortBinding, type PortBinding } from '@neutronium/model/resources/port-binding';
import type { Reader, Writer } from '../../store/store.ts';

export type InactiveBinding = Omit<PortBinding, 'status'>;

/** Those of a port, by the names of their hosts. */
export async function inactiveBindings({ db }: Reader, portId: string): Promise<readonly InactiveBinding[]> {
  const rows = await db
    .selectFrom('inactive_port_bindings')
    .select(['host', 'vif_type', 'vif_details', 'vnic_type', 'profile'])
    .where('port_id', '=', portId)
    .orderBy('host')
    .execute();
  return rows.map(({ vif_details, profile, ...row }) => ({
    ...row,
    // The store wrote them below, from objects.
    vif_details: JSON.parse(vif_details) as InactiveBinding['vif_details'],
    profile: JSON.parse(profile) as InactiveBinding['profile'],
  }));
}

/** Keeps `binding` in the place of `before`, the one that the port had of that host. */
export async function keepInactive(
  store: Writer,
  portId: string,
  binding: InactiveBinding,
  before: InactiveBinding | null = null,
): Promise<void> {
  const { host, vif_type, vnic_type } = binding;
  const profile = JSON.stringify(binding.profile);
  const vif_details = JSON.stringify(binding.vif_details);
  const values = { vif_type, vnic_type, profile, vif_details };
  await store.db
    .insertInto('inactive_port_bindings')
    .values({ port_id: portId, host, ...values })
    .onConflict((conflict) => conflict.columns(['port_id', 'host']).doUpdateSet(values))
    .execute();
  store.log({ kind: inactivePortBinding, id: `${portId}/${host}`, before, after: binding });
}

/** Forgets the inactive binding of the port to `host`, if there is one. */
export async function forgetInactive(store: Writer, portId: string, host: string): Promise<void> {
  const before = (await inactiveBindings(store, portId)).find((binding) => binding.host === host);
  if (before === undefined) return;
  await store.db.deleteFrom('inactive_port_bindings').where('port_id', '=', portId).where('host', '=', host).execute();
  store.log({ kind: inactivePortBinding, id: `${portId}/${host}`, before, after: null });
}
