// Ports follow the auto-address subnets of their network: they have an address in each, come when the subnet comes and
// gone when it goes.

import { port, type PortRecord } from '@neutronium/model/resources/port';
import type { SubnetRecord } from '@neutronium/model/resources/subnet';
import { hostSegments } from '#binding/host-segments';
import { autoAddress } from '#ipam/auto-address';
import { isRouterInterface } from '#ipam/device-owner';
import { mayUse } from '#ipam/fixed-ips';
import type { Writer } from '../../store/store.ts';
import { subnetsOfNetwork } from './subnets-of-network.ts';

/** Gives each port of the subnet's network that may use it the address of its MAC. Costs two statements for each. */
export async function addAutoAddresses(store: Writer, subnet: SubnetRecord): Promise<void> {
  const ports = await store.list(port, {
    where: [{ op: 'equals', attribute: 'network_id', values: [subnet.network_id] }],
  });
  const reaches = await portsReaching(store, subnet, ports);
  for (const record of ports) {
    const { id, device_owner, mac_address, fixed_ips } = record;
    if (isRouterInterface(device_owner) || !mayUse(subnet, device_owner) || !reaches(record)) continue;
    const address = { subnet_id: subnet.id, ip_address: autoAddress(subnet.cidr, mac_address) };
    await store.update(port, id, { fixed_ips: [...fixed_ips, address] });
  }
}

/** Which ports are on the subnet's segment: by their hosts, and those without one by the addresses that they have. */
async function portsReaching(
  store: Writer,
  { network_id, segment_id }: SubnetRecord,
  ports: readonly PortRecord[],
): Promise<(record: PortRecord) => boolean> {
  if (segment_id === null) return () => true;
  const segments = await hostSegments(
    store,
    ports.map(({ 'binding:host_id': host }) => ({ network_id, host })),
  );
  const subnets = await subnetsOfNetwork(store, network_id);
  const onSegment = new Set(subnets.filter((each) => each.segment_id === segment_id).map(({ id }) => id));
  return ({ 'binding:host_id': host, fixed_ips }) =>
    host === ''
      ? fixed_ips.some(({ subnet_id }) => onSegment.has(subnet_id))
      : segments(network_id, host).has(segment_id);
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
