import { FipInUseByPortForwarding } from '@neutronium/model/routing-errors';
import { floatingip, type FloatingIpRecord } from '@neutronium/model/resources/floatingip';
import type { Writer } from '../../store/store.ts';
import { forwardingsOf } from './forwardings-of.ts';
import { removePort } from '../port/remove-port.ts';

/** Removes a floating IP with the port that kept its address. Throws FipInUseByPortForwarding while it forwards. */
export async function removeFloatingIp(
  store: Writer,
  { id, floating_port_id }: Pick<FloatingIpRecord, 'id' | 'floating_port_id'>,
): Promise<void> {
  const blockers = await forwardingsOf(store, id);
  if (blockers.length > 0) throw new FipInUseByPortForwarding({ id, blockers });
  await store.remove(floatingip, id);
  await removePort(store, floating_port_id);
}

/** Removes those of a network that stand for nothing: they do not keep it from being removed. */
export async function removeUnusedFloatingIps(store: Writer, networkId: string): Promise<void> {
  const unused = await store.list(floatingip, {
    where: [
      { op: 'equals', attribute: 'floating_network_id', values: [networkId] },
      { op: 'equals', attribute: 'router_id', values: [null] },
    ],
  });
  for (const each of unused) await removeFloatingIp(store, each);
}
