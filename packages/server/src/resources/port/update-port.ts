// Changes a port: what its attributes become, then its addresses, then its binding.

import { isDeepStrictEqual } from 'node:util';
import { PortBound, UnsupportedPortDeviceOwner } from '@neutronium/model/errors';
import type { FixedIp } from '@neutronium/model/host-view';
import { port, type PortRecord, type PortUpdate } from '@neutronium/model/resources/port';
import type { Mac } from '@neutronium/net/mac';
import { bindPorts, isDistributed } from '#binding/bind-ports';
import { bindingFailed, isPlugged } from '#binding/bind-port';
import { hostSegments } from '#binding/host-segments';
import { allocateAddresses } from '#ipam/allocate-addresses';
import { addressOrder, isNetworkService } from '#ipam/device-owner';
import {
  addressesOfChangedPort,
  addressesOfNewPort,
  requireUsableAddresses,
  type AddressedPort,
  type AddressNeed,
} from '#ipam/fixed-ips';
import { pickMacs } from '#ipam/mac-addresses';
import { subnetFacts } from '#ipam/network-facts';
import { isRouted } from '#ipam/routed-subnets';
import type { Writer } from '../../store/store.ts';
import { placesOf, settleAgentGateways } from '../floatingip/agent-gateways.ts';
import { forgetInactive } from '../port-binding/inactive-bindings.ts';
import { requireEnforceable } from '../qos-policy/supported-rules.ts';
import { followBinding, throughTrunkBridge } from '../trunk/follow-parent.ts';
import { effectiveDnsName } from './dns-assignment.ts';
import { checkDnsName } from './dns-name.ts';
import { mergeExtraDhcpOpts } from './extra-dhcp-opts.ts';
import { groupsOfChangedPort } from './port-groups.ts';
import { livenessOf, type PortParts } from './port-parts.ts';
import { addressPairs, checkPairsGuarded } from './port-security.ts';

/** What a request changes, and what follows from it. */
export type PortChanges = PortUpdate & Partial<Pick<PortRecord, 'dns_zone'>>;

/** The port as it is after `changes`. */
export async function updatePort(
  parts: PortParts,
  store: Writer,
  current: PortRecord,
  changes: PortChanges,
): Promise<PortRecord> {
  const mac_address = await changedMac(parts, store, current, changes);
  const plain = { ...current, ...plainChanges(parts, current, changes, mac_address), mac_address };
  checkPairsGuarded(plain);
  const security_groups = await groupsOfChangedPort(store, current, {
    port_security_enabled: plain.port_security_enabled,
    requested: changes.security_groups,
  });
  const fixed_ips = await changedAddresses(parts, store, plain, { before: current, changes });
  const binding = await changedBinding(parts, store, plain, current);
  const host = plain['binding:host_id'];
  const moves = host !== current['binding:host_id'];
  // It is where the port was about to be no more, once it is there.
  if (moves) await forgetInactive(store, current.id, host);
  const places = moves ? await placesOf(store, { port_id: current.id }) : [];
  const updated = await store.update(port, current.id, { ...plain, security_groups, fixed_ips, ...binding });
  if (moves) {
    await settleAgentGateways(parts, store, [...places, ...(await placesOf(store, { port_id: current.id }))]);
  }
  if (updated.qos_policy_id !== current.qos_policy_id) {
    await requireEnforceable(store, [{ port: updated, policyId: updated.qos_policy_id }]);
  }
  if (binding['binding:vif_type'] !== undefined) await followBinding(parts, store, updated);
  return updated;
}

/** What follows from the request and the port alone. */
function plainChanges({ config }: PortParts, current: PortRecord, changes: PortChanges, mac: Mac): Partial<PortRecord> {
  const { mac_address: _mac, fixed_ips: _fixedIps, ...rest } = changes;
  const { allowed_address_pairs, extra_dhcp_opts, dns_name, ...same } = rest;
  const { dns_domain, max_allowed_address_pair } = config.ports;
  if (dns_name !== undefined) checkDnsName(dns_name, dns_domain);
  return {
    ...same,
    ...(allowed_address_pairs === undefined
      ? {}
      : { allowed_address_pairs: addressPairs(allowed_address_pairs, mac, max_allowed_address_pair) }),
    ...(extra_dhcp_opts === undefined
      ? {}
      : { extra_dhcp_opts: mergeExtraDhcpOpts(current.extra_dhcp_opts, extra_dhcp_opts) }),
    ...(dns_name === undefined ? {} : { dns_name: effectiveDnsName(dns_name, dns_domain) }),
  };
}

