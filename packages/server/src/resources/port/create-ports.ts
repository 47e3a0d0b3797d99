// Creates ports: all of a request together, in a number of statements that does not grow with theirs.

import { randomUUID } from 'node:crypto';
import { invariant } from '@neutronium/net/invariant';
import type { AddressPair } from '@neutronium/model/host-view';
import { port, type PortCreate, type PortRecord } from '@neutronium/model/resources/port';
import type { Mac } from '@neutronium/net/mac';
import { bindPorts, type PortToBind } from '#binding/bind-ports';
import { hostSegments } from '#binding/host-segments';
import { allocateAddresses } from '#ipam/allocate-addresses';
import { addressesOfNewPort, waitsForHost, type AddressedPort, type AddressSubnet } from '#ipam/fixed-ips';
import { addressOrder } from '#ipam/device-owner';
import { pickMacs } from '#ipam/mac-addresses';
import { networkFacts, subnetFacts, type NetworkFacts } from '#ipam/network-facts';
import { isRouted } from '#ipam/routed-subnets';
import type { NewRecord, Reader, Writer } from '../../store/store.ts';
import { requireEnforceable } from '../qos-policy/supported-rules.ts';
import { effectiveDnsName } from './dns-assignment.ts';
import { checkDnsName } from './dns-name.ts';
import { mergeExtraDhcpOpts } from './extra-dhcp-opts.ts';
import { groupsOfNewPorts } from './port-groups.ts';
import { livenessOf, type PortParts } from './port-parts.ts';
import { addressPairs, checkPairsGuarded, portSecurity } from './port-security.ts';

type BindingProfile = PortRecord['binding:profile'];

/** A request with what the server has picked for it. */
interface Draft {
  readonly id: string;
  readonly mac_address: Mac;
  readonly request: NewPort;
  readonly port_security_enabled: boolean;
  readonly allowed_address_pairs: readonly AddressPair[];
}

/** A request and what follows from it, or what the server asks of itself: what is never wired to anything has no status. */
export type NewPort = PortCreate & { readonly status?: 'N/A'; readonly dns_zone?: string };

/** The new ports, in the order of `requests`. All or none: what cannot be had is thrown. */
export async function createPorts(
  parts: PortParts,
  store: Writer,
  requests: readonly NewPort[],
): Promise<readonly PortRecord[]> {
  const networkIds = [...new Set(requests.map((request) => request.network_id))];
  const networks = await networkFacts(store, networkIds);
  const subnets = await subnetFacts(store, networkIds);
  const drafts = await draftPorts(parts, store, requests, networks);
  const addressed = await addressedPorts(store, drafts, subnets);
  const addresses = await allocateAddresses(
    store.db,
    addressed.map((each, index) => ({
      port_id: each.id,
      network_id: each.network_id,
      order: addressOrder(each.device_owner),
      needs: addressesOfNewPort(each, requests[index]?.fixed_ips),
    })),
    parts.random,
  );
  const bindings = await bindPorts(store, requests.map(wiringOf), {
    drivers: parts.drivers,
    liveness: livenessOf(parts),
  });
  for (const draft of drafts) checkPairsGuarded(draft);
  const groups = await groupsOfNewPorts(
    store,
    drafts.map(({ request, port_security_enabled }) => ({
      project_id: request.project_id,
      port_security_enabled,
      requested: request.security_groups,
    })),
  );
  const records = drafts.map((draft, index): NewRecord<typeof port> => {
    const { id, mac_address, request, port_security_enabled, allowed_address_pairs } = draft;
    const { dns_domain } = parts.config.ports;
    return {
      ...request,
      ...wiringOf(request),
      id,
      mac_address,
      fixed_ips: addresses.get(id) ?? [],
      status: request.status ?? 'DOWN',
      'binding:vif_type': bindings[index]?.vif_type ?? 'unbound',
      'binding:vif_details': bindings[index]?.vif_details ?? {},
      port_security_enabled,
      allowed_address_pairs,
      security_groups: groups[index] ?? [],
      device_profile: request.device_profile === '' ? null : request.device_profile,
      extra_dhcp_opts: mergeExtraDhcpOpts([], request.extra_dhcp_opts),
      dns_name: effectiveDnsName(request.dns_name, dns_domain),
      dns_zone: request.dns_zone ?? '',
      hardware_offload_type: request.hardware_offload_type ?? null,
      trusted: request.trusted ?? null,
      ip_allocation: ipAllocation(request, addressed[index]),
      data_plane_status: null,
    };
  });
  await requireEnforceable(
    store,
    records.map((record) => ({
      port: record,
      policyId: record.qos_policy_id ?? networks.get(record.network_id)?.qos_policy_id ?? null,
    })),
  );
  return store.insert(port, records);
}

