// Ports follow the auto-address subnets of their network: they have an address in each, come when the subnet comes and
// gone when it goes.

import { port } from '@neutronium/model/resources/port';
import type { SubnetRecord } from '@neutronium/model/resources/subnet';
import { autoAddress } from '#ipam/auto-address';
import { isRouterInterface } from '#ipam/device-owner';
import { mayUse } from '#ipam/fixed-ips';
import type { Writer } from '../../store/store.ts';

/** Gives each port of the subnet's network that may use it the address of its MAC. Costs two statements for each. */
export async function addAutoAddresses(store: Writer, subnet: SubnetRecord): Promise<void> {
  const ports = await store.list(port, {
    where: [{ op: 'equals', attribute: 'network_id', values: [subnet.network_id] }],
  });
  for (const { id, device_owner, mac_address, fixed_ips } of ports) {
    if (isRouterInterface(device_owner) || !mayUse(subnet, device_owner)) continue;
    const address = { subnet_id: subnet.id, ip_address: autoAddress(subnet.cidr, mac_address) };
    await store.update(port, id, { fixed_ips: [...fixed_ips, address] });
  }
}

/** Takes the addresses of the subnet from every port that has one. */
export async function removeAddresses(store: Writer, subnetId: string): Promise<void> {
  const ports = await store.list(port, {
    where: [{ op: 'has-field', attribute: 'fixed_ips', field: 'subnet_id', match: 'equal', values: [subnetId] }],
  });
  for (const { id, fixed_ips } of ports) {
    await store.update(port, id, { fixed_ips: fixed_ips.filter((address) => address.subnet_id !== subnetId) });
  }
}
