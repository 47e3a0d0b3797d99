// What a subnet shows of its network: whether the network is external, and, for policy, whether it is shared.

import type { SubnetRecord } from '@neutronium/model/resources/subnet';
import type { Reader } from '../../store/store.ts';
import type { Call } from '../handlers.ts';
import { sharingOf } from '../sharing.ts';

/** As the caller sees them. One statement for all. */
export async function deriveSubnets(
  { context, store }: Call<Reader>,
  records: readonly SubnetRecord[],
): Promise<readonly { readonly shared: boolean; readonly 'router:external': boolean }[]> {
  const networks = { type: 'network', ids: records.map(({ network_id }) => network_id) } as const;
  const sharing = await sharingOf(store, networks, context.projectId);
  return records.map(({ network_id }) => ({
    shared: sharing.allows('access_as_shared', network_id),
    'router:external': sharing.allows('access_as_external', network_id),
  }));
}
