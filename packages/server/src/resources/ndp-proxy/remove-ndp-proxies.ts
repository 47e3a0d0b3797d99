import { ndpProxy } from '@neutronium/model/resources/ndp-proxy';
import type { IpAddress } from '@neutronium/net/ip';
import type { Writer } from '../../store/store.ts';

/** Removes the NDP proxies of a port, but for those of addresses that it keeps. */
export async function removeNdpProxiesOf(store: Writer, portId: string, kept: readonly IpAddress[]): Promise<void> {
  const all = await store.list(ndpProxy, { where: [{ op: 'equals', attribute: 'port_id', values: [portId] }] });
  for (const { id, ip_address } of all) if (!kept.includes(ip_address)) await store.remove(ndpProxy, id);
}
