import type { Call } from '../resources/handlers.ts';
import type { PortParts } from '../resources/port/port-parts.ts';
import { retryBindings } from '../resources/port/retry-bindings.ts';
import type { Writer } from '../store/store.ts';
import type { DhcpScheduler } from './dhcp.ts';

/** What waited for the agents of `host`, now that one came, came back or reports something else about itself. */
export async function hostArrived(
  { ports, dhcp }: { readonly ports: PortParts; readonly dhcp: DhcpScheduler },
  call: Call<Writer>,
  host: string,
): Promise<void> {
  await retryBindings(ports, call.store, host);
  await dhcp.syncAll(call);
}