/** What finding addresses has to know of each port, in order. */
async function addressedPorts(
  store: Reader,
  drafts: readonly Draft[],
  subnets: ReadonlyMap<string, readonly AddressSubnet[]>,
): Promise<readonly (AddressedPort & { readonly id: string })[]> {
  const places = drafts.map(({ request }) => ({
    network_id: request.network_id,
    host: request['binding:host_id'] ?? '',
    subnets: subnets.get(request.network_id) ?? [],
  }));
  const segments = await hostSegments(
    store,
    places.filter((place) => isRouted(place.subnets)),
  );
  return drafts.map(({ id, request, mac_address }) => {
    const { network_id, device_owner, 'binding:host_id': host = '' } = request;
    const ofNetwork = subnets.get(network_id) ?? [];
    return {
      id,
      network_id,
      device_owner,
      mac_address,
      host,
      segments: segments(network_id, host),
      subnets: ofNetwork,
    };
  });
}

function ipAllocation({ fixed_ips }: NewPort, port: AddressedPort | undefined): PortRecord['ip_allocation'] {
  if (fixed_ips === undefined) return port !== undefined && waitsForHost(port) ? 'deferred' : 'immediate';
  return fixed_ips.length === 0 ? 'none' : 'immediate';
}

/** Where the port is to be, and how: nowhere and anyhow, unless the request says. */
function wiringOf(request: PortCreate) {
  return {
    network_id: request.network_id,
    device_owner: request.device_owner,
    'binding:host_id': request['binding:host_id'] ?? '',
    'binding:vnic_type': request['binding:vnic_type'],
    'binding:profile': newProfile(request),
  } satisfies PortToBind;
}

/** A card that forwards in place of the host is found by what it can do, which is said in the profile. */
function newProfile({ 'binding:profile': profile = {}, hardware_offload_type: type }: PortCreate): BindingProfile {
  if (type === undefined) return profile;
  const { capabilities } = profile;
  const others: readonly unknown[] = Array.isArray(capabilities) ? capabilities : [];
  return { ...profile, capabilities: [...others.filter((each) => each !== type), type] };
}

/** Gives each request an id and a MAC address that its network does not have yet. */
async function draftPorts(
  parts: PortParts,
  store: Reader,
  requests: readonly NewPort[],
  networks: ReadonlyMap<string, NetworkFacts>,
): Promise<readonly Draft[]> {
  const macs = await pickMacs(store, requests, { base: parts.config.ports.base_mac, random: parts.random });
  return requests.map((request, index) => {
    const ofPort = networks.get(request.network_id);
    const mac_address = macs[index];
    invariant(ofPort !== undefined && mac_address !== undefined, 'each request has a network and was given a MAC');
    const { dns_domain, max_allowed_address_pair } = parts.config.ports;
    checkDnsName(request.dns_name, dns_domain);
    const pairs = addressPairs(request.allowed_address_pairs ?? [], mac_address, max_allowed_address_pair);
    const port_security_enabled = portSecurity(
      { device_owner: request.device_owner, requested: request.port_security_enabled },
      ofPort,
    );
    return { id: randomUUID(), mac_address, request, port_security_enabled, allowed_address_pairs: pairs };
  });
}
