import { blockersOf, type Blocker } from '@neutronium/model/api-error';
import type { Reader } from '../../store/store.ts';

/** The port forwardings of the floating IP. */
export async function forwardingsOf({ db }: Reader, floatingIpId: string): Promise<readonly Blocker[]> {
  const rows = await db.selectFrom('port_forwardings').select('id').where('floatingip_id', '=', floatingIpId).execute();
  return blockersOf(
    'port_forwarding',
    rows.map(({ id }) => id),
  );
}
