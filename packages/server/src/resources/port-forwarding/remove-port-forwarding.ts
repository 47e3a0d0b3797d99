import { floatingip } from '@neutronium/model/resources/floatingip';
import { portForwarding, type PortForwardingRecord } from '@neutronium/model/resources/port-forwarding';
import type { IpAddress } from '@neutronium/net/ip';
import type { Writer } from '../../store/store.ts';

/** Removes a port forwarding. With its last one, a floating IP leaves its router. */
export async function removePortForwarding(
  store: Writer,
  { id, floatingip_id }: Pick<PortForwardingRecord, 'id' | 'floatingip_id'>,
): Promise<void> {
  await store.remove(portForwarding, id);
  await store.touch(floatingip, floatingip_id);
  const left = await store.count(portForwarding, [
    { op: 'equals', attribute: 'floatingip_id', values: [floatingip_id] },
  ]);
  if (left === 0) await store.update(floatingip, floatingip_id, { router_id: null, status: 'DOWN' });
}

/** Removes the port forwardings to a port, but for those to addresses that it keeps. */
export async function removeForwardingsTo(store: Writer, portId: string, kept: readonly IpAddress[]): Promise<void> {
  const all = await store.list(portForwarding, {
    where: [{ op: 'equals', attribute: 'internal_port_id', values: [portId] }],
  });
  for (const each of all) {
    if (!kept.includes(each.internal_ip_address)) await removePortForwarding(store, each);
  }
}
