import { DefaultExternalNetworkExists } from '@neutronium/model/errors';
import { network } from '@neutronium/model/resources/network';
import type { Writer } from '../../store/store.ts';

/** Throws DefaultExternalNetworkExists when another network than `id` is the default one. */
export async function requireNoOtherDefault(store: Writer, id: string): Promise<void> {
  await store.lock('default external network');
  const [other] = await store.list(network, {
    where: [{ op: 'equals', attribute: 'is_default', values: [true] }],
    limit: 1,
  });
  if (other !== undefined && other.id !== id) throw new DefaultExternalNetworkExists({ net_id: other.id });
}
