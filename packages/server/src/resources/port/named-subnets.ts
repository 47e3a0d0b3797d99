import { SubnetNotFound } from '@neutronium/model/errors';
import type { RequestedIp } from '@neutronium/model/kinds/fixed-ips';
import { subnet } from '@neutronium/model/resources/subnet';
import { invalidSubnet } from '#ipam/fixed-ips';
import { visibility } from '../../context.ts';
import type { Reader } from '../../store/store.ts';
import type { Call } from '../handlers.ts';

interface Asking {
  readonly network_id: string;
  readonly fixed_ips?: readonly RequestedIp[] | undefined;
}

/**
 * The result of `work`, which finds addresses for `ports`. When it misses a subnet that is there for the caller to see,
 * on another network, the caller is told so: InvalidInput in the place of SubnetNotFound.
 */
export async function explainingSubnets<T>(
  call: Call<Reader>,
  ports: readonly Asking[],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SubnetNotFound)) throw error;
    throw (await foreignSubnet(call, ports)) ?? error;
  }
}

async function foreignSubnet({ context, store }: Call<Reader>, ports: readonly Asking[]): Promise<Error | undefined> {
  const asked = ports.flatMap(({ network_id, fixed_ips = [] }) =>
    fixed_ips.flatMap(({ subnet_id }) => (subnet_id === undefined ? [] : [{ network_id, subnet_id }])),
  );
  const ids = [...new Set(asked.map(({ subnet_id }) => subnet_id))];
  const visible = await store.list(subnet, {
    where: [{ op: 'equals', attribute: 'id', values: ids }],
    ...visibility(context),
  });
  const networkOf = new Map(visible.map(({ id, network_id }) => [id, network_id]));
  const foreign = asked.find(({ network_id, subnet_id }) => (networkOf.get(subnet_id) ?? network_id) !== network_id);
  if (foreign === undefined) return undefined;
  return invalidSubnet(foreign);
}
