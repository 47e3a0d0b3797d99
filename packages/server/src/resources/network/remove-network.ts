import { blockersOf } from '@neutronium/model/api-error';
import { NetworkInUse } from '@neutronium/model/errors';
import { network, type NetworkRecord } from '@neutronium/model/resources/network';
import { port, type PortRecord } from '@neutronium/model/resources/port';
import { subnet } from '@neutronium/model/resources/subnet';
import { servingIds, unbindFromAgent } from '../../scheduling/dhcp-bindings.ts';
import type { Reader, Writer } from '../../store/store.ts';
import { removeUnusedFloatingIps } from '../floatingip/remove-floatingip.ts';
import { removePort } from '../port/remove-port.ts';
import { releaseWires } from '../segment-allocation/allocate-segment.ts';

/** Removes a network with its subnets and the ports of its DHCP servers. Throws NetworkInUse while it has others. */
export async function removeNetwork(store: Writer, { id }: NetworkRecord): Promise<void> {
  await removeUnusedFloatingIps(store, id);
  const inUse = await portsInTheWay(store, id);
  if (inUse.length > 0) {
    const ids = inUse.map((each) => each.id);
    throw new NetworkInUse({
      net_id: id,
      reason: `There are one or more ports still in use on the network, id for these ports is: ${ids.join(',')}`,
      blockers: blockersOf('port', ids),
    });
  }
  const onNetwork = [{ op: 'equals', attribute: 'network_id', values: [id] }] as const;
  for (const { id: portId } of await store.list(port, { where: onNetwork })) await removePort(store, portId);
  const subnets = await store.list(subnet, { where: onNetwork });
  for (const { id: subnetId } of subnets) await store.remove(subnet, subnetId);
  for (const agentId of await servingIds(store, id)) await unbindFromAgent(store, id, agentId);
  await releaseWires(store, id);
  await store.remove(network, id);
}

/** The ports for which the network is kept: all but those of its DHCP servers. */
export async function portsInTheWay(store: Reader, networkId: string): Promise<readonly PortRecord[]> {
  const onNetwork = [{ op: 'equals', attribute: 'network_id', values: [networkId] }] as const;
  const ports = await store.list(port, { where: onNetwork });
  return ports.filter(({ device_owner }) => device_owner !== 'network:dhcp');
}
