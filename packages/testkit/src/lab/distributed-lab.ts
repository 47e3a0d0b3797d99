// One network node and two compute nodes, with the numbers of the example in docs/howto: networks 192.168.111.0/24 and
// 192.168.122.0/24 behind one distributed router, which leads to 91.207.15.0/24.

import { Lab } from '@neutronium/cli/lab/lab';
import { plainTopology, type LabTopology } from '@neutronium/cli/lab/topology';
import { addInstances, type InstancePlan, type LabInstance, type LabPort } from './lab-instances.ts';

export const outsideAddress = '8.8.8.8';
export const [gatewayAddress, floatingAddress] = ['91.207.15.115', '91.207.15.125'];

/** `second` is the mode of the second compute node. */
export function distributedTopology(second: 'dvr' | 'dvr_no_external'): LabTopology {
  return {
    ...plainTopology(0),
    server: { 'quotas.router': '-1' },
    hosts: [
      { name: 'network1', physicalNetworks: ['ext', 'dc'], agent: { 'agent.agent_mode': 'dvr_snat' } },
      { name: 'compute1', physicalNetworks: ['ext', 'dc'], agent: { 'agent.agent_mode': 'dvr' } },
      { name: 'compute2', physicalNetworks: ['ext', 'dc'], agent: { 'agent.agent_mode': second } },
    ],
    physicalNetworks: [
      { name: 'ext', outside: ['91.207.15.1/24', `${outsideAddress}/32`, 'fd00:8::1/64'] },
      { name: 'dc', outside: [] },
    ],
  };
}

/** Two network nodes that may share the centre of a router, and a compute node with a way outside and one without. */
export function sharedCentreTopology(): LabTopology {
  const both = ['ext', 'dc'];
  return {
    ...distributedTopology('dvr_no_external'),
    server: {
      'quotas.router': '-1',
      'routers.max_l3_agents_per_router': '2',
      'agents.agent_down_time': '5',
    },
    agent: { 'l3.ha_vrrp_advert_int': String(sharedAdvertInt), 'agent.report_interval': '1' },
    hosts: [
      { name: 'network1', physicalNetworks: both, agent: { 'agent.agent_mode': 'dvr_snat' } },
      { name: 'network2', physicalNetworks: both, agent: { 'agent.agent_mode': 'dvr_snat' } },
      { name: 'compute1', physicalNetworks: both, agent: { 'agent.agent_mode': 'dvr' } },
      { name: 'compute2', physicalNetworks: both, agent: { 'agent.agent_mode': 'dvr_no_external' } },
    ],
  };
}

/** Seconds between two words of the host on which such a centre is active. */
export const sharedAdvertInt = 1;

/** How the networks behind the router lie between hosts. */
export interface Segment {
  readonly type: 'vxlan' | 'gre' | 'vlan' | 'flat';
  readonly physicalNetwork?: string;
}

interface Created {
  readonly id: string;
}

export class DistributedLab {
  readonly lab: Lab;
  readonly externalNetwork: string;

  private constructor(lab: Lab, externalNetwork: string) {
    this.lab = lab;
    this.externalNetwork = externalNetwork;
  }

  static async start(described: LabTopology = distributedTopology('dvr')): Promise<DistributedLab> {
    const lab = await Lab.start(described);
    const api = await lab.api();
    // A DHCP server is a reason for a host to have the router: here the network node has them all.
    const agents = await api.expect<readonly (Created & { host: string })[]>('GET', '/agents?agent_type=DHCP%20agent');
    for (const { id: agentId, host } of agents) {
      if (host === 'network1') continue;
      await api.expect('PUT', `/agents/${agentId}`, { agent: { admin_state_up: false } });
    }
    const network = { 'provider:network_type': 'flat', 'provider:physical_network': 'ext', 'router:external': true };
    const { id } = await api.expect<Created>('POST', '/networks', { network });
    const subnet = { network_id: id, ip_version: 4, cidr: '91.207.15.0/24', enable_dhcp: false };
    await api.expect('POST', '/subnets', {
      subnet: { ...subnet, allocation_pools: [{ start: '91.207.15.110', end: '91.207.15.130' }] },
    });
    const six = { network_id: id, ip_version: 6, cidr: 'fd00:8::/64', gateway_ip: 'fd00:8::1', enable_dhcp: false };
    await api.expect('POST', '/subnets', { subnet: six });
    const groups = await api.expect<readonly Created[]>('GET', `/security-groups?project_id=${await api.projectId()}`);
    for (const ethertype of ['IPv4', 'IPv6']) {
      const rule = { security_group_id: groups[0]?.id, direction: 'ingress', ethertype };
      await api.expect('POST', '/security-group-rules', { security_group_rule: rule });
    }
    return new DistributedLab(lab, id);
  }

