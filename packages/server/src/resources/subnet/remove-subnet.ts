import { blockersOf } from '@neutronium/model/api-error';
import { SubnetInUse } from '@neutronium/model/errors';
import { network } from '@neutronium/model/resources/network';
import { subnet, type SubnetRecord } from '@neutronium/model/resources/subnet';
import { isAutoAddressSubnet } from '#ipam/auto-address';
import type { Writer } from '../../store/store.ts';
import type { Call } from '../handlers.ts';
import { removeAddresses } from './auto-addresses-of-ports.ts';
import type { SubnetParts } from './create-subnets.ts';
import { updatePeerRoutes } from './peer-routes.ts';
import { portsOnlyOn, routerPortsOn, userPortsOn } from './subnet-usage.ts';
import { subnetsOfNetwork } from './subnets-of-network.ts';

/**
 * Automatic addresses and those of DHCP servers go with the subnet; others keep it, and so do ports on a segment that
 * would have no address at all.
 */
export async function removeSubnet({ dhcp }: SubnetParts, call: Call<Writer>, current: SubnetRecord): Promise<void> {
  const { store } = call;
  const users = isAutoAddressSubnet(current)
    ? await routerPortsOn(store.db, current.id)
    : await userPortsOn(store.db, current.id);
  const keeping = users.length > 0 || current.segment_id === null ? users : await portsOnlyOn(store.db, current.id);
  if (keeping.length > 0) {
    const reason = 'One or more ports have an IP allocation from this subnet';
    throw new SubnetInUse({ subnet_id: current.id, reason, blockers: blockersOf('port', keeping) });
  }
  await removeAddresses(store, current.id);
  await store.remove(subnet, current.id);
  if (current.segment_id !== null) {
    const left = await subnetsOfNetwork(store, current.network_id);
    await updatePeerRoutes(store, left, { cidr: current.cidr });
  }
  await store.touch(network, current.network_id);
  await dhcp.syncNetwork(call, current.network_id);
}
