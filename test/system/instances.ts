// What the system tests look up about the instances that they made.

import type { Embedded } from '@neutronium/testkit/lab/embedded';

export interface PortBody {
  readonly id: string;
  readonly status: string;
  readonly network_id: string;
  readonly device_owner: string;
  readonly fixed_ips: readonly { readonly ip_address: string; readonly subnet_id: string }[];
}

/** All ports that `query` selects, as the administrator sees them. */
export async function listPorts(embedded: Embedded, query: string, cloud = 'neutronium'): Promise<PortBody[]> {
  const { body, status } = await embedded.api('GET', `/v2.0/ports?${query}`, undefined, cloud);
  if (status !== 200) throw new Error(`listing ports ${query}: ${status} ${JSON.stringify(body)}`);
  // The shape of a port list in the Networking API.
  return body['ports'] as PortBody[];
}

/** The first address of the instance's port. */
export async function addressOf(embedded: Embedded, vm: string): Promise<string> {
  const [port] = await listPorts(embedded, `name=${vm}`);
  const address = port?.fixed_ips[0]?.ip_address;
  if (address === undefined) throw new Error(`instance ${vm} has no address`);
  return address;
}

/** A network with one subnet 10.0.0.0/24, made by `cloud`. */
export async function makeNetwork(embedded: Embedded, name: string, cloud = 'neutronium'): Promise<string> {
  const { id } = await embedded.create<{ id: string }>('/v2.0/networks', { network: { name } }, cloud);
  const subnet = { network_id: id, ip_version: 4, cidr: '10.0.0.0/24' };
  await embedded.create('/v2.0/subnets', { subnet }, cloud);
  return id;
}