/** The MAC address after the change. A device that is plugged in has read its own, so it cannot change under it. */
async function changedMac(parts: PortParts, store: Writer, current: PortRecord, changes: PortUpdate): Promise<Mac> {
  const { mac_address } = changes;
  if (mac_address === undefined || mac_address === current.mac_address) return current.mac_address;
  const { id: port_id, network_id, mac_address: old_mac } = current;
  const vif_type = current['binding:vif_type'];
  if (isPlugged(vif_type)) {
    throw new PortBound({ port_id, vif_type, old_mac, new_mac: mac_address ?? 'None' });
  }
  const device_owner = changes.device_owner ?? current.device_owner;
  if (isNetworkService(device_owner)) {
    throw new UnsupportedPortDeviceOwner({ op: 'mac address update', port_id, device_owner });
  }
  const source = { base: parts.config.ports.base_mac, random: parts.random };
  const [picked = old_mac] = await pickMacs(store, [{ network_id, mac_address }], source);
  return picked;
}

/**
 * The addresses after the change. They change with `fixed_ips`, automatic ones with the MAC address, and those that had
 * to wait for a host come with it. A port that goes to another host keeps its addresses, so it must be able to use them
 * there.
 */
async function changedAddresses(
  parts: PortParts,
  store: Writer,
  after: PortRecord,
  { before, changes }: { readonly before: PortRecord; readonly changes: PortUpdate },
): Promise<readonly FixedIp[]> {
  const moves = after['binding:host_id'] !== '' && after['binding:host_id'] !== before['binding:host_id'];
  const changed = changes.fixed_ips !== undefined || after.mac_address !== before.mac_address;
  if (!changed && !moves) return before.fixed_ips;
  const addressed = await addressedPort(store, after);
  if (isDue(before, after, changes)) {
    const needs = addressesOfNewPort(addressed, undefined);
    return allocate(parts, store, after, needs);
  }
  if (moves && changes.fixed_ips === undefined && before.fixed_ips.length > 0 && isRouted(addressed.subnets)) {
    requireUsableAddresses(addressed, before.fixed_ips);
  }
  if (!changed) return before.fixed_ips;
  const { wanted } = addressesOfChangedPort(addressed, before.fixed_ips, changes.fixed_ips ?? before.fixed_ips);
  const needs = wanted.filter((address) => address.kind !== 'kept');
  const found = [...(await allocate(parts, store, after, needs))];
  return wanted.flatMap((address) => {
    if (address.kind === 'kept') return [{ subnet_id: address.subnet_id, ip_address: address.ip_address }];
    const next = found.shift();
    return next === undefined ? [] : [next];
  });
}

/** Whether the port gets now the addresses that it could not have without a host. */
function isDue(before: PortRecord, after: PortRecord, { fixed_ips }: PortUpdate): boolean {
  return (
    before.ip_allocation === 'deferred' &&
    before['binding:host_id'] === '' &&
    after['binding:host_id'] !== '' &&
    before.fixed_ips.length === 0 &&
    fixed_ips === undefined
  );
}

async function addressedPort(store: Writer, record: PortRecord): Promise<AddressedPort & { readonly id: string }> {
  const { id, network_id, device_owner, mac_address, 'binding:host_id': host } = record;
  const subnets = (await subnetFacts(store, [network_id])).get(network_id) ?? [];
  const segments = await hostSegments(store, isRouted(subnets) ? [{ network_id, host }] : []);
  return { id, network_id, device_owner, mac_address, host, segments: segments(network_id, host), subnets };
}

async function allocate(
  { random }: PortParts,
  { db }: Writer,
  { id, network_id, device_owner }: PortRecord,
  needs: readonly AddressNeed[],
): Promise<readonly FixedIp[]> {
  const wish = { port_id: id, network_id, order: addressOrder(device_owner), needs };
  return (await allocateAddresses(db, [wish], random)).get(id) ?? [];
}

/**
 * How the port is wired after the change: anew when its host or what the host has to know changes, or when binding
 * failed before. A port that is bound anew is not wired yet.
 */
async function changedBinding(
  parts: PortParts,
  store: Writer,
  after: PortRecord,
  before: PortRecord,
): Promise<Partial<PortRecord>> {
  const changed =
    bindingInputs.some((name) => !isDeepStrictEqual(after[name], before[name])) ||
    isDistributed(after) !== isDistributed(before);
  const failedBefore = before['binding:vif_type'] === bindingFailed.vif_type;
  if (!changed && !failedBefore) return {};
  const [wiring = bindingFailed] = await bindPorts(store, [after], {
    drivers: parts.drivers,
    liveness: livenessOf(parts),
  });
  const bound = await throughTrunkBridge(store, after.id, wiring);
  return {
    'binding:vif_type': bound.vif_type,
    'binding:vif_details': bound.vif_details,
    ...(changed ? { status: 'DOWN' } : {}),
  };
}

const bindingInputs = ['binding:host_id', 'binding:vnic_type', 'binding:profile'] as const;
