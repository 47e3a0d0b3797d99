// The way out and in, with the numbers of docs/howto: private network 10.0.0.0/24 with its router at 10.0.0.1, its DHCP
// server at 10.0.0.2 and an instance at 10.0.0.18; public network 172.24.4.0/24 with the router's gateway at 172.24.4.19
// and a floating IP 172.24.4.21. A host outside is 172.24.4.1.

import { callTcp } from '@neutronium/testkit/lab/tcp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listPorts } from '../instances.ts';
import { RouterLab, type RoutedNetwork } from './lab.ts';

const outside = '172.24.4.1';
const [gateway, floating] = ['172.24.4.19', '172.24.4.21'];

let lab: RouterLab;
let publicNetwork: string;
let network: RoutedNetwork;
let [alice, bob] = ['', ''];

beforeAll(async () => {
  lab = await RouterLab.start();
  publicNetwork = await lab.externalNetwork('public', {
    ip_version: 4,
    cidr: '172.24.4.0/24',
    gateway_ip: outside,
  });
  await lab.outside('outside', `${outside}/24`);
  network = await lab.routedNetwork('private', {
    network_id: publicNetwork,
    external_fixed_ips: [{ ip_address: gateway }],
  });
  alice = await lab.instance('alice', '10.0.0.18', network);
  bob = await lab.instance('bob', '10.0.0.20', network);
  await lab.embedded.until('wired ports of the router', async () => {
    const ports = await listPorts(lab.embedded, `device_id=${network.routerId}`);
    return ports.length === 2 && ports.every(({ status }) => status === 'ACTIVE');
  });
});
afterAll(async () => {
  await lab[Symbol.asyncDispose]();
});

