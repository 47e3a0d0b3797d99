// Two instances on two hosts, each with one device, by which it reaches three networks: its own without a tag, and those
// of the ports behind its trunk by tags of its choice, which are others on the other host.

import type { LabApi } from '@neutronium/cli/lab/api';
import { Lab } from '@neutronium/cli/lab/lab';
import { plainTopology } from '@neutronium/cli/lab/topology';
import { addVlanDevice } from '@neutronium/testkit/lab/vlan-device';
import { LabInstance, type LabPort } from '@neutronium/testkit/lab/lab-instances';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Trunk {
  readonly id: string;
  readonly status: string;
  readonly sub_ports: readonly { readonly port_id: string; readonly segmentation_id: number }[];
}

/** The tags by which each instance has chosen to know the networks. */
const tags = { h1: { red: 101, blue: 102 }, h2: { red: 201, blue: 101 } } as const;
type Host = keyof typeof tags;
const hosts: readonly Host[] = ['h1', 'h2'];
const unknownTag = 333;

/** An instance and the ports behind its own. */
interface TrunkInstance {
  readonly trunk: string;
  readonly instance: LabInstance;
  readonly red: LabPort;
  readonly blue: LabPort;
}

let lab: Lab;
let api: LabApi;
let closedGroup: string;
const instances = new Map<Host, TrunkInstance>();

const on = (host: Host): TrunkInstance => {
  const found = instances.get(host);
  if (found === undefined) throw new Error(`there is no instance on ${host}`);
  return found;
};
const addressOf = (port: LabPort): string => port.fixed_ips[0]?.ip_address ?? 'none';
const portNow = (id: string): Promise<LabPort> => api.expect<LabPort>('GET', `/ports/${id}`);
const statusOf = async (trunk: string): Promise<string> => (await api.expect<Trunk>('GET', `/trunks/${trunk}`)).status;
const untilActive = (trunk: string): Promise<void> =>
  lab.until(`that trunk ${trunk} is ACTIVE`, async () => (await statusOf(trunk)) === 'ACTIVE');
const untilPings = (from: Host, address: string): Promise<void> =>
  lab.until(`an answer from ${address} to ${from}`, async () => (await on(from).instance.ping(address, 1)) === 1);

async function makeNetwork(cidr: string, more: object = {}): Promise<string> {
  const { id } = await api.expect<{ id: string }>('POST', '/networks', { network: more });
  await api.expect('POST', '/subnets', { subnet: { network_id: id, ip_version: 4, cidr } });
  return id;
}

async function makeInstance(host: Host, networks: { own: string; red: string; blue: string }): Promise<TrunkInstance> {
  const port = (network_id: string, more: object = {}) =>
    api.expect<LabPort>('POST', '/ports', { port: { network_id, ...more } });
  const parent = await port(networks.own);
  // The red port has the address of the parent's device, as VLAN devices have; the blue one has its own.
  const red = await port(networks.red, { mac_address: parent.mac_address });
  const blue = await port(networks.blue);
  const behind = (of: LabPort, segmentation_id: number) => ({
    port_id: of.id,
    segmentation_type: 'vlan',
    segmentation_id,
  });
  const sub_ports = [behind(red, tags[host].red)];
  const trunk = await api.expect<Trunk>('POST', '/trunks', { trunk: { port_id: parent.id, sub_ports } });
  const bound = { device_owner: 'compute:nova', device_id: host, 'binding:host_id': host };
  await api.expect('PUT', `/ports/${parent.id}`, { port: bound });
  const bridge = `tbr-${trunk.id}`.slice(0, 14);
  // As Nova's os-vif does it, before or after our agent.
  await lab.host(host).vsctl('--may-exist', 'add-br', bridge, '--', 'set', 'Bridge', bridge, 'datapath_type=netdev');
  const netns = `vm-${host}`;
  const device = `tap${parent.id}`.slice(0, 14);
  await lab.host(host).plugInstance({ netns, device, portId: parent.id, mac: parent.mac_address, bridge });
  // The one behind the device that is plugged already.
  await api.expect('PUT', `/trunks/${trunk.id}/add_subports`, { sub_ports: [behind(blue, tags[host].blue)] });
  const instance = new LabInstance({ lab, name: netns, host, port: parent });
  await addVlanDevice(lab.host(host), { netns, device: 'red', id: tags[host].red });
  const addresses = [`${addressOf(blue)}/24`];
  await addVlanDevice(lab.host(host), { netns, device: 'blue', id: tags[host].blue, mac: blue.mac_address, addresses });
  return { trunk: trunk.id, instance, red, blue };
}

