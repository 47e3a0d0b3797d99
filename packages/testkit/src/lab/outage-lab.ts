// A network node and two compute nodes, with traffic of every kind between them: two instances of a tenant on different
// nodes, one of them and the world outside by its router, and the world outside and the other by its floating IP.

import { Lab } from '@neutronium/cli/lab/lab';
import { plainTopology } from '@neutronium/cli/lab/topology';
import { addInstances, type LabInstance } from './lab-instances.ts';
import { answerCalls, watchTraffic, type Call, type Watched } from './watched-traffic.ts';

interface Created {
  readonly id: string;
}

const outsideAddress = '203.0.113.1';

/** Lets routers and DHCP servers be on one host alone: the agents of the others are taken out of service. */
export async function keepServicesOn(lab: Lab, host: string): Promise<void> {
  const api = await lab.api();
  for (const type of ['DHCP agent', 'L3 agent']) {
    const path = `/agents?agent_type=${encodeURIComponent(type)}`;
    for (const agent of await api.expect<readonly (Created & { readonly host: string })[]>('GET', path)) {
      if (agent.host === host) continue;
      await api.expect('PUT', `/agents/${agent.id}`, { agent: { admin_state_up: false } });
    }
  }
}

export interface OutageLab extends AsyncDisposable {
  readonly lab: Lab;
  /** On compute1 and compute2. */
  readonly instances: readonly [LabInstance, LabInstance];
  /** The network that they are on, its subnet, and its router. */
  readonly networkId: string;
  readonly routerId: string;
  /** The address by which the second is reached from outside. */
  readonly floatingIp: string;
  readonly calls: readonly Call[];
  watch(): Promise<Watched>;
}

export async function startOutageLab(): Promise<OutageLab> {
  await using parts = new AsyncDisposableStack();
  const lab = parts.use(
    await Lab.start({
      ...plainTopology(0),
      hosts: [
        { name: 'network', physicalNetworks: ['ext'] },
        { name: 'compute1', physicalNetworks: [] },
        { name: 'compute2', physicalNetworks: [] },
      ],
      physicalNetworks: [{ name: 'ext', outside: [`${outsideAddress}/24`] }],
      // Nobody takes the place of a host that is lost: what is watched is how it comes back.
      server: { 'agents.agent_down_time': '3600' },
      agent: { 'agent.report_interval': '2' },
    }),
  );
  await keepServicesOn(lab, 'network');
  const api = await lab.api();
  const external = await api.expect<Created>('POST', '/networks', {
    network: {
      name: 'ext',
      'router:external': true,
      'provider:network_type': 'flat',
      'provider:physical_network': 'ext',
    },
  });
  await api.expect('POST', '/subnets', {
    subnet: {
      network_id: external.id,
      ip_version: 4,
      cidr: '203.0.113.0/24',
      gateway_ip: outsideAddress,
      enable_dhcp: false,
    },
  });
  const network = await api.expect<Created>('POST', '/networks', { network: { name: 'net' } });
  const subnet = await api.expect<Created>('POST', '/subnets', {
    subnet: { network_id: network.id, ip_version: 4, cidr: '10.0.0.0/24' },
  });
  const router = await api.expect<Created>('POST', '/routers', {
    router: { name: 'router', external_gateway_info: { network_id: external.id } },
  });
  await api.expect('PUT', `/routers/${router.id}/add_router_interface`, { subnet_id: subnet.id });
  const groups = await api.expect<readonly Created[]>('GET', `/security-groups?project_id=${await api.projectId()}`);
  for (const protocol of ['icmp', 'tcp']) {
    const rule = { security_group_id: groups[0]?.id, direction: 'ingress', ethertype: 'IPv4', protocol };
    await api.expect('POST', '/security-group-rules', { security_group_rule: rule });
  }
  const [one, other] = await addInstances(
    lab,
    ['compute1', 'compute2'].map((host) => ({ name: `on-${host}`, host, networkId: network.id })),
  );
  if (one === undefined || other === undefined) throw new Error('an instance is missing');
  const { id: floatingIpId, floating_ip_address: floatingIp } = await api.expect<
    Created & { readonly floating_ip_address: string }
  >('POST', '/floatingips', { floatingip: { floating_network_id: external.id, port_id: other.port.id } });
  await Promise.all([one, other].map((instance) => instance.askForAddress()));
  await lab.until('a floating IP that is ACTIVE', async () => {
    const { status } = await api.expect<{ readonly status: string }>('GET', `/floatingips/${floatingIpId}`);
    return status === 'ACTIVE';
  });
  const outside = { host: lab.outside };
  const inside = (instance: LabInstance) => ({ host: lab.host(instance.host), netns: instance.name });
  await Promise.all([answerCalls(inside(other)), answerCalls(outside)]);
  const calls: readonly Call[] = [
    { what: 'between instances', from: inside(one), to: other.address(4) },
    { what: 'from an instance to the outside', from: inside(one), to: outsideAddress },
    { what: 'from outside to a floating IP', from: outside, to: floatingIp },
  ];
  const held = parts.move();
  return {
    lab,
    instances: [one, other],
    networkId: network.id,
    routerId: router.id,
    floatingIp,
    calls,
    watch: () => watchTraffic(calls),
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}
