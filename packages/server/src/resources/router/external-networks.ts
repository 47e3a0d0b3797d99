// Networks that lead outside.

import { NetworkNotFound } from '@neutronium/model/errors';
import { network, type NetworkRecord } from '@neutronium/model/resources/network';
import { visibility } from '../../context.ts';
import type { Reader } from '../../store/store.ts';
import type { Call } from '../handlers.ts';

/** The network, if the caller may see it. Throws NetworkNotFound otherwise. */
export async function visibleNetwork({ context, store }: Call<Reader>, id: string): Promise<NetworkRecord> {
  const [found] = await store.list(network, {
    where: [{ op: 'equals', attribute: 'id', values: [id] }],
    ...visibility(context),
  });
  if (found === undefined) throw new NetworkNotFound({ net_id: id });
  return found;
}

/** Whether the network leads outside, be it for every project or only for some. */
export async function isExternal({ db }: Reader, networkId: string): Promise<boolean> {
  const entry = await db
    .selectFrom('rbac_policies')
    .select('id')
    .where('object_id', '=', networkId)
    .where('action', '=', 'access_as_external')
    .limit(1)
    .executeTakeFirst();
  return entry !== undefined;
}
