// Who serves the DHCP of a network. Every network with a subnet that DHCP serves has `dhcp_agents_per_network` live
// agents, as far as there are so many, and on the host of each a port with an address of each such subnet. One function
// makes that so, whatever happened: a subnet came, changed or went, an agent came, died or was taken away.

import { IpAddressGenerationFailure } from '@neutronium/model/errors';
import { network, type NetworkRecord } from '@neutronium/model/resources/network';
import { port, type PortCreate, type PortRecord, type PortUpdate } from '@neutronium/model/resources/port';
import type { SubnetRecord } from '@neutronium/model/resources/subnet';
import { agent, type AgentRecord } from '@neutronium/model/resources/agent';
import { isAlive } from '#binding/host-agents';
import { hostSegments } from '#binding/host-segments';
import { isAutoAddressSubnet } from '#ipam/auto-address';
import { deviceOwners } from '#ipam/device-owner';
import { isRouted } from '#ipam/routed-subnets';
import type { Call } from '../resources/handlers.ts';
import { createPorts } from '../resources/port/create-ports.ts';
import { subnetsOfNetwork } from '../resources/subnet/subnets-of-network.ts';
import { livenessOf, type PortParts } from '../resources/port/port-parts.ts';
import { removePort } from '../resources/port/remove-port.ts';
import { servicePort } from '../resources/port/service-port.ts';
import { updatePort } from '../resources/port/update-port.ts';
import type { Reader, Writer } from '../store/store.ts';
import {
  bindToAgent,
  networksPerAgent,
  networksWithStrayPorts,
  servedSegments,
  servingIds,
  servingIdsOf,
  unbindFromAgent,
  underservedNetworks,
} from './dhcp-bindings.ts';
import { chooseAgents, type SchedulableAgent } from './choose-agents.ts';
import { dhcpDeviceId, isDhcpDeviceId, reservedDhcpPort } from './dhcp-device-id.ts';
import { needsDhcpServer } from './needs-dhcp-server.ts';

const agentType = 'DHCP agent';

interface SubnetAddress {
  readonly subnet_id: string;
}

export class DhcpScheduler {
  readonly #parts: PortParts;

  constructor(parts: PortParts) {
    this.#parts = parts;
  }

  /** Makes the agents and DHCP ports of one network what its subnets and the agents of now call for. */
  async syncNetwork({ store }: Call<Writer>, networkId: string): Promise<void> {
    await store.lock(`dhcp of ${networkId}`);
    const served = await store.get(network, networkId);
    if (served === undefined) return;
    const subnets = await subnetsOfNetwork(store, networkId);
    if (!subnets.some(needsDhcpServer)) return this.#withdraw(store, networkId);
    await this.#schedule(store, served, subnets);
    await this.#syncPorts(store, served, subnets);
  }

  /** Networks for which there is something to do: an agent could serve them better, or one that is gone still does. */
  async unsettled(store: Reader): Promise<readonly string[]> {
    const usable = (await this.#agents(store)).filter((each) => each.usable);
    const flat = await underservedNetworks(
      store,
      usable.map(({ id }) => id),
      this.#wanted,
    );
    const routed = await this.#underservedRouted(store, usable);
    return [...new Set([...flat, ...routed, ...(await networksWithStrayPorts(store))])];
  }

  /** Lets `agentId` serve the network besides those that do; false when it does already. */
  async add({ store }: Call<Writer>, networkId: string, agentId: string): Promise<boolean> {
    await store.lock(`dhcp of ${networkId}`);
    if ((await servingIds(store, networkId)).includes(agentId)) return false;
    const served = await store.get(network, networkId);
    if (served === undefined) return false;
    await bindToAgent(store, networkId, agentId);
    const subnets = await subnetsOfNetwork(store, networkId);
    await this.#syncPorts(store, served, subnets);
    return true;
  }

  /** Takes the network from the agent, whose port waits for the next one; false when it did not serve it. */
  async take({ store }: Call<Writer>, networkId: string, agentRecord: AgentRecord): Promise<boolean> {
    await store.lock(`dhcp of ${networkId}`);
    if (!(await servingIds(store, networkId)).includes(agentRecord.id)) return false;
    await unbindFromAgent(store, networkId, agentRecord.id);
    const ports = await dhcpPorts(store, networkId);
    const own = ports.find(({ device_id }) => device_id === dhcpDeviceId(agentRecord.host, networkId));
    if (own !== undefined) await this.#reserve(store, own);
    return true;
  }

  get #wanted(): number {
    return this.#parts.config.agents.dhcp_agents_per_network;
  }

