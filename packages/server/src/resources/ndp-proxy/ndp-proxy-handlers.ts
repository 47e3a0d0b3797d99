// IPv6 addresses inside that a router answers for outside. Whoever creates one holds the router's row, and the port's.

import { randomUUID } from 'node:crypto';
import { BadRequest, HTTPConflict } from '@neutronium/model/errors';
import {
  AddressScopeConflict,
  InvalidAddress,
  NDPProxyNotFound,
  PortUnreachableRouter,
  RouterNDPProxyNotEnable,
  RouterNotFound,
} from '@neutronium/model/routing-errors';
import { ndpProxy, type NdpProxyCreate, type NdpProxyRecord } from '@neutronium/model/resources/ndp-proxy';
import type { PortRecord } from '@neutronium/model/resources/port';
import { router } from '@neutronium/model/resources/router';
import { invariant } from '@neutronium/net/invariant';
import { family, type IpAddress } from '@neutronium/net/ip';
import { visibility } from '../../context.ts';
import type { Writer } from '../../store/store.ts';
import { holdPort } from '../floatingip/association.ts';
import type { Call, Handlers } from '../handlers.ts';
import { ipv6ScopeOf } from '../router/ndp-proxying.ts';
import { portsOfRouter } from '../router/router-ports.ts';

export function ndpProxyHandlers(): Handlers<typeof ndpProxy> {
  return {
    resource: ndpProxy,
    notFound: (id) => new NDPProxyNotFound({ id }),
    async create(call, requests) {
      const created: NdpProxyRecord[] = [];
      for (const request of requests) created.push(await createOne(call, request));
      return created;
    },
    update: ({ store }, { id }, changes) => store.update(ndpProxy, id, changes),
    remove: ({ store }, { id }) => store.remove(ndpProxy, id),
    async derive(_call, records) {
      return records.map(() => ({}));
    },
  };
}

async function createOne(call: Call<Writer>, request: NdpProxyCreate): Promise<NdpProxyRecord> {
  const { store } = call;
  const { router_id, port_id } = request;
  const inside = await holdPort(call, port_id);
  const ports = await portsOfRouter(store, router_id);
  const interfaces = ports.filter(({ role, network_id }) => role === 'interface' && network_id === inside.network_id);
  if (interfaces.length === 0) throw new PortUnreachableRouter({ port_id, router_id });
  const through = await visibleRouter(call, router_id);
  if (!through.enable_ndp_proxy) throw new RouterNDPProxyNotEnable({ router_id });
  const routed = interfaces.flatMap(({ addresses }) => addresses.map(({ subnet_id }) => subnet_id));
  const ip_address = addressOf(inside, request, routed);
  const gateway = ports.find(({ role }) => role === 'gateway');
  invariant(gateway !== undefined, 'a router that answers for others has a way out');
  await requireSameScope(store, { outside: gateway.network_id, inside: inside.network_id });
  const same = await store.count(ndpProxy, [
    { op: 'equals', attribute: 'router_id', values: [router_id] },
    { op: 'equals', attribute: 'ip_address', values: [ip_address] },
  ]);
  if (same > 0) throw new HTTPConflict({ message: `Router ${router_id} has an ndp proxy for ${ip_address} already.` });
  const [record] = await store.insert(ndpProxy, [{ ...request, id: randomUUID(), ip_address }]);
  invariant(record !== undefined, 'one NDP proxy was inserted');
  return record;
}

/** The address that is asked for, or the first that the router reaches. */
function addressOf(
  { id, fixed_ips }: PortRecord,
  { ip_address: wanted, router_id }: NdpProxyCreate,
  routedSubnets: readonly string[],
): IpAddress {
  const addresses = fixed_ips.filter(({ ip_address }) => family(ip_address) === 6);
  if (addresses.length === 0) {
    throw new BadRequest({
      resource: 'ndp_proxy',
      msg: `Requested port ${id} must allocate one IPv6 address at least`,
    });
  }
  if (wanted === null) {
    const reached = addresses.find(({ subnet_id }) => routedSubnets.includes(subnet_id));
    if (reached === undefined) throw new PortUnreachableRouter({ port_id: id, router_id });
    return reached.ip_address;
  }
  const named = addresses.find(({ ip_address }) => ip_address === wanted);
  if (named === undefined) {
    throw new InvalidAddress({ address: wanted, reason: `This address not belong to the port ${id}` });
  }
  if (!routedSubnets.includes(named.subnet_id)) {
    throw new InvalidAddress({ address: wanted, reason: `This address cannot reach the router ${router_id}` });
  }
  return wanted;
}

/** Between scopes packets are not forwarded as they are, and then nobody could answer. */
async function requireSameScope(
  store: Writer,
  networks: { readonly outside: string; readonly inside: string },
): Promise<void> {
  const [outside, inside] = [await ipv6ScopeOf(store, networks.outside), await ipv6ScopeOf(store, networks.inside)];
  if (outside === inside) return;
  throw new AddressScopeConflict({
    ext_address_scope: outside ?? 'None',
    internal_address_scope: inside ?? 'None',
  });
}

async function visibleRouter({ context, store }: Call<Writer>, id: string) {
  const [visible] = await store.list(router, {
    where: [{ op: 'equals', attribute: 'id', values: [id] }],
    ...visibility(context),
  });
  const held = visible === undefined ? undefined : await store.get(router, id);
  if (held === undefined) throw new RouterNotFound({ router_id: id });
  return held;
}
