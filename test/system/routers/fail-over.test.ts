// What becomes of a router when the host that it is on is lost, and the operator wants others to take over.

import { Lab } from '@neutronium/cli/lab/lab';
import { plainTopology } from '@neutronium/cli/lab/topology';
import { addInstances, type LabInstance } from '@neutronium/testkit/lab/lab-instances';
import { afterAll, beforeAll, expect, it } from 'vitest';

const outside = '203.0.113.1';
const floating = '203.0.113.20';

interface Created {
  readonly id: string;
}

let lab: Lab;
let routerId: string;
let instance: LabInstance;

beforeAll(async () => {
  lab = await Lab.start({
    ...plainTopology(3),
    server: { 'agents.agent_down_time': '4', 'routers.allow_automatic_l3agent_failover': 'true' },
    agent: { 'agent.report_interval': '1' },
  });
  const api = await lab.api();
  const create = async (path: string, body: object): Promise<string> =>
    (await api.expect<Created>('POST', path, body)).id;
  const wire = { 'provider:network_type': 'flat', 'provider:physical_network': 'physnet1' };
  const publicId = await create('/networks', { network: { ...wire, 'router:external': true } });
  const outer = { network_id: publicId, ip_version: 4, cidr: '203.0.113.0/24', gateway_ip: outside };
  await create('/subnets', { subnet: { ...outer, enable_dhcp: false } });
  const networkId = await create('/networks', { network: {} });
  const subnet = { network_id: networkId, ip_version: 4, cidr: '10.0.0.0/24' };
  const subnet_id = await create('/subnets', { subnet });
  routerId = await create('/routers', { router: { external_gateway_info: { network_id: publicId } } });
  await api.expect('PUT', `/routers/${routerId}/add_router_interface`, { subnet_id });
  const routerHost = await hostOfRouter();
  const [host = ''] = [...lab.hosts.keys()].filter((each) => each !== routerHost);
  const [added] = await addInstances(lab, [{ name: 'alice', host, networkId }]);
  if (added === undefined) throw new Error('one instance was asked for');
  instance = added;
  await instance.askForAddress();
  // Whoever is outside may begin.
  const open = { port_security_enabled: false, security_groups: [] };
  await api.expect('PUT', `/ports/${instance.port.id}`, { port: open });
  await create('/floatingips', {
    floatingip: { floating_network_id: publicId, floating_ip_address: floating, port_id: instance.port.id },
  });
}, 120_000);
afterAll(async () => {
  await lab?.[Symbol.asyncDispose]();
});

async function hostOfRouter(): Promise<string> {
  const agents = await (
    await lab.api()
  ).expect<readonly { readonly host: string }[]>('GET', `/routers/${routerId}/l3-agents`);
  return agents.map(({ host }) => host).join();
}

const reachesOutside = async (): Promise<boolean> =>
  (await instance.run(['ping', '-c', '1', '-W', '0.3', outside], { anyExitCode: true })).exitCode === 0;
const isReached = async (): Promise<boolean> =>
  (await lab.outside.run(['ping', '-c', '1', '-W', '0.3', floating], { anyExitCode: true })).exitCode === 0;

it('goes on elsewhere when its host is lost, with its addresses and floating IPs', async () => {
  const before = await hostOfRouter();
  await lab.until('a way out', reachesOutside);
  await lab.until('a way in', isReached);
  await lab.loseHost(before);
  const lostAt = performance.now();
  expect(await reachesOutside()).toBe(false);
  await lab.until('a way out over another host', reachesOutside);
  const out = performance.now();
  await lab.until('a way in over another host', isReached);
  const took = (at: number): string => `${((at - lostAt) / 1000).toFixed(1)} s`;
  console.log(`the way out was back after ${took(out)}, the way in after ${took(performance.now())}, of which 4 s are`);
  console.log('those for which an agent may be silent (agent_down_time)');
  expect(await hostOfRouter()).not.toBe(before);
});
