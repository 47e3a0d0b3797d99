// A distributed router at work: the four ways of a packet, with the numbers of docs/howto, and what is seen of them on the
// way. The router leads outside by the network node; instances are on two compute nodes.

import type { LabInstance } from '@neutronium/testkit/lab/lab-instances';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  DistributedLab,
  floatingAddress,
  gatewayAddress,
  outsideAddress,
} from '@neutronium/testkit/lab/distributed-lab';
import { recordLines, type Recording } from '@neutronium/testkit/lab/tcpdump';

let lab: DistributedLab;
let routerId = '';
let instances: ReadonlyMap<string, LabInstance>;

beforeAll(async () => {
  lab = await DistributedLab.start();
  const [first, second] = [
    await lab.network('192.168.111.0/24', { type: 'vxlan' }),
    await lab.network('192.168.122.0/24', { type: 'vxlan' }),
  ];
  routerId = await lab.router([first.subnetId, second.subnetId]);
  await lab.leadOut(routerId, gatewayAddress);
  const all = await lab.instances([
    { name: 'vm1', host: 'compute1', networkId: first.networkId, address: '192.168.111.5' },
    { name: 'vm2', host: 'compute1', networkId: second.networkId, address: '192.168.122.7' },
    { name: 'vm3', host: 'compute2', networkId: second.networkId, address: '192.168.122.9' },
  ]);
  instances = new Map(all.map((each) => [each.name, each]));
});
afterAll(async () => {
  await lab?.[Symbol.asyncDispose]();
});

