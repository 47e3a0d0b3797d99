import { subnet, type SubnetRecord } from '@neutronium/model/resources/subnet';
import type { Reader } from '../../store/store.ts';

/** The subnets of one network, oldest first. */
export async function subnetsOfNetwork(store: Reader, networkId: string): Promise<readonly SubnetRecord[]> {
  return store.list(subnet, {
    where: [{ op: 'equals', attribute: 'network_id', values: [networkId] }],
    sort: [
      { attribute: 'created_at', direction: 'asc' },
      { attribute: 'id', direction: 'asc' },
    ],
  });
}
