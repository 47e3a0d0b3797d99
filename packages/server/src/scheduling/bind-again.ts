// Ports whose binding failed for want of an agent get another chance when their hosts have one.

import { port } from '@neutronium/model/resources/port';
import { bindingFailed } from '#binding/bind-port';
import type { Call } from '../resources/handlers.ts';
import type { PortParts } from '../resources/port/port-parts.ts';
import { updatePort } from '../resources/port/update-port.ts';
import type { Reader, Writer } from '../store/store.ts';

/** The ids of those on `hosts`. */
export async function portsToBindAgain(store: Reader, hosts: readonly string[]): Promise<readonly string[]> {
  if (hosts.length === 0) return [];
  const failed = await store.list(port, {
    where: [
      { op: 'equals', attribute: 'binding:host_id', values: hosts },
      { op: 'equals', attribute: 'binding:vif_type', values: [bindingFailed.vif_type] },
    ],
  });
  return failed.map(({ id }) => id);
}

/** Binds the port if it is still there: a change of nothing binds one whose binding has failed before. */
export async function bindAgain(parts: PortParts, { store }: Call<Writer>, portId: string): Promise<void> {
  const current = await store.get(port, portId);
  if (current !== undefined) await updatePort(parts, store, current, {});
}