function instance(name: string): LabInstance {
  const found = instances.get(name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

/** What is seen of a ping at each place, once it works. */
async function seen(
  { from, to }: { readonly from: string; readonly to: string },
  places: Readonly<Record<string, readonly [machine: string, device: string]>>,
): Promise<Readonly<Record<string, readonly string[]>>> {
  await lab.reach(instance(from), to);
  const running: (readonly [string, Recording<readonly string[]>])[] = [];
  for (const [place, [machine, device]] of Object.entries(places)) {
    const host = lab.lab.machines.get(machine);
    if (host === undefined) throw new Error(`there is no ${machine}`);
    running.push([place, await recordLines(host, { device, filter: 'icmp or udp port 4789', options: ['-e'] })]);
  }
  expect(await instance(from).ping(to)).toBe(3);
  const results: Record<string, readonly string[]> = {};
  for (const [place, each] of running)
    results[place] = (await each.stop()).filter((line) => line.includes('ICMP echo'));
  return results;
}

const inRouter = (command: string): string => `ip netns exec qrouter-${routerId} ${command}`;

describe('a distributed router', () => {
  it('takes what has no floating IP to its centre, which translates it', async () => {
    const frames = await seen(
      { from: 'vm1', to: outsideAddress },
      { outside: ['outside', 'wire0'], compute: ['compute1', 'wire0'], tunnel: ['compute1', 'underlay0'] },
    );
    expect(frames['outside']?.some((line) => line.includes(`${gatewayAddress} > ${outsideAddress}`))).toBe(true);
    expect(frames['compute']?.filter((line) => line.includes('> 8.8.8.8'))).toEqual([]);
    const requests = frames['tunnel']?.filter((line) => line.includes('echo request')) ?? [];
    expect(requests.length).toBeGreaterThanOrEqual(3);
    const own = await hostAddress('compute1');
    for (const line of requests) expect(line).toContain(own);
    expect(await lab.namespaces('network1', 'snat-')).toEqual([`snat-${routerId}`]);
    expect(await lab.namespaces('compute1', 'snat-')).toEqual([]);
  });

  it('has a table for each of its addresses, which leads to the centre', async () => {
    const host = lab.lab.host('compute1');
    const rules = await host.script(inRouter('ip rule'));
    expect(rules).toContain('3232263937:\tfrom 192.168.111.1/24 lookup 3232263937');
    expect(rules).toContain('3232266753:\tfrom 192.168.122.1/24 lookup 3232266753');
    expect(await host.script(inRouter('ip route show table 3232263937'))).toContain(
      'default via 192.168.111.3 dev qr-',
    );
    // What is in the main table goes there first.
    expect(await host.script(inRouter('ip route show default'))).toBe('');
  });

  it('passes from one network to the other on the same node, which nobody else sees', async () => {
    const frames = await seen(
      { from: 'vm1', to: '192.168.122.7' },
      { compute: ['compute1', 'underlay0'], network: ['network1', 'underlay0'], other: ['compute2', 'underlay0'] },
    );
    expect(frames).toEqual({ compute: [], network: [], other: [] });
  });

  it('goes straight from node to node, as from the node and not from the router', async () => {
    const frames = await seen(
      { from: 'vm1', to: '192.168.122.9' },
      { sender: ['compute1', 'underlay0'], network: ['network1', 'underlay0'] },
    );
    expect(frames['network']).toEqual([]);
    const lines = frames['sender'] ?? [];
    expect(lines.filter((line) => line.includes('echo request')).length).toBeGreaterThanOrEqual(3);
    const [one, other] = [await hostAddress('compute1'), await hostAddress('compute2')];
    for (const line of lines) expect(line).toContain(line.includes('echo request') ? one : other);
  });

  it('shows instances the address of the router, whatever the wire has seen', async () => {
    const [side] = await lab.ports(
      `device_id=${routerId}&network_id=${instance('vm3').port.network_id}&device_owner=network:router_interface_distributed`,
    );
    const device = `tap${instance('vm3').port.id}`.slice(0, 14);
    const watching = await recordLines(lab.lab.host('compute2'), { device, filter: 'icmp', options: ['-e'] });
    expect(await instance('vm1').ping('192.168.122.9')).toBe(3);
    const requests = (await watching.stop()).filter((line) => line.includes('echo request'));
    expect(requests.length).toBeGreaterThanOrEqual(3);
    for (const line of requests) expect(line).toContain(`${side?.mac_address} >`);
  });

  it('reaches the world and is reached by a floating IP where the instance is', async () => {
    const id = await lab.floatingIp(instance('vm1').port.id, floatingAddress);
    const host = lab.lab.host('compute1');
    const api = await lab.lab.api();
    await lab.lab.until('an active floating IP', async () => {
      const [shown] = await api.expect<readonly { status: string }[]>('GET', `/floatingips?id=${id}`);
      return shown?.status === 'ACTIVE';
    });
    expect(await host.script(inRouter('ip rule'))).toContain('from 192.168.111.5 lookup 16');
    const frames = await seen(
      { from: 'vm1', to: outsideAddress },
      { compute: ['compute1', 'wire0'], network: ['network1', 'underlay0'], centre: ['network1', 'wire0'] },
    );
    expect(frames['compute']?.some((line) => line.includes(`${floatingAddress} > ${outsideAddress}`))).toBe(true);
    expect(frames['network']).toEqual([]);
    expect(frames['centre']?.filter((line) => line.includes(floatingAddress))).toEqual([]);
    expect(await host.script(inRouter('ip route show table 16'))).toMatch(/^default via 169\.254\.\d+\.\d+ dev rfp-/);
    const inwards = ['ping', '-c', '3', '-i', '0.05', '-W', '1', floatingAddress];
    expect((await lab.lab.outside.run(inwards)).stdout).toContain('3 received');
    // Who has none still goes by the centre, and reaches the floating IP outside.
    await lab.reach(instance('vm3'), floatingAddress);
  });

  it('takes the floating IP along when the instance is given another host, and leaves nothing behind', async () => {
    expect(await lab.namespaces('compute1', 'fip-')).toEqual([`fip-${lab.externalNetwork}`]);
    const api = await lab.lab.api();
    const [floating] = await api.expect<readonly { id: string }[]>('GET', '/floatingips');
    await api.expect('PUT', `/floatingips/${floating?.id}`, { floatingip: { port_id: instance('vm3').port.id } });
    await lab.lab.until(
      'the way of the other node',
      async () => (await lab.namespaces('compute2', 'fip-')).length === 1,
    );
    await lab.reach(instance('vm3'), outsideAddress);
    await lab.lab.until(
      'nothing of it on the first',
      async () => (await lab.namespaces('compute1', 'fip-')).length === 0,
    );
    await api.expect('DELETE', `/floatingips/${floating?.id}`);
    await lab.reach(instance('vm3'), outsideAddress);
  });

  it('is on a host for as long as an instance of its networks is', async () => {
    expect(await lab.namespaces('compute2', 'qrouter-')).toEqual([`qrouter-${routerId}`]);
    const { port } = instance('vm3');
    await (await lab.lab.api()).expect('DELETE', `/ports/${port.id}`);
    await lab.lab.until(
      'no router on its host',
      async () => (await lab.namespaces('compute2', 'qrouter-')).length === 0,
    );
  });

  it('becomes another and back without leaving anything', async () => {
    const api = await lab.lab.api();
    const change = (router: object) => api.expect('PUT', `/routers/${routerId}`, { router });
    for (const distributed of [false, true]) {
      await change({ admin_state_up: false });
      await change({ distributed });
      await change({ admin_state_up: true });
      await lab.reach(instance('vm1'), outsideAddress);
      await lab.reach(instance('vm1'), '192.168.122.7');
      await lab.lab.until('the namespaces of that', async () => {
        const [local, centre] = [
          await lab.namespaces('compute1', 'qrouter-'),
          await lab.namespaces('network1', 'snat-'),
        ];
        return local.length === (distributed ? 1 : 0) && centre.length === (distributed ? 1 : 0);
      });
    }
    await lab.lab.until('hosts as they should be', async () => (await lab.drift()).length === 0);
  });
});

/** What the host's routers send from, as the API shows it. */
async function hostAddress(host: string): Promise<string> {
  const api = await lab.lab.api();
  const [agent] = await api.expect<readonly { configurations: { dvr_mac_address: string } }[]>(
    'GET',
    `/agents?host=${host}&agent_type=Open%20vSwitch%20agent`,
  );
  const address = agent?.configurations.dvr_mac_address ?? '';
  expect(address).toMatch(/^fa:16:3f:/);
  return address;
}
