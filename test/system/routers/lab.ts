// What the tests of routers have in common: a product with two physical networks, to which br-ex and br-ex2 lead, hosts
// outside, which are namespaces on those bridges, and instances that answer on TCP port 22.

import { Embedded } from '@neutronium/testkit/lab/embedded';
import { addOutsideHost, servicePort } from '../outside-host.ts';
import { callTcp, echoTcp, startTcpServer, TcpConversation } from '@neutronium/testkit/lab/tcp';

const configuration = `
[ovs]
bridge_mappings = ["physnet1:br-ex", "physnet2:br-ex2"]

[agent]
check_interval = 2
report_interval = 1
`;

interface Created {
  readonly id: string;
}

export interface FloatingIpBody extends Created {
  readonly status: string;
  readonly floating_ip_address: string;
}

/** A router of a project, by whose cloud it was made. */
export interface RoutedNetwork {
  readonly cloud: string;
  readonly routerId: string;
  readonly networkId: string;
  readonly subnetId: string;
}

export class RouterLab implements AsyncDisposable {
  readonly embedded: Embedded;

  private constructor(embedded: Embedded) {
    this.embedded = embedded;
  }

  static async start(): Promise<RouterLab> {
    return new RouterLab(await Embedded.start({ config: configuration }));
  }

  /** An external flat network on the first physical network with its subnets; gives its id. */
  async externalNetwork(name: string, ...subnets: readonly Record<string, unknown>[]): Promise<string> {
    return await this.externalNetworkOn('physnet1', name, ...subnets);
  }

  /** The same on a physical network of that name. */
  async externalNetworkOn(
    physicalNetwork: string,
    name: string,
    ...subnets: readonly Record<string, unknown>[]
  ): Promise<string> {
    const network = {
      name,
      'router:external': true,
      'provider:network_type': 'flat',
      'provider:physical_network': physicalNetwork,
    };
    const { id } = await this.embedded.create<Created>('/v2.0/networks', { network });
    for (const subnet of subnets) {
      await this.embedded.create('/v2.0/subnets', { subnet: { network_id: id, enable_dhcp: false, ...subnet } });
    }
    return id;
  }

  /** A host outside, with those addresses (and their prefix lengths) on the first physical network. */
  async outside(netns: string, ...addresses: readonly string[]): Promise<void> {
    await this.outsideOn('br-ex', netns, ...addresses);
  }

  /** The same on the physical network that a bridge leads to. */
  async outsideOn(bridge: string, netns: string, ...addresses: readonly string[]): Promise<void> {
    await addOutsideHost(this.embedded, { netns, bridge, addresses });
  }

  /** A network 10.0.0.0/24, and a router in it whose gateway is in the external network. */
  async routedNetwork(name: string, gateway: Record<string, unknown>, cloud = 'demo'): Promise<RoutedNetwork> {
    const { embedded } = this;
    const network = await embedded.create<Created>('/v2.0/networks', { network: { name } }, cloud);
    const subnet = await embedded.create<Created>(
      '/v2.0/subnets',
      { subnet: { network_id: network.id, ip_version: 4, cidr: '10.0.0.0/24' } },
      cloud,
    );
    // Where the gateway is and whether it translates is for administrators to say.
    const project = await this.projectOf(network.id);
    const router = await embedded.create<Created>('/v2.0/routers', {
      router: { name, project_id: project, external_gateway_info: gateway },
    });
    await this.put(`/v2.0/routers/${router.id}/add_router_interface`, { subnet_id: subnet.id }, cloud);
    return { cloud, routerId: router.id, networkId: network.id, subnetId: subnet.id };
  }

  async projectOf(networkId: string): Promise<string> {
    const { body } = await this.embedded.api('GET', `/v2.0/networks/${networkId}`);
    // The shape of a network in the Networking API.
    return (body['network'] as { readonly project_id: string }).project_id;
  }

  /** An instance of that name and address, without port security, that answers on TCP port 22. Gives its port's id. */
  async instance(name: string, address: string, { networkId, cloud }: RoutedNetwork): Promise<string> {
    const port = {
      name,
      network_id: networkId,
      fixed_ips: [{ ip_address: address }],
      port_security_enabled: false,
    };
    const { id } = await this.embedded.create<Created>('/v2.0/ports', { port }, cloud);
    await this.embedded.vm('add', name, '--port', id, '--cloud', cloud);
    await startTcpServer(this.embedded.host, { netns: `vm-${name}`, port: servicePort });
    return id;
  }

  /** Sends so many random bytes to the service there, which sends them back: whether they are the same. */
  async echoes(from: string, address: string, bytes: number): Promise<boolean> {
    return await echoTcp(this.embedded.host, { netns: from, address, port: servicePort, bytes });
  }

  async put(path: string, body: Record<string, unknown>, cloud = 'neutronium'): Promise<Record<string, unknown>> {
    const answer = await this.embedded.api('PUT', path, body, cloud);
    if (answer.status !== 200) throw new Error(`PUT ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  async delete(path: string, cloud = 'neutronium'): Promise<void> {
    const answer = await this.embedded.api('DELETE', path, undefined, cloud);
    if (answer.status !== 204) throw new Error(`DELETE ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }

  /** A floating IP of that address, for a port where one is named; it is ACTIVE once this is over. */
  async floatingIp(networkId: string, address: string, portId: string | null): Promise<string> {
    const floatingip = { floating_network_id: networkId, floating_ip_address: address, port_id: portId };
    const { id } = await this.embedded.create<Created>('/v2.0/floatingips', { floatingip });
    if (portId !== null) await this.untilStatus(id, 'ACTIVE');
    return id;
  }

  async associate(floatingIpId: string, portId: string | null): Promise<void> {
    await this.put(`/v2.0/floatingips/${floatingIpId}`, { floatingip: { port_id: portId } });
    await this.untilStatus(floatingIpId, portId === null ? 'DOWN' : 'ACTIVE');
  }

  async untilStatus(floatingIpId: string, status: string): Promise<void> {
    await this.embedded.until(`a floating IP that is ${status}`, async () => {
      const { body } = await this.embedded.api('GET', `/v2.0/floatingips/${floatingIpId}`);
      return (body['floatingip'] as FloatingIpBody).status === status;
    });
  }

  /** The address as which the service there sees a caller from an instance, or from a host outside. */
  async call(from: string, address: string): Promise<string> {
    return await this.callPort(from, address, servicePort);
  }

  async callPort(from: string, address: string, port: number): Promise<string> {
    return await callTcp(this.embedded.host, { netns: from, address, port });
  }

  async talk(from: string, address: string): Promise<TcpConversation> {
    return await TcpConversation.open(this.embedded.host, { netns: from, address, port: servicePort });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.embedded[Symbol.asyncDispose]();
  }
}
