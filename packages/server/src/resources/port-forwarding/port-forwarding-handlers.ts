// Ports of a floating IP that lead to ports inside. Whoever writes holds the floating IP's row, and a lock for the port
// inside, so that no two port forwardings claim the same port.

import { randomUUID } from 'node:crypto';
import { BadRequest } from '@neutronium/model/errors';
import {
  FloatingIPPortAlreadyAssociated,
  PortForwardingNotFound,
  PortHasBindingFloatingIP,
} from '@neutronium/model/routing-errors';
import { pythonRepr } from '@neutronium/model/python-text';
import { floatingip, type FloatingIpRecord } from '@neutronium/model/resources/floatingip';
import type { PortRecord } from '@neutronium/model/resources/port';
import {
  portForwarding,
  type PortForwardingCreate,
  type PortForwardingRecord,
  type PortForwardingUpdate,
} from '@neutronium/model/resources/port-forwarding';
import { invariant } from '@neutronium/net/invariant';
import { family } from '@neutronium/net/ip';
import type { NewRecord, Reader, Writer } from '../../store/store.ts';
import { holdPort, holdRouterBetween } from '../floatingip/association.ts';
import type { Call, Handlers } from '../handlers.ts';
import { correspond, overlaps, parseRange, renderRange, singlePort } from './port-range.ts';
import { removePortForwarding } from './remove-port-forwarding.ts';

type Draft = NewRecord<typeof portForwarding>;

export function portForwardingHandlers(): Handlers<typeof portForwarding> {
  return {
    resource: portForwarding,
    notFound: (id) => new PortForwardingNotFound({ id }),
    async create(call, requests) {
      const created: PortForwardingRecord[] = [];
      for (const request of requests) created.push(await createOne(call, request));
      return created;
    },
    update,
    remove: ({ store }, current) => removePortForwarding(store, current),
    async derive(_call, records) {
      return records.map(({ external_port_range, internal_port_range }) => ({
        external_port: singlePort(external_port_range),
        internal_port: singlePort(internal_port_range),
      }));
    },
  };
}

async function createOne(call: Call<Writer>, request: PortForwardingCreate): Promise<PortForwardingRecord> {
  const { store } = call;
  const outside = await heldFloatingIp(call);
  const draft: Draft = {
    id: randomUUID(),
    floatingip_id: outside.id,
    protocol: request.protocol,
    internal_port_id: request.internal_port_id,
    internal_ip_address: request.internal_ip_address,
    description: request.description,
    external_port_range: rangeOf(request.external_port_range, request.external_port) ?? refuse(unsaid('external')),
    internal_port_range: rangeOf(request.internal_port_range, request.internal_port) ?? refuse(unsaid('internal')),
  };
  await requireFreePorts(store, draft);
  await requireNoFloatingIp(store, draft);
  if (outside.port_id !== null) {
    throw new FloatingIPPortAlreadyAssociated({
      port_id: draft.internal_port_id,
      fip_id: outside.id,
      floating_ip_address: outside.floating_ip_address,
      fixed_ip: draft.internal_ip_address,
      net_id: outside.floating_network_id,
    });
  }
  const inside = await holdPort(call, draft.internal_port_id);
  const router_id = await routerFor(store, outside, { draft, inside });
  const [record] = await store.insert(portForwarding, [draft]);
  invariant(record !== undefined, 'one port forwarding was inserted');
  await store.touch(floatingip, outside.id);
  if (outside.router_id === null) await store.update(floatingip, outside.id, { router_id, status: 'DOWN' });
  return record;
}

async function update(
  call: Call<Writer>,
  current: PortForwardingRecord,
  changes: PortForwardingUpdate,
): Promise<PortForwardingRecord> {
  const { store } = call;
  const { external_port, internal_port, external_port_range, internal_port_range, ...plain } = changes;
  const outside = await heldFloatingIp(call);
  const draft: Draft = {
    ...current,
    ...plain,
    external_port_range: rangeOf(external_port_range, external_port) ?? current.external_port_range,
    internal_port_range: rangeOf(internal_port_range, internal_port) ?? current.internal_port_range,
  };
  const inside = await holdPort(call, draft.internal_port_id);
  if (draft.internal_port_id !== current.internal_port_id) {
    await requireNoFloatingIp(store, draft);
    await routerFor(store, outside, { draft, inside });
  }
  if (!inside.fixed_ips.some(({ ip_address }) => ip_address === draft.internal_ip_address)) {
    refuse(
      'The internal IP does not correspond to an address on the internal port, which has fixed_ips ' +
        pythonRepr(inside.fixed_ips),
    );
  }
  await requireFreePorts(store, draft);
  const updated = await store.update(portForwarding, current.id, draft);
  await store.touch(floatingip, outside.id);
  return updated;
}

