// Ports whose binding failed for want of an agent get another chance when their hosts have one.

import { port } from '@neutronium/model/resources/port';
import { bindingFailed } from '#binding/bind-port';
import type { Call } from '../resources/handlers.ts';
import type { PortParts } from '../resources/port/port-parts.ts';
import { updatePort } from '../resources/port/update-port.ts';
import type { Writer } from '../store/store.ts';

export async function bindAgain(parts: PortParts, { store }: Call<Writer>, hosts: readonly string[]): Promise<void> {
  if (hosts.length === 0) return;
  const failed = await store.list(port, {
    where: [
      { op: 'equals', attribute: 'binding:host_id', values: hosts },
      { op: 'equals', attribute: 'binding:vif_type', values: [bindingFailed.vif_type] },
    ],
  });
  // A change of nothing binds a port whose binding has failed before.
  for (const current of failed) await updatePort(parts, store, current, {});
}