  async #withdraw(store: Writer, networkId: string): Promise<void> {
    for (const { id } of await dhcpPorts(store, networkId)) await removePort(store, id);
    for (const id of await servingIds(store, networkId)) await unbindFromAgent(store, networkId, id);
  }

  /** Each segment of a routed network is served for itself, by agents on hosts that are on it. */
  async #schedule(store: Writer, served: NetworkRecord, subnets: readonly SubnetRecord[]): Promise<void> {
    const { id: network_id, availability_zone_hints } = served;
    const { default_availability_zones } = this.#parts.config.agents;
    const hints = availability_zone_hints.length > 0 ? availability_zone_hints : default_availability_zones;
    const agents = await this.#agents(store);
    const places = isRouted(subnets) ? agents.map(({ host }) => ({ network_id, host })) : [];
    const segmentsOf = await hostSegments(store, places);
    let serving = await servingIds(store, network_id);
    for (const segment of new Set(subnets.filter(needsDhcpServer).map(({ segment_id }) => segment_id))) {
      const near = segment === null ? agents : agents.filter(({ host }) => segmentsOf(network_id, host).has(segment));
      const ids = new Set(near.map(({ id }) => id));
      // An agent that is forgotten is on no segment, and another takes its place on any.
      const servedBy = segment === null ? serving : serving.filter((id) => ids.has(id));
      const demand = { availability_zone_hints: hints, servedBy, wanted: this.#wanted };
      const { add, replace } = chooseAgents(demand, near);
      for (const id of replace) await unbindFromAgent(store, network_id, id);
      for (const { id } of add) await bindToAgent(store, network_id, id);
      serving = [...serving.filter((id) => !replace.includes(id)), ...add.map(({ id }) => id)];
    }
  }

  async #underservedRouted(store: Reader, usable: readonly SchedulableAgent[]): Promise<readonly string[]> {
    const places = await servedSegments(store);
    if (places.length === 0) return [];
    const networkIds = [...new Set(places.map(({ network_id }) => network_id))];
    const bindings = await servingIdsOf(store, networkIds);
    const segmentsOf = await hostSegments(
      store,
      networkIds.flatMap((network_id) => usable.map(({ host }) => ({ network_id, host }))),
    );
    const underserved = places.filter(({ network_id, segment_id }) => {
      const near = usable.filter(({ host }) => segmentsOf(network_id, host).has(segment_id));
      const serving = near.filter(({ id }) => bindings.get(network_id)?.has(id) === true);
      return serving.length < Math.min(this.#wanted, near.length);
    });
    return [...new Set(underserved.map(({ network_id }) => network_id))];
  }

  /** One port for each agent that serves the network, on its host, with an address of each subnet with DHCP. */
  async #syncPorts(store: Writer, served: NetworkRecord, subnets: readonly SubnetRecord[]): Promise<void> {
    const agents = await store.getMany(agent, await servingIds(store, served.id));
    const ports = await dhcpPorts(store, served.id);
    const addressesOf = await this.#addressesByHost(store, subnets, agents);
    // On a host that is on none of the segments, a port could not have an address.
    const placed = isRouted(subnets) ? agents.filter(({ host }) => addressesOf(host).length > 0) : agents;
    const wanted = new Map(placed.map(({ host }) => [dhcpDeviceId(host, served.id), host]));
    const kept = ports.filter(({ device_id }) => wanted.has(device_id));
    const spare = ports.filter(({ device_id }) => !wanted.has(device_id));
    for (const current of kept) {
      await this.#change(store, current, {}, addressesOf(wanted.get(current.device_id) ?? ''));
    }
    const ofNetwork = { project_id: served.project_id, network_id: served.id, device_owner: deviceOwners.dhcp };
    for (const [device_id, host] of wanted) {
      if (kept.some((current) => current.device_id === device_id)) continue;
      // The port of an agent that serves the network no more keeps its address for the next.
      const addresses = addressesOf(host);
      const [reusable] = spare.splice(bestSpare(spare, addresses), 1);
      const place = { device_id, 'binding:host_id': host };
      if (reusable === undefined) await this.#create(store, servicePort({ ...ofNetwork, ...place }), addresses);
      else await this.#change(store, reusable, place, addresses);
    }
    for (const current of spare) {
      if (current.device_id !== reservedDhcpPort) await this.#reserve(store, current);
    }
  }

  /** What a port on each host has addresses of: each subnet with DHCP, but for those of segments that the host is not on. */
  async #addressesByHost(
    store: Reader,
    subnets: readonly SubnetRecord[],
    agents: readonly AgentRecord[],
  ): Promise<(host: string) => readonly SubnetAddress[]> {
    const addressed = subnets.filter((subnet) => subnet.enable_dhcp && !isAutoAddressSubnet(subnet));
    const [{ network_id } = { network_id: '' }] = subnets;
    const segmentsOf = await hostSegments(
      store,
      isRouted(subnets) ? agents.map(({ host }) => ({ network_id, host })) : [],
    );
    return (host) =>
      addressed
        .filter(({ segment_id }) => segment_id === null || segmentsOf(network_id, host).has(segment_id))
        .map(({ id }) => ({ subnet_id: id }));
  }

  /** Creates a DHCP port with an address of each subnet; see #change for a subnet that has none left. */
  async #create(store: Writer, request: PortCreate, addresses: readonly SubnetAddress[]): Promise<void> {
    try {
      await createPorts(this.#parts, store, [{ ...request, fixed_ips: addresses }]);
    } catch (error) {
      if (!(error instanceof IpAddressGenerationFailure)) throw error;
      const [current] = await createPorts(this.#parts, store, [{ ...request, fixed_ips: [] }]);
      if (current !== undefined) await this.#change(store, current, {}, addresses);
    }
  }

  /**
   * Changes a DHCP port and gives it an address of each subnet. A subnet without a free one goes without DHCP rather
   * than failing whatever led here.
   */
  async #change(
    store: Writer,
    current: PortRecord,
    changes: PortUpdate,
    addresses: readonly SubnetAddress[],
  ): Promise<void> {
    try {
      await updatePort(this.#parts, store, current, { ...changes, fixed_ips: addresses });
      return;
    } catch (error) {
      if (!(error instanceof IpAddressGenerationFailure)) throw error;
    }
    let changed = await updatePort(this.#parts, store, current, { ...changes, fixed_ips: [] });
    for (const address of addresses) {
      try {
        changed = await updatePort(this.#parts, store, changed, { fixed_ips: [...changed.fixed_ips, address] });
      } catch (error) {
        if (!(error instanceof IpAddressGenerationFailure)) throw error;
      }
    }
  }

  async #reserve(store: Writer, current: PortRecord): Promise<void> {
    await updatePort(this.#parts, store, current, { device_id: reservedDhcpPort, 'binding:host_id': '' });
  }

  async #agents(store: Reader): Promise<readonly SchedulableAgent[]> {
    const records = await store.list(agent, {
      where: [{ op: 'equals', attribute: 'agent_type', values: [agentType] }],
    });
    const loads = await networksPerAgent(store);
    const liveness = livenessOf(this.#parts);
    return records.map((record) => ({
      id: record.id,
      host: record.host,
      availability_zone: record.availability_zone,
      usable: record.admin_state_up && isAlive(record, liveness),
      load: loads.get(record.id) ?? 0,
      unreached: 0,
    }));
  }
}

/** The place of the port whose addresses another can best go on with: one of the same subnets. */
function bestSpare(spare: readonly PortRecord[], addresses: readonly SubnetAddress[]): number {
  const wanted = new Set(addresses.map(({ subnet_id }) => subnet_id));
  return Math.max(
    0,
    spare.findIndex(({ fixed_ips }) => fixed_ips.some(({ subnet_id }) => wanted.has(subnet_id))),
  );
}

/** The ports of agents, present and past; a port that someone else made for a DHCP server of his own is his. */
async function dhcpPorts(store: Writer, networkId: string): Promise<readonly PortRecord[]> {
  const ports = await store.list(port, {
    where: [
      { op: 'equals', attribute: 'network_id', values: [networkId] },
      { op: 'equals', attribute: 'device_owner', values: [deviceOwners.dhcp] },
    ],
    sort: [
      { attribute: 'created_at', direction: 'asc' },
      { attribute: 'id', direction: 'asc' },
    ],
  });
  return ports.filter(({ device_id }) => device_id === reservedDhcpPort || isDhcpDeviceId(device_id, networkId));
}
