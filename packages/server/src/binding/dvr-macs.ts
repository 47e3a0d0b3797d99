// The address from which the distributed routers of a host send to others. All hosts have the same router ports with the
// same MAC addresses, which must not be seen in two places; between hosts each is replaced by this one.

import type { Mac } from '@neutronium/net/mac';
import { invariant } from '@neutronium/net/invariant';
import { randomMac, type MacSource } from '#ipam/mac-addresses';
import type { Writer } from '../store/store.ts';

/** What the log calls the address of a host; its id there is the host's name. */
export const dvrHostMacKind = 'dvr_host_mac';

export type DvrHostMac = Readonly<Record<'host', string> & Record<'mac_address', Mac>>;

/** More draws than that means that the operator's range is full. */
const maxDraws = 16;

/** Gives the host an address, unless it has one. It keeps it for good: other hosts may have frames from it on their way. */
export async function ensureDvrMac(store: Writer, host: string, source: MacSource): Promise<void> {
  await store.lock('dvr host macs');
  const { db } = store;
  const known = await db.selectFrom('dvr_host_macs').select('host').where('host', '=', host).executeTakeFirst();
  if (known !== undefined) return;
  const drawn = Array.from({ length: maxDraws }, () => randomMac(source.base, source.random));
  const rows = await db.selectFrom('dvr_host_macs').select('mac_address').where('mac_address', 'in', drawn).execute();
  const taken = new Set(rows.map(({ mac_address }) => mac_address));
  const mac_address = drawn.find((each) => !taken.has(each));
  invariant(mac_address !== undefined, 'the range of the addresses of distributed routers has room');
  const row: DvrHostMac = { host, mac_address };
  await db.insertInto('dvr_host_macs').values(row).execute();
  store.log({ kind: dvrHostMacKind, id: host, before: null, after: { ...row } });
}
