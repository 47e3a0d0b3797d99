// Local IPs. One that is asked for by its network gets a port of its own there, so that nobody else has the address; the
// port comes and goes with it.

import { randomUUID } from 'node:crypto';
import { blockersOf } from '@neutronium/model/api-error';
import { BadRequest, NetworkNotFound } from '@neutronium/model/errors';
import { LocalIPInUse, LocalIPNotFound, LocalIPPortOrNetworkRequired } from '@neutronium/model/local-ip-errors';
import { localIp, type LocalIpCreate, type LocalIpRecord } from '@neutronium/model/resources/local-ip';
import { network } from '@neutronium/model/resources/network';
import { port, type PortRecord } from '@neutronium/model/resources/port';
import { subnet } from '@neutronium/model/resources/subnet';
import { invariant } from '@neutronium/net/invariant';
import { family, type IpAddress } from '@neutronium/net/ip';
import { deviceOwners } from '#ipam/device-owner';
import type { Writer } from '../../store/store.ts';
import type { Call, Handlers } from '../handlers.ts';
import { createPorts } from '../port/create-ports.ts';
import type { PortParts } from '../port/port-parts.ts';
import { removePort } from '../port/remove-port.ts';
import { servicePort } from '../port/service-port.ts';
import { requireVisible } from '../require-visible.ts';
import { associatedPorts } from './associations.ts';
import { addressOfPort, holdVisiblePort } from './port-address.ts';

export function localIpHandlers(parts: PortParts): Handlers<typeof localIp> {
  return {
    resource: localIp,
    notFound: (id) => new LocalIPNotFound({ id }),
    async create(call, requests) {
      const created: LocalIpRecord[] = [];
      for (const request of requests) created.push(await createOne(parts, call, request));
      return created;
    },
    update: ({ store }, { id }, changes) => store.update(localIp, id, changes),
    async remove({ store }, { id, local_port_id }) {
      const blockers = blockersOf('port', await associatedPorts(store, id));
      if (blockers.length > 0) throw new LocalIPInUse({ id, blockers });
      await store.remove(localIp, id);
      const local = await store.get(port, local_port_id);
      if (local?.device_owner === deviceOwners.localIp) await removePort(store, local_port_id);
    },
    async derive(_call, records) {
      return records.map(() => ({}));
    },
  };
}

async function createOne(parts: PortParts, call: Call<Writer>, request: LocalIpCreate): Promise<LocalIpRecord> {
  const { local_port_id, network_id, local_ip_address: wanted = null } = request;
  const id = randomUUID();
  let local: PortRecord;
  if (local_port_id !== undefined) local = await holdVisiblePort(call, local_port_id, localIp);
  else if (network_id !== undefined) local = await ownPort(parts, call, { ...request, id, network_id });
  else throw new LocalIPPortOrNetworkRequired();
  const local_ip_address =
    local_port_id === undefined ? (wanted ?? ipv4AddressOf(local)) : addressOfPort(local, wanted);
  const record = { ...request, id, local_port_id: local.id, network_id: local.network_id, local_ip_address };
  const [created] = await call.store.insert(localIp, [record]);
  invariant(created !== undefined, 'one local IP was inserted');
  return created;
}

/** A port for the local IP alone, with the address that is asked for or any. */
async function ownPort(
  parts: PortParts,
  call: Call<Writer>,
  { id, project_id, network_id, local_ip_address: wanted }: LocalIpCreate & { readonly network_id: string; id: string },
): Promise<PortRecord> {
  await requireVisible(call, network, [network_id], () => new NetworkNotFound({ net_id: network_id }));
  const subnets = await call.store.count(subnet, [
    { op: 'equals', attribute: 'network_id', values: [network_id] },
    { op: 'equals', attribute: 'ip_version', values: [4] },
  ]);
  if (subnets === 0) {
    throw new BadRequest({ resource: 'local_ip', msg: `Network ${network_id} does not contain any IPv4 subnet` });
  }
  const plain = servicePort({
    project_id,
    network_id,
    device_id: id,
    device_owner: deviceOwners.localIp,
    ...(wanted === undefined || wanted === null ? {} : { fixed_ips: [{ ip_address: wanted }] }),
  });
  const [created] = await createPorts(parts, call.store, [{ ...plain, status: 'N/A' }]);
  invariant(created !== undefined, 'one port was asked for');
  return created;
}

/** A port that gets an address of each version is on a network with a subnet of IPv4. */
function ipv4AddressOf({ fixed_ips }: PortRecord): IpAddress {
  const first = fixed_ips.find(({ ip_address }) => family(ip_address) === 4);
  invariant(first !== undefined, 'the network has a subnet of IPv4');
  return first.ip_address;
}
