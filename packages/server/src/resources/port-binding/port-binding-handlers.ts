// The bindings of a port. The active one is the port's record, so that hosts hear of a move as of any other change of the
// port: the host that had it loses it, and the one that gets it wires it.

import {
  BadRequest,
  InvalidInput,
  PortBindingAlreadyActive,
  PortBindingAlreadyExists,
  PortBindingError,
  PortBindingNotFound,
} from '@neutronium/model/errors';
import { port, type PortRecord } from '@neutronium/model/resources/port';
import { portBinding, type PortBinding, type PortBindingUpdate } from '@neutronium/model/resources/port-binding';
import { invariant } from '@neutronium/net/invariant';
import { bindingFailed, unbound } from '#binding/bind-port';
import { bindPorts } from '#binding/bind-ports';
import type { Reader, Writer } from '../../store/store.ts';
import type { Call, Handlers } from '../handlers.ts';
import { placesOf, settleAgentGateways } from '../floatingip/agent-gateways.ts';
import { livenessOf, type PortParts } from '../port/port-parts.ts';
import { updatePort } from '../port/update-port.ts';
import { followBinding, throughTrunkBridge } from '../trunk/follow-parent.ts';
import { forgetInactive, inactiveBindings, keepInactive, type InactiveBinding } from './inactive-bindings.ts';

export function portBindingHandlers(parts: PortParts): Handlers<typeof portBinding> {
  return {
    resource: portBinding,
    notFound: (host, parent) => new PortBindingNotFound({ port_id: parent?.id ?? '', host }),
    records: async (call) => bindingsOf(call.store, await computePort(call)),
    async create(call, requests) {
      const created: PortBinding[] = [];
      for (const { host, vnic_type, profile = {} } of requests) {
        const ofPort = await computePort(call);
        if (host === '') throw new InvalidInput({ error_message: 'a binding needs a host' });
        const present = await bindingsOf(call.store, ofPort);
        if (present.some((each) => each.host === host)) {
          throw new PortBindingAlreadyExists({ port_id: ofPort.id, host });
        }
        const binding = await bound(parts, call.store, ofPort, { host, vnic_type, profile });
        await keepInactive(call.store, ofPort.id, binding);
        created.push({ ...binding, status: 'INACTIVE' });
      }
      return created;
    },
    async update(call, current, changes) {
      return change(parts, call, given(current), changes);
    },
    async remove(call, current) {
      const { host, status } = given(current);
      const ofPort = await computePort(call);
      if (status === 'ACTIVE') await updatePort(parts, call.store, ofPort, { 'binding:host_id': '' });
      else await forgetInactive(call.store, ofPort.id, host);
    },
    derive: async (_call, records) => records,
    async act(call, current) {
      return { kind: 'body', body: await activate(parts, call, given(current)) };
    },
  };
}

/** The engine gives back what `records` has given it, whose attributes no table holds. */
function given(record: unknown): PortBinding {
  return record as PortBinding;
}

/** The port that the path names; a writer holds it. Only instances move, and with them only their ports. */
async function computePort({ store, parent }: Call<Reader>): Promise<PortRecord> {
  invariant(parent !== undefined, 'a binding is a part of a port');
  const record = await store.get(port, parent.id);
  invariant(record !== undefined, 'the port was found before');
  if (record.device_owner.startsWith('compute:')) return record;
  const msg = `Invalid port ${record.id}. Operation only valid on compute ports`;
  throw new BadRequest({ resource: 'port', msg });
}

async function bindingsOf(store: Reader, record: PortRecord): Promise<readonly PortBinding[]> {
  const inactive = await inactiveBindings(store, record.id);
  return [activeBinding(record), ...inactive.map((binding) => ({ ...binding, status: 'INACTIVE' as const }))];
}

function activeBinding(record: PortRecord): PortBinding {
  return {
    host: record['binding:host_id'],
    vif_type: record['binding:vif_type'],
    vif_details: record['binding:vif_details'],
    vnic_type: record['binding:vnic_type'],
    profile: record['binding:profile'],
    status: 'ACTIVE',
  };
}

/** How the port would be wired on the host. Throws PortBindingError when nothing there can wire it. */
async function bound(
  parts: PortParts,
  store: Reader,
  { id, network_id, device_owner }: PortRecord,
  { host, vnic_type, profile }: Pick<PortBinding, 'host' | 'vnic_type' | 'profile'>,
): Promise<InactiveBinding> {
  const wanted = {
    network_id,
    device_owner,
    'binding:host_id': host,
    'binding:vnic_type': vnic_type,
    'binding:profile': profile,
  };
  const [wiring = bindingFailed] = await bindPorts(store, [wanted], {
    drivers: parts.drivers,
    liveness: livenessOf(parts),
  });
  requireBound(wiring, { port_id: id, host });
  return { host, ...(await throughTrunkBridge(store, id, wiring)), vnic_type, profile };
}

function requireBound(
  { vif_type }: { readonly vif_type: string },
  binding: { readonly port_id: string; readonly host: string },
): void {
  if (vif_type === bindingFailed.vif_type) throw new PortBindingError(binding);
}

/** The host of a binding stays, whatever the request says: the path has named it. */
async function change(
  parts: PortParts,
  call: Call<Writer>,
  { status, ...before }: PortBinding,
  { vnic_type = before.vnic_type, profile = before.profile }: PortBindingUpdate,
): Promise<PortBinding> {
  const ofPort = await computePort(call);
  switch (status) {
    case 'ACTIVE': {
      const changes = { 'binding:vnic_type': vnic_type, 'binding:profile': profile };
      const active = activeBinding(await updatePort(parts, call.store, ofPort, changes));
      requireBound(active, { port_id: ofPort.id, host: active.host });
      return active;
    }
    case 'INACTIVE': {
      const binding = await bound(parts, call.store, ofPort, { host: before.host, vnic_type, profile });
      await keepInactive(call.store, ofPort.id, binding, before);
      return { ...binding, status };
    }
  }
}

/**
 * Moves the port. What is wired there is decided now: the agent may have changed since the binding was made, and a binding
 * that has been active before is unbound until it is active again.
 */
async function activate(parts: PortParts, call: Call<Writer>, { host, status, ...to }: PortBinding) {
  const { store } = call;
  const ofPort = await computePort(call);
  if (status === 'ACTIVE') throw new PortBindingAlreadyActive({ port_id: ofPort.id, host });
  const binding = await bound(parts, store, ofPort, { host, ...to });
  await forgetInactive(store, ofPort.id, host);
  const { status: _active, ...from } = activeBinding(ofPort);
  if (from.host !== '') await keepInactive(store, ofPort.id, { ...from, ...unbound });
  const left = await placesOf(store, { port_id: ofPort.id });
  const moved = await store.update(port, ofPort.id, {
    'binding:host_id': host,
    'binding:vnic_type': binding.vnic_type,
    'binding:profile': binding.profile,
    'binding:vif_type': binding.vif_type,
    'binding:vif_details': binding.vif_details,
    status: 'DOWN',
  });
  await settleAgentGateways(parts, store, [...left, ...(await placesOf(store, { port_id: ofPort.id }))]);
  await followBinding(parts, store, moved);
  return activeBinding(moved);
}