beforeAll(async () => {
  lab = await Lab.start(plainTopology(2));
  api = await lab.api();
  const wire = { 'provider:network_type': 'vlan', 'provider:physical_network': 'physnet1' };
  const own = await makeNetwork('10.0.0.0/24', { ...wire, 'provider:segmentation_id': 610 });
  const red = await makeNetwork('10.1.0.0/24');
  const blue = await makeNetwork('10.2.0.0/24', { ...wire, 'provider:segmentation_id': 620 });
  const group = await api.expect<{ id: string }>('POST', '/security-groups', { security_group: { name: 'closed' } });
  closedGroup = group.id;
  await Promise.all(hosts.map(async (host) => instances.set(host, await makeInstance(host, { own, red, blue }))));
  await Promise.all(hosts.map((host) => untilActive(on(host).trunk)));
});
afterAll(async () => {
  await lab?.[Symbol.asyncDispose]();
});

describe('an instance with a trunk', () => {
  it('has its ports wired where its own is', async () => {
    for (const host of hosts) {
      for (const port of [on(host).red, on(host).blue]) {
        const wired = { status: 'ACTIVE', device_owner: 'trunk:subport', 'binding:host_id': host };
        expect(await portNow(port.id)).toMatchObject(wired);
      }
    }
  });

  it('asks for the addresses of its ports by DHCP, without a tag and with one', async () => {
    await Promise.all(
      hosts.map(async (host) => {
        const { instance, red } = on(host);
        await instance.askForAddress();
        await instance.askForAddress('red');
        const { stdout } = await instance.run(['ip', 'addr', 'show', 'dev', 'red']);
        expect(stdout).toContain(`inet ${addressOf(red)}/24`);
      }),
    );
  });

  it('reaches the other in each network, whatever tags the two have chosen', async () => {
    const [h1, h2] = [on('h1'), on('h2')];
    for (const port of [h2.instance.port, h2.red, h2.blue]) await untilPings('h1', addressOf(port));
    for (const port of [h1.instance.port, h1.red, h1.blue]) await untilPings('h2', addressOf(port));
  });

  it('is heard by nobody when it sends with a tag that is none of its ports', async () => {
    for (const host of hosts) {
      const addresses = [`192.0.2.${host.slice(1)}/24`];
      await addVlanDevice(lab.host(host), { netns: `vm-${host}`, device: 'unknown', id: unknownTag, addresses });
    }
    expect(await on('h1').instance.ping('192.0.2.2')).toBe(0);
  });

  it('cannot send from an address that is not that of the port with the tag', async () => {
    const { instance } = on('h1');
    await instance.run(['ip', 'addr', 'add', '10.2.0.99/24', 'dev', 'blue']);
    const ping = ['ping', '-c', '2', '-i', '0.05', '-W', '1', '-I', '10.2.0.99', addressOf(on('h2').blue)];
    expect((await instance.run(ping, { anyExitCode: true })).stdout).toContain(' 0 received');
    await instance.run(['ip', 'addr', 'del', '10.2.0.99/24', 'dev', 'blue']);
    await untilPings('h1', addressOf(on('h2').blue));
  });

  it('is guarded in each network by the security groups of its port there', async () => {
    const { blue, red } = on('h2');
    const setGroups = async (groups: readonly string[]): Promise<void> => {
      await api.expect('PUT', `/ports/${blue.id}`, { port: { security_groups: groups } });
      await lab.until(
        'that the hosts know',
        async () => (await api.request('GET', '/revisions/newest?timeout=10')).status === 200,
      );
    };
    const { security_groups: before } = await api.expect<{ security_groups: string[] }>('GET', `/ports/${blue.id}`);
    await setGroups([closedGroup]);
    expect(await on('h1').instance.ping(addressOf(blue))).toBe(0);
    await untilPings('h1', addressOf(red));
    await setGroups(before);
    await untilPings('h1', addressOf(blue));
  });

  it('loses a port that is taken from the trunk, and nothing else', async () => {
    const { trunk, blue, red } = on('h2');
    await api.expect('PUT', `/trunks/${trunk}/remove_subports`, { sub_ports: [{ port_id: blue.id }] });
    await lab.until('that the joint is gone', async () => {
      const ports = await lab.host('h2').vsctl('list-ports', 'br-int');
      return !ports.includes(`spi-${blue.id}`.slice(0, 14));
    });
    expect(await on('h1').instance.ping(addressOf(blue))).toBe(0);
    expect(await portNow(blue.id)).toMatchObject({ status: 'DOWN', device_owner: '', 'binding:host_id': '' });
    await untilPings('h1', addressOf(red));
    expect(await statusOf(trunk)).toBe('ACTIVE');
  });

  it('leaves nothing on its host', async () => {
    const { trunk, instance, red } = on('h2');
    const host = lab.host('h2');
    await host.vsctl('del-port', `tap${instance.port.id}`.slice(0, 14));
    await lab.until('that the trunk is DOWN', async () => (await statusOf(trunk)) === 'DOWN');
    expect((await portNow(red.id)).status).toBe('DOWN');
    await api.expect('PUT', `/ports/${instance.port.id}`, { port: { 'binding:host_id': '', device_id: '' } });
    await lab.until('that its bridge is gone', async () => !(await host.vsctl('list-br')).includes('tbr-'));
    expect(await host.vsctl('list-ports', 'br-int')).not.toMatch(/[ts]pi-/);
    expect((await portNow(red.id))['binding:host_id']).toBe('');
  });
});
