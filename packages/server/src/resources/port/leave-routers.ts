// What routers do for a port ends with the port, and what they do for one of its addresses with the address.

import type { IpAddress } from '@neutronium/net/ip';
import type { Writer } from '../../store/store.ts';
import { disassociatePort } from '../floatingip/association.ts';
import { removeNdpProxiesOf } from '../ndp-proxy/remove-ndp-proxies.ts';
import { removeForwardingsTo } from '../port-forwarding/remove-port-forwarding.ts';

/** The port is about to go. */
export async function leaveRouters(store: Writer, portId: string): Promise<void> {
  await disassociatePort(store, portId);
  await keepOnRouters(store, portId, []);
}

/** The port has these addresses left. Floating IPs keep theirs: a port cannot lose an address that one stands for. */
export async function keepOnRouters(store: Writer, portId: string, kept: readonly IpAddress[]): Promise<void> {
  await removeForwardingsTo(store, portId, kept);
  await removeNdpProxiesOf(store, portId, kept);
}
