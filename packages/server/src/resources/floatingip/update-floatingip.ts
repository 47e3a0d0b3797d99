import { FipInUseByPortForwarding } from '@neutronium/model/routing-errors';
import { floatingip, type FloatingIpRecord, type FloatingIpUpdate } from '@neutronium/model/resources/floatingip';
import type { Writer } from '../../store/store.ts';
import type { Call } from '../handlers.ts';
import { associate } from './association.ts';
import { forwardingsOf } from './forwardings-of.ts';

/**
 * The floating IP as it is after `changes`. A request that says nothing at all lets it stand for nothing; one that says
 * something else leaves what it stands for alone.
 */
export async function updateFloatingIp(
  call: Call<Writer>,
  current: FloatingIpRecord,
  changes: FloatingIpUpdate,
): Promise<FloatingIpRecord> {
  const { port_id = null, fixed_ip_address = null, ...plain } = changes;
  const asks = ['port_id', 'fixed_ip_address'].some((name) => name in changes) || Object.keys(changes).length === 0;
  if (!asks) return call.store.update(floatingip, current.id, plain);
  const blockers = await forwardingsOf(call.store, current.id);
  const forwards = blockers.length > 0;
  if (forwards && port_id !== null) throw new FipInUseByPortForwarding({ id: current.id, blockers });
  const wanted = await associate(call, current, { port_id, fixed_ip_address });
  // What has port forwardings stands for no port, and stays with the router that forwards.
  const association = forwards ? { ...wanted, router_id: current.router_id } : wanted;
  const moved = Object.entries(association).some(([name, value]) => Reflect.get(current, name) !== value);
  // What translated until now does so no more, and nobody has said yet that something else does.
  const status = moved ? ({ status: 'DOWN' } as const) : {};
  return call.store.update(floatingip, current.id, { ...plain, ...association, ...status });
}
