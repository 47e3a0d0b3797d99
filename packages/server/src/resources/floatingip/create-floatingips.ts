// Creates floating IPs, each with a port of nobody that keeps its address.

import { randomUUID } from 'node:crypto';
import { BadRequest, ExternalIpAddressExhausted } from '@neutronium/model/errors';
import { floatingip, type FloatingIpCreate, type FloatingIpRecord } from '@neutronium/model/resources/floatingip';
import { invariant } from '@neutronium/net/invariant';
import { family } from '@neutronium/net/ip';
import { deviceOwners } from '#ipam/device-owner';
import type { Writer } from '../../store/store.ts';
import type { Call } from '../handlers.ts';
import { createPorts } from '../port/create-ports.ts';
import { explainingSubnets } from '../port/named-subnets.ts';
import type { PortParts } from '../port/port-parts.ts';
import { servicePort } from '../port/service-port.ts';
import { isExternal, visibleNetwork } from '../router/external-networks.ts';
import { subnetsOfNetwork } from '../subnet/subnets-of-network.ts';
import { associate } from './association.ts';

export async function createFloatingIps(
  parts: PortParts,
  call: Call<Writer>,
  requests: readonly FloatingIpCreate[],
): Promise<readonly FloatingIpRecord[]> {
  const created: FloatingIpRecord[] = [];
  for (const request of requests) created.push(await createFloatingIp(parts, call, request));
  return created;
}

async function createFloatingIp(
  parts: PortParts,
  call: Call<Writer>,
  request: FloatingIpCreate,
): Promise<FloatingIpRecord> {
  const { subnet_id: _subnet, port_id, fixed_ip_address, ...attributes } = request;
  const id = randomUUID();
  const outside = { ...attributes, id, ...(await takeAddress(parts, call, id, request)) };
  const association = await associate(call, outside, { port_id, fixed_ip_address });
  const [record] = await call.store.insert(floatingip, [{ ...outside, ...association, status: 'DOWN', tags: [] }]);
  invariant(record !== undefined, 'one floating IP was inserted');
  return record;
}

/** The address, and the port that keeps it. */
async function takeAddress(
  parts: PortParts,
  call: Call<Writer>,
  id: string,
  { floating_network_id, floating_ip_address, subnet_id }: FloatingIpCreate,
): Promise<Pick<FloatingIpRecord, 'floating_ip_address' | 'floating_port_id'>> {
  const { id: network_id } = await visibleNetwork(call, floating_network_id);
  if (!(await isExternal(call.store, network_id))) refuse(`Network ${network_id} is not a valid external network`);
  const subnets = await subnetsOfNetwork(call.store, network_id);
  if (!subnets.some(({ ip_version }) => ip_version === 4)) {
    refuse(`Network ${network_id} does not contain any IPv4 subnet`);
  }
  const wanted = {
    ...(subnet_id === null ? {} : { subnet_id }),
    ...(floating_ip_address === null ? {} : { ip_address: floating_ip_address }),
  };
  const plain = servicePort({
    project_id: '',
    network_id,
    device_id: id,
    device_owner: deviceOwners.floatingIp,
    ...(Object.keys(wanted).length === 0 ? {} : { fixed_ips: [wanted] }),
  });
  const request = { ...plain, status: 'N/A' } as const;
  const [created] = await explainingSubnets(call, [request], () => createPorts(parts, call.store, [request]));
  invariant(created !== undefined, 'one port was asked for');
  const address = created.fixed_ips.find(({ ip_address }) => family(ip_address) === 4);
  if (address === undefined) throw new ExternalIpAddressExhausted({ net_id: network_id });
  return { floating_ip_address: address.ip_address, floating_port_id: created.id };
}

function refuse(msg: string): never {
  throw new BadRequest({ resource: 'floatingip', msg });
}