describe('an instance behind a router', () => {
  it('has the addresses of the example', async () => {
    const ports = await listPorts(lab.embedded, `network_id=${network.networkId}`);
    const addresses = Object.fromEntries(ports.map((port) => [port.device_owner, port.fixed_ips[0]?.ip_address]));
    expect(addresses).toMatchObject({ 'network:router_interface': '10.0.0.1', 'network:dhcp': '10.0.0.2' });
    const route = await lab.embedded.inVm('alice', ['ip', 'route', 'show', 'default']);
    expect(route.stdout).toContain('via 10.0.0.1');
  });

  it('asks for its metadata by way of the router, which asks nobody outside', async () => {
    const ask = ['curl', '-sf', '-m', '5', 'http://169.254.169.254/latest/meta-data/local-ipv4'];
    await lab.embedded.until('an answer', async () => {
      return (await lab.embedded.inVm('alice', ask, { anyExitCode: true })).stdout === '10.0.0.18';
    });
    // The proxy is for those who ask for metadata, and for nobody who has found its port.
    expect(await callTcp(lab.embedded.host, { netns: 'vm-alice', address: '10.0.0.1', port: 9697 })).toBe('no answer');
  });

  it('is seen outside with the address of the gateway', async () => {
    expect(await lab.call('vm-alice', outside)).toBe(gateway);
  });

  it('is seen outside with its floating IP and reached by it, until that is taken away, with what is open', async () => {
    const id = await lab.floatingIp(publicNetwork, floating, alice);
    expect(await lab.call('vm-alice', outside)).toBe(floating);
    expect(await lab.call('vm-bob', outside)).toBe(gateway);
    const open = await lab.talk('outside', floating);
    expect([open.seenAs, await open.isAlive()]).toEqual([outside, true]);
    await lab.associate(id, null);
    const startedAt = performance.now();
    await lab.embedded.until('the end of the connection', async () => !(await open.isAlive(200)));
    console.log(`an open connection ended ${Math.round(performance.now() - startedAt)} ms after its floating IP`);
    expect(await lab.call('outside', floating)).not.toBe(outside);
    expect(await lab.call('vm-alice', outside)).toBe(gateway);
    await lab.delete(`/v2.0/floatingips/${id}`);
  });

  it('gives its floating IP up to another instance, which has it at once', async () => {
    const id = await lab.floatingIp(publicNetwork, floating, alice);
    const open = await lab.talk('outside', floating);
    const startedAt = performance.now();
    await lab.put(`/v2.0/floatingips/${id}`, { floatingip: { port_id: bob } });
    await lab.embedded.until('that bob is reached', async () => {
      return (await lab.call('vm-bob', outside)) === floating;
    });
    console.log(`a floating IP was another instance's after ${Math.round(performance.now() - startedAt)} ms`);
    await lab.embedded.until('the end of the connection', async () => !(await open.isAlive(200)));
    expect(await lab.call('outside', floating)).toBe(outside);
    expect(await lab.call('vm-alice', outside)).toBe(gateway);
    await lab.delete(`/v2.0/floatingips/${id}`);
  });

  it('reaches floating IPs of its neighbour and its own', async () => {
    const ids = [
      await lab.floatingIp(publicNetwork, floating, alice),
      await lab.floatingIp(publicNetwork, '172.24.4.22', bob),
    ];
    expect(await lab.call('vm-alice', '172.24.4.22')).toBe(floating);
    expect(await lab.call('vm-alice', floating)).toBe(floating);
    for (const id of ids) await lab.delete(`/v2.0/floatingips/${id}`);
  });

  it('keeps its address where the router does not translate', async () => {
    const info = { network_id: publicNetwork, external_fixed_ips: [{ ip_address: gateway }] };
    const set = (more: Record<string, unknown>) =>
      lab.put(`/v2.0/routers/${network.routerId}`, { router: { external_gateway_info: { ...info, ...more } } });
    await lab.embedded.host.script(`ip -n outside route replace 10.0.0.0/24 via ${gateway}`);
    await set({ enable_snat: false });
    await lab.embedded.until(
      'an untranslated address',
      async () => (await lab.call('vm-alice', outside)) === '10.0.0.18',
    );
    await set({ enable_snat: true });
    await lab.embedded.until('a translated address', async () => (await lab.call('vm-alice', outside)) === gateway);
  });

  it('is a router itself where the other has a route to it', async () => {
    await lab.embedded.host.script(`
      ip -n vm-bob addr add 192.0.2.7/32 dev lo
      ip -n outside route replace 192.0.2.0/24 via ${gateway}`);
    const path = `/v2.0/routers/${network.routerId}`;
    const route = { destination: '192.0.2.0/24', nexthop: '10.0.0.20' };
    await lab.put(`${path}/add_extraroutes`, { router: { routes: [route] } });
    await lab.embedded.until('a way there', async () => (await lab.call('outside', '192.0.2.7')) === outside);
    await lab.put(`${path}/remove_extraroutes`, { router: { routes: [route] } });
    await lab.embedded.until('no way there', async () => (await lab.call('outside', '192.0.2.7')) !== outside);
  });

  it('shows its rules to those who look where Neutron has them', async () => {
    const id = await lab.floatingIp(publicNetwork, floating, alice);
    const inside = `ip netns exec qrouter-${network.routerId}`;
    const rules = (await lab.embedded.host.script(`${inside} iptables -t nat -S`)).replaceAll(
      / -m comment --comment "[^"]*"/g,
      '',
    );
    const [port] = await listPorts(lab.embedded, `device_owner=network:router_gateway`);
    const device = `qg-${port?.id}`.slice(0, 14);
    for (const rule of [
      `-A neutron-l3-agent-OUTPUT -d ${floating}/32 -j DNAT --to-destination 10.0.0.18`,
      `-A neutron-l3-agent-PREROUTING -d ${floating}/32 -j DNAT --to-destination 10.0.0.18`,
      `-A neutron-l3-agent-PREROUTING -d 169.254.169.254/32 -i qr-+ -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 9697`,
      `-A neutron-l3-agent-float-snat -s 10.0.0.18/32 -j SNAT --to-source ${floating} --random-fully`,
      '-A neutron-l3-agent-snat -j neutron-l3-agent-float-snat',
      `-A neutron-l3-agent-snat -o ${device} -j SNAT --to-source ${gateway} --random-fully`,
      `-A neutron-l3-agent-snat -m mark ! --mark 0x2/0xffff -m conntrack --ctstate DNAT -j SNAT --to-source ${gateway} --random-fully`,
    ]) {
      expect(rules).toContain(`${rule}\n`);
    }
    await lab.delete(`/v2.0/floatingips/${id}`);
  });

  it('is served by an L3 agent that says what it has', async () => {
    const { body } = await lab.embedded.api('GET', '/v2.0/agents?agent_type=L3%20agent');
    const agents = body['agents'] as { alive: boolean; binary: string; configurations: Record<string, unknown> }[];
    expect(agents).toMatchObject([
      { alive: true, binary: 'neutron-l3-agent', configurations: { agent_mode: 'legacy' } },
    ]);
  });
});