/** The floating IP that the path names. */
async function heldFloatingIp({ store, parent }: Call<Writer>): Promise<FloatingIpRecord> {
  invariant(parent !== undefined, 'a port forwarding is a part of a floating IP');
  const record = await store.get(floatingip, parent.id);
  invariant(record !== undefined, 'the floating IP was found before');
  return record;
}

function rangeOf(range: string | null | undefined, port: number | null | undefined): string | undefined {
  if (typeof range === 'string') return renderRange(parseRange(range));
  return typeof port === 'number' ? renderRange({ first: port, last: port }) : undefined;
}

function unsaid(side: 'internal' | 'external'): string {
  return `Either ${side}_port or ${side}_port_range must be specified`;
}

/** Throws when ports do not correspond, or another port forwarding has one of them inside or outside. */
async function requireFreePorts(store: Writer, draft: Draft): Promise<void> {
  const [inside, outside] = [parseRange(draft.internal_port_range), parseRange(draft.external_port_range)];
  if (!correspond(inside, outside)) {
    refuse(
      'Invalid ranges of internal and/or external ports. The relation between internal and external ports must be ' +
        'N-N or 1-N',
    );
  }
  await store.lock(`port forwardings to ${draft.internal_port_id}`);
  const sameProtocol = { op: 'equals', attribute: 'protocol', values: [draft.protocol] } as const;
  const to = await store.list(portForwarding, {
    where: [{ op: 'equals', attribute: 'internal_port_id', values: [draft.internal_port_id] }, sameProtocol],
  });
  const from = await store.list(portForwarding, {
    where: [{ op: 'equals', attribute: 'floatingip_id', values: [draft.floatingip_id] }, sameProtocol],
  });
  requireApart(
    draft,
    'internal_port_range',
    to.filter(({ internal_ip_address }) => internal_ip_address === draft.internal_ip_address),
  );
  requireApart(draft, 'external_port_range', from);
}

function requireApart(
  draft: Draft,
  side: 'internal_port_range' | 'external_port_range',
  others: readonly PortForwardingRecord[],
): void {
  const wanted = parseRange(draft[side]);
  const other = others.find((each) => each.id !== draft.id && overlaps(parseRange(each[side]), wanted));
  if (other === undefined) return;
  refuse(
    `There is a port collision with the ${side}. The following ranges collides: ${other[side]} and ${draft[side]}`,
  );
}

/** A port that a floating IP stands for as a whole has none of its ports forwarded by another. */
async function requireNoFloatingIp({ db }: Reader, draft: Draft): Promise<void> {
  const other = await db
    .selectFrom('floatingips')
    .select(['id', 'floating_ip_address'])
    .where('port_id', '=', draft.internal_port_id)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  if (other === undefined) return;
  throw new PortHasBindingFloatingIP({
    floating_ip_address: other.floating_ip_address,
    fip_id: other.id,
    port_id: draft.internal_port_id,
    fixed_ip: draft.internal_ip_address,
  });
}

/** The router that reaches the address inside, which must be that of the floating IP's other port forwardings. */
async function routerFor(
  store: Writer,
  outside: FloatingIpRecord,
  { draft, inside }: { readonly draft: Draft; readonly inside: PortRecord },
): Promise<string> {
  const addresses = inside.fixed_ips.filter(({ ip_address }) => family(ip_address) === 4);
  if (addresses.length === 0) refuse(`Requested internal port ${inside.id} must allocate an IPv4 address at least`);
  const address = addresses.find(({ ip_address }) => ip_address === draft.internal_ip_address);
  if (address === undefined) {
    refuse(
      `Requested internal IP address ${draft.internal_ip_address} is not suitable for internal neutron port ` +
        `${inside.id}, as its fixed_ips are ${pythonRepr(addresses)}`,
    );
  }
  const found = await holdRouterBetween(store, outside.floating_network_id, address.subnet_id);
  if (found === undefined) {
    refuse(
      `External network ${outside.floating_network_id} is not reachable from subnet ${address.subnet_id}. Cannot set ` +
        `Port forwarding for port ${inside.id} with Floating IP ${outside.id}`,
    );
  }
  if (outside.router_id !== null && outside.router_id !== found) {
    refuse(
      `The Floating IP ${outside.id} had been set on router ${outside.router_id}, the internal Neutron port ` +
        `${inside.id} can not reach it`,
    );
  }
  return found;
}

function refuse(msg: string): never {
  throw new BadRequest({ resource: 'port_forwarding', msg });
}
