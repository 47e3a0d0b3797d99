// The end of a port, whoever ends it.

import { blockersOf } from '@neutronium/model/api-error';
import { ServicePortInUse } from '@neutronium/model/errors';
import { port } from '@neutronium/model/resources/port';
import type { Reader, Writer } from '../../store/store.ts';
import { removeAssociationsOf } from '../local-ip/associations.ts';
import { removeLogs } from '../log/remove-logs.ts';

/** Local IPs lead to the port no more, and logs of its traffic end. Throws ServicePortInUse where one has its address from the port. */
export async function removePort(store: Writer, id: string): Promise<void> {
  const blockers = blockersOf('local_ip', await localIpsOfPort(store, id));
  if (blockers.length > 0) {
    throw new ServicePortInUse({ port_id: id, reason: 'still referenced by Local IPs', blockers });
  }
  await removeAssociationsOf(store, id);
  await removeLogs(store, { target_id: id });
  await store.remove(port, id);
}

async function localIpsOfPort({ db }: Reader, portId: string): Promise<readonly string[]> {
  const users = await db
    .selectFrom('local_ips')
    .select('id')
    .where('local_port_id', '=', portId)
    .orderBy('id')
    .execute();
  return users.map(({ id }) => id);
}
