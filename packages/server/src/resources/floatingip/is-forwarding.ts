import type { Reader } from '../../store/store.ts';

/** Whether the floating IP has port forwardings. */
export async function isForwarding({ db }: Reader, floatingIpId: string): Promise<boolean> {
  const one = await db
    .selectFrom('port_forwardings')
    .select('id')
    .where('floatingip_id', '=', floatingIpId)
    .limit(1)
    .executeTakeFirst();
  return one !== undefined;
}
