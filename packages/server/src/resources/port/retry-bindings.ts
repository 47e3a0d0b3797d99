import { port } from '@neutronium/model/resources/port';
import { bindingFailed } from '#binding/bind-port';
import type { Writer } from '../../store/store.ts';
import type { PortParts } from './port-parts.ts';
import { updatePort } from './update-port.ts';

/** Binds the ports of `host` again whose binding failed: after an agent came to the host, came back, or changed. */
export async function retryBindings(parts: PortParts, store: Writer, host: string): Promise<void> {
  const failed = await store.list(port, {
    where: [
      { op: 'equals', attribute: 'binding:host_id', values: [host] },
      { op: 'equals', attribute: 'binding:vif_type', values: [bindingFailed.vif_type] },
    ],
  });
  for (const current of failed) await updatePort(parts, store, current, {});
}
