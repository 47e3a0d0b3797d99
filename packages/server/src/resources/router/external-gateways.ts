// What requests do to all ways out of a router at once: `{"router": {"external_gateways": […]}}`, where each is named by
// its network, and by an address where the router has several there.

import { UnableToMatchGateways, UnableToRemoveGateways } from '@neutronium/model/gateway-errors';
import { HTTPBadRequest } from '@neutronium/model/errors';
import { readGateways, type RequestedGateway } from '@neutronium/model/kinds/external-gateway';
import { isKeyed } from '@neutronium/model/kinds/keyed';
import { pythonText } from '@neutronium/model/python-text';
import { router, type RouterRecord } from '@neutronium/model/resources/router';
import { invariant } from '@neutronium/net/invariant';
import type { Writer } from '../../store/store.ts';
import type { Call } from '../handlers.ts';
import { requireVisiblePolicies } from '../qos-policy/visible-policies.ts';
import { arrangeGateways, type WayOut } from './gateway.ts';
import { requireWayKept } from './ndp-proxying.ts';
import type { RouterParts } from './router-parts.ts';
import { portsOfRouter, type RouterPort } from './router-ports.ts';

/** The ways out that a router is to have, made of those that it has. */
type Rearrangement = (gateways: readonly RouterPort[], wanted: readonly RequestedGateway[]) => readonly WayOut[];

/** The router with these ways out besides those that it has. */
export function addGateways(
  parts: RouterParts,
  call: Call<Writer>,
  current: RouterRecord,
  body: unknown,
): Promise<RouterRecord> {
  return rearrange(parts, call, { current, body }, (gateways, wanted) => [
    ...gateways.map((port): WayOut => ({ kind: 'kept', port })),
    ...wanted.map((each): WayOut => ({ kind: 'new', wanted: each })),
  ]);
}

/** The router without these ways out. Throws when it does not have one of them. */
export function removeGateways(
  parts: RouterParts,
  call: Call<Writer>,
  current: RouterRecord,
  body: unknown,
): Promise<RouterRecord> {
  const { id: router_id } = current;
  return rearrange(parts, call, { current, body }, (gateways, wanted) => {
    if (gateways.length === 0 && wanted.length > 0) {
      throw new UnableToRemoveGateways({ router_id, reason: 'the router does not have any external gateways' });
    }
    let left = gateways;
    for (const each of wanted) {
      const removed = matching(router_id, left, each);
      if (removed === undefined)
        throw new UnableToMatchGateways({ router_id, reason: `there is none ${textOf(each)}` });
      left = left.filter((port) => port !== removed);
    }
    return left.map((port) => ({ kind: 'kept', port }));
  });
}

/** The router with these ways out and no others. Ports stay that are on a wanted network and have a wanted address. */
export function updateGateways(
  parts: RouterParts,
  call: Call<Writer>,
  current: RouterRecord,
  body: unknown,
): Promise<RouterRecord> {
  return rearrange(parts, call, { current, body }, (gateways, wanted) => {
    let left = gateways;
    return wanted.map((each, index): WayOut => {
      // The first stays on its network with other addresses, as it does with external_gateway_info.
      const first = index === 0 && gateways[0]?.network_id === each.network_id ? gateways[0] : undefined;
      const port = matching(current.id, left, each) ?? first;
      left = left.filter((other) => other !== port);
      return port === undefined ? { kind: 'new', wanted: each } : { kind: 'changed', port, wanted: each };
    });
  });
}

async function rearrange(
  parts: RouterParts,
  call: Call<Writer>,
  { current, body }: { readonly current: RouterRecord; readonly body: unknown },
  rearrangement: Rearrangement,
): Promise<RouterRecord> {
  const { store } = call;
  const wanted = readWanted(body);
  if (wanted === undefined) return current;
  const ports = await portsOfRouter(store, current.id);
  const gateways = ports.filter(({ role }) => role === 'gateway');
  const ways = rearrangement(gateways, wanted);
  await choosePolicy(call, current, ways);
  await arrangeGateways(parts, call, { current, ports }, ways);
  await keepProxying(store, current, { before: gateways[0], after: ways[0] });
  await store.touch(router, current.id);
  const after = await store.get(router, current.id);
  invariant(after !== undefined, 'the router of the request exists');
  return after;
}

/** A router has one QoS policy, whichever way out it is said with, and none without a way out. */
async function choosePolicy(call: Call<Writer>, { id }: RouterRecord, ways: readonly WayOut[]): Promise<void> {
  const said = ways.flatMap((way) => (way.kind === 'kept' ? [] : [way.wanted]));
  const [chosen] = said.filter(({ qos_policy_id }) => qos_policy_id !== undefined);
  await requireVisiblePolicies(call, said);
  const qos_policy_id = ways.length === 0 ? null : chosen?.qos_policy_id;
  if (qos_policy_id !== undefined) await call.store.update(router, id, { qos_policy_id });
}

/** A router goes on answering for others (NDP proxies) by the same first way out only. */
async function keepProxying(
  store: Writer,
  { id, enable_ndp_proxy }: RouterRecord,
  { before, after }: { readonly before: RouterPort | undefined; readonly after: WayOut | undefined },
): Promise<void> {
  if (!enable_ndp_proxy) return;
  const kept = after !== undefined && after.kind !== 'new' && after.port.port_id === before?.port_id;
  if (!kept) await store.update(router, id, { enable_ndp_proxy: false });
  else if (after.kind === 'changed') await requireWayKept(store, id, { asked: false });
}

/** The way out that is meant. Undefined when none is; throws when it may be one of several. */
function matching(
  router_id: string,
  gateways: readonly RouterPort[],
  { network_id, external_fixed_ips: named = [] }: RequestedGateway,
): RouterPort | undefined {
  const there = gateways.filter((each) => each.network_id === network_id);
  if (named.length > 0) {
    return there.find(({ addresses }) =>
      addresses.some((address) =>
        named.some(({ ip_address, subnet_id }) =>
          ip_address === undefined ? subnet_id === address.subnet_id : ip_address === address.ip_address,
        ),
      ),
    );
  }
  if (there.length < 2) return there[0];
  const reason = `several are attached to network ${network_id}, and external_fixed_ips does not say which is meant`;
  throw new UnableToMatchGateways({ router_id, reason });
}

function textOf({ network_id, external_fixed_ips: named = [] }: RequestedGateway): string {
  const addresses = named.map(({ ip_address, subnet_id }) => ip_address ?? `an address of subnet ${subnet_id}`);
  return `on network ${network_id}${addresses.length === 0 ? '' : ` with ${addresses.join(' or ')}`}`;
}

/** The list of the body; undefined where it has none. Null is an empty one. */
function readWanted(body: unknown): readonly RequestedGateway[] | undefined {
  const given = isKeyed(body) ? body['router'] : undefined;
  if (!isKeyed(given)) {
    throw new HTTPBadRequest({
      message: `Invalid input for router. Reason: '${pythonText(given)}' is not a dictionary.`,
    });
  }
  if (!Object.hasOwn(given, 'external_gateways')) return undefined;
  const value = given['external_gateways'] ?? [];
  const read = readGateways(value);
  if (read.ok) return read.value;
  if (read.fault === 'declared') throw read.error;
  throw new HTTPBadRequest({ message: `Invalid input for external_gateways. Reason: ${read.reason}.` });
}
