// What the tests of highly available routers have in common: a lab in which two hosts share a router, an instance on a
// third, and the time for which the instance cannot reach the world outside.

import { Lab } from '@neutronium/cli/lab/lab';
import { plainTopology } from '@neutronium/cli/lab/topology';
import { haRoles, haStates, type HaRoles } from '@neutronium/testkit/lab/ha-roles';
import { addInstances, type LabInstance, type LabPort } from '@neutronium/testkit/lab/lab-instances';
import { parsePing, type PingSummary } from '@neutronium/testkit/lab/ping-summary';

/** Seconds between two words of the active host. */
export const advertInt = 1;

/** The address of the world outside. */
export const outsideAddress = '203.0.113.1';

interface Created {
  readonly id: string;
}

interface RouterBody extends Created {
  readonly external_gateway_info: { readonly external_fixed_ips: readonly { readonly ip_address: string }[] };
}

export interface HaRouter {
  readonly id: string;
  readonly networkId: string;
  /** Its address outside. */
  readonly gateway: string;
}

export class HaLab implements AsyncDisposable {
  readonly lab: Lab;

  private constructor(lab: Lab) {
    this.lab = lab;
  }

  /** Hosts h1 … hN that all could share routers; each router is on two of them. */
  static async start(hosts: number): Promise<HaLab> {
    const lab = await Lab.start({
      ...plainTopology(hosts),
      server: { 'routers.max_l3_agents_per_router': '2', 'agents.agent_down_time': '5' },
      agent: { 'l3.ha_vrrp_advert_int': String(advertInt), 'agent.report_interval': '1' },
    });
    return new HaLab(lab);
  }

  /** The external network that leads to the world outside, and its id. */
  async externalNetwork(): Promise<string> {
    const api = await this.lab.api();
    const network = {
      name: 'public',
      'router:external': true,
      'provider:network_type': 'flat',
      'provider:physical_network': 'physnet1',
    };
    const { id } = await api.expect<Created>('POST', '/networks', { network });
    const subnet = {
      network_id: id,
      ip_version: 4,
      cidr: '203.0.113.0/24',
      gateway_ip: outsideAddress,
      enable_dhcp: false,
    };
    await api.expect('POST', '/subnets', { subnet });
    return id;
  }

  /** A router between a network with that prefix and the one outside, which does not translate. */
  async router(outsideId: string, cidr: string, more: object = { ha: true }): Promise<HaRouter> {
    const api = await this.lab.api();
    const network = await api.expect<Created>('POST', '/networks', { network: { name: cidr } });
    const subnet = { network_id: network.id, ip_version: 4, cidr };
    const { id: subnet_id } = await api.expect<Created>('POST', '/subnets', { subnet });
    const router = { external_gateway_info: { network_id: outsideId, enable_snat: false }, ...more };
    const made = await api.expect<RouterBody>('POST', '/routers', { router });
    await api.expect('PUT', `/routers/${made.id}/add_router_interface`, { subnet_id });
    const gateway = made.external_gateway_info.external_fixed_ips[0]?.ip_address;
    if (gateway === undefined) throw new Error('the router has no address outside');
    await this.lab.outside.script(`ip route replace ${cidr} via ${gateway}`);
    return { id: made.id, networkId: network.id, gateway };
  }

  /** An instance on that host, with its address. */
  async instance(name: string, host: string, { networkId }: HaRouter): Promise<LabInstance> {
    const [instance] = await addInstances(this.lab, [{ name, host, networkId }]);
    if (instance === undefined) throw new Error('one instance was asked for');
    await instance.askForAddress();
    return instance;
  }

  /** What the API says of each host that has the router. */
  states({ id }: Pick<HaRouter, 'id'>): Promise<ReadonlyMap<string, string | null>> {
    return haStates(this.lab, id);
  }

  /** The host that is active, and one that stands by, once the API knows. */
  roles({ id }: Pick<HaRouter, 'id'>): Promise<HaRoles> {
    return haRoles(this.lab, id);
  }

  /** Whether the host has the router's addresses. */
  async hasAddresses(host: string, { id, gateway }: HaRouter): Promise<boolean> {
    const { stdout } = await this.lab.host(host).run(['ip', '-br', 'addr'], { netns: `qrouter-${id}` });
    return stdout.includes(`${gateway}/`);
  }

  /** The ports of the router that are bound as active ones are. */
  async ports({ id }: Pick<HaRouter, 'id'>): Promise<readonly LabPort[]> {
    const ports = await (await this.lab.api()).expect<readonly LabPort[]>('GET', `/ports?device_id=${id}`);
    return ports.filter(({ device_owner: owner }) => owner !== 'network:router_ha_interface');
  }

  async drift(host: string): Promise<string> {
    const command = [`${this.lab.host(host).dir}/bin/neutronium`, 'drift'];
    return (await this.lab.host(host).run(command, { anyExitCode: true, timeoutMs: 60_000 })).stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lab[Symbol.asyncDispose]();
  }
}

/** Pings from the instance, fifty times a second, while `work` is done and until there are answers again. */
export async function pingDuring(
  instance: LabInstance,
  address: string,
  work: () => Promise<void>,
): Promise<PingSummary> {
  const host = instance.lab.host(instance.host);
  const pidFile = `${host.dir}/ping-${instance.name}.pid`;
  const child = host.spawn(['sh', '-c', `echo $$ >${pidFile}; exec ping -D -i 0.02 -w 120 ${address}`], {
    netns: instance.name,
  });
  let output = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text));
  const answers = (): number => output.split('bytes from').length - 1;
  await instance.lab.until('answers to a ping', () => Promise.resolve(answers() >= 10));
  await work();
  const before = answers();
  await instance.lab.until('answers to a ping again', () => Promise.resolve(answers() >= before + 25));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await host.script(`kill -INT "$(cat ${pidFile})"`);
  await ended;
  return parsePing(output);
}