  /** A network with one subnet of that prefix, and with others. Gateways have the first addresses. */
  async network(
    cidr: string,
    { type, physicalNetwork }: Segment,
    others: readonly string[] = [],
  ): Promise<{ readonly networkId: string; readonly subnetId: string; readonly otherIds: readonly string[] }> {
    const api = await this.lab.api();
    const { id: networkId } = await api.expect<Created>('POST', '/networks', {
      network: {
        'provider:network_type': type,
        ...(physicalNetwork !== undefined && { 'provider:physical_network': physicalNetwork }),
      },
    });
    const subnet = async (prefix: string): Promise<string> => {
      const request = prefix.includes(':')
        ? { ip_version: 6, cidr: prefix, gateway_ip: prefix.replace(/\/64$/, '1'), enable_dhcp: false }
        : { ip_version: 4, cidr: prefix };
      return (await api.expect<Created>('POST', '/subnets', { subnet: { network_id: networkId, ...request } })).id;
    };
    const subnetId = await subnet(cidr);
    const otherIds: string[] = [];
    for (const other of others) otherIds.push(await subnet(other));
    return { networkId, subnetId, otherIds };
  }

  /** A router on those subnets; a distributed one unless told otherwise. */
  async router(subnetIds: readonly string[], more: object = {}): Promise<string> {
    const api = await this.lab.api();
    const { id } = await api.expect<Created>('POST', '/routers', { router: { distributed: true, ...more } });
    for (const subnet_id of subnetIds) await api.expect('PUT', `/routers/${id}/add_router_interface`, { subnet_id });
    return id;
  }

  async leadOut(routerId: string, address?: string): Promise<void> {
    const external_fixed_ips = address === undefined ? undefined : [{ ip_address: address }];
    const external_gateway_info = { network_id: this.externalNetwork, external_fixed_ips };
    await (await this.lab.api()).expect('PUT', `/routers/${routerId}`, { router: { external_gateway_info } });
  }

  async floatingIp(portId: string, floating_ip_address?: string): Promise<string> {
    const floatingip = { floating_network_id: this.externalNetwork, port_id: portId, floating_ip_address };
    return (await (await this.lab.api()).expect<Created>('POST', '/floatingips', { floatingip })).id;
  }

  /** Instances with the addresses that DHCP has given them. */
  async instances(plans: readonly InstancePlan[]): Promise<readonly LabInstance[]> {
    const all = await addInstances(this.lab, plans);
    await Promise.all(all.map((each) => each.askForAddress()));
    return all;
  }

  async ports(query: string): Promise<readonly LabPort[]> {
    return (await this.lab.api()).expect<readonly LabPort[]>('GET', `/ports?${query}`);
  }

  /** Waits until one packet is answered: everything that was asked for is there. */
  async reach(from: LabInstance, address: string): Promise<void> {
    await this.lab.until(`an answer of ${address} to ${from.name}`, async () => (await from.ping(address, 1)) === 1);
  }

  /** The namespaces of the host that begin so. */
  async namespaces(host: string, prefix: string): Promise<readonly string[]> {
    const names = await this.lab.host(host).script('ls /run/netns');
    return names.split('\n').filter((name) => name.startsWith(prefix));
  }

  /** What is not as planned on each host. */
  async drift(): Promise<readonly string[]> {
    const found: string[] = [];
    for (const host of this.lab.hosts.keys()) {
      const machine = this.lab.host(host);
      const { stdout } = await machine.run([`${machine.dir}/bin/neutronium`, 'drift'], { anyExitCode: true });
      if (!stdout.includes('is as planned')) found.push(`${host}: ${stdout}`);
    }
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lab[Symbol.asyncDispose]();
  }
}
