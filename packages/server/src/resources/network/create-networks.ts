import { randomUUID } from 'node:crypto';
import { NeutronDbObjectDuplicateEntry } from '@neutronium/model/errors';
import { network, type NetworkCreate, type NetworkRecord } from '@neutronium/model/resources/network';
import type { NewRecord, Writer } from '../../store/store.ts';
import { defaultPolicies } from '../qos-policy/default-policy.ts';
import { requireEnforceableOnNetwork } from '../qos-policy/supported-rules.ts';
import { allocateTenant, allocateWanted } from '../segment-allocation/allocate-segment.ts';
import type { RandomBelow } from '../segment-allocation/allocate-segment.ts';
import type { Wire } from '../segment-allocation/type-driver.ts';
import type { TypeDrivers } from '../segment-allocation/type-drivers.ts';
import { requireZones } from './availability-zones.ts';
import { requireNoOtherDefault } from './default-network.ts';
import { networkMtu } from './network-mtu.ts';
import { wantedWires } from './wanted-wires.ts';

export interface NetworkParts {
  readonly drivers: TypeDrivers;
  readonly random: RandomBelow;
}

/** Creates the networks with the wires that they ask for, or are given. */
export async function createNetworks(
  store: Writer,
  requests: readonly NetworkCreate[],
  parts: NetworkParts,
): Promise<readonly NetworkRecord[]> {
  await requireZones(store, 'DHCP agent', [...new Set(requests.flatMap((request) => request.availability_zone_hints))]);
  const policies = await defaultPolicies(
    store,
    requests.map(({ project_id }) => project_id),
  );
  const records: NewRecord<typeof network>[] = [];
  for (const request of requests) {
    const id = randomUUID();
    if (request.is_default) await requireNoOtherDefault(store, id);
    const wires = await allocateWires(store, id, request, parts);
    records.push({
      id,
      project_id: request.project_id,
      name: request.name,
      description: request.description,
      admin_state_up: request.admin_state_up,
      status: 'ACTIVE',
      shared: request.shared,
      'router:external': request['router:external'],
      is_default: request['router:external'] && request.is_default,
      segments: wires.map((wire) => ({ id: randomUUID(), ...wire })),
      mtu: networkMtu(request.mtu, wires, parts.drivers),
      port_security_enabled: request.port_security_enabled,
      dns_domain: request.dns_domain,
      availability_zone_hints: request.availability_zone_hints,
      qos_policy_id: request.qos_policy_id ?? policies.get(request.project_id) ?? null,
      tags: [],
    });
  }
  for (const record of records) await requireEnforceableOnNetwork(store, record);
  return store.insert(network, records);
}

async function allocateWires(
  store: Writer,
  networkId: string,
  request: NetworkCreate,
  { drivers, random }: NetworkParts,
): Promise<readonly Wire[]> {
  const allocation = { store, networkId, projectId: request.project_id, random };
  const wishes = wantedWires(request, drivers);
  if (wishes.length === 0) return [await allocateTenant(allocation, drivers)];
  const wires: Wire[] = [];
  for (const { driver, wire } of wishes) {
    const allocated = await allocateWanted(allocation, driver, wire);
    if (wires.some((other) => meets(other, allocated))) throw new NeutronDbObjectDuplicateEntry();
    wires.push(allocated);
  }
  return wires;
}

/** A host joins a network to a physical network once for each type. */
export function meets(one: Wire, other: Wire): boolean {
  return (
    one.network_type === other.network_type &&
    one.physical_network !== null &&
    one.physical_network === other.physical_network
  );
}
