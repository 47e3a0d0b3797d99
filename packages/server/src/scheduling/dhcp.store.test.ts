import { randomInt } from 'node:crypto';
import { agent, type AgentRecord } from '@neutronium/model/resources/agent';
import { network, type NetworkRecord } from '@neutronium/model/resources/network';
import { port, type PortRecord } from '@neutronium/model/resources/port';
import type { SubnetCreate, SubnetRecord } from '@neutronium/model/resources/subnet';
import { cidr } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import { agentRecord, networkRecord } from '@neutronium/testkit/records';
import { portRequest, serverConfig, subnetRequest } from '@neutronium/testkit/requests';
import { settled, withStores } from '@neutronium/testkit/store';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openVSwitch } from '#binding/open-vswitch';
import { serverContext } from '../context.ts';
import type { Call } from '../resources/handlers.ts';
import { createPorts } from '../resources/port/create-ports.ts';
import { portHandlers } from '../resources/port/port-handlers.ts';
import { subnetHandlers } from '../resources/subnet/subnet-handlers.ts';
import type { Store, Writer } from '../store/store.ts';
import { bindAgain, portsToBindAgain } from './bind-again.ts';
import { DhcpScheduler } from './dhcp.ts';
import { dhcpDeviceId, reservedDhcpPort } from './dhcp-device-id.ts';

const config = serverConfig();
let now = new Date('2026-01-01T00:00:00Z');
const ports = { config, now: () => now, random: (bound: number) => randomInt(bound), drivers: [openVSwitch] };
const dhcp = new DhcpScheduler(ports);
const subnets = subnetHandlers({ config, dhcp });

withStores((fixture) => {
  let store: Store;
  beforeAll(async () => {
    store = await fixture.open();
  });
  beforeEach(async () => {
    await fixture.empty(store);
    now = new Date('2026-01-01T00:00:00Z');
  });

  const write = <T>(work: (call: Call<Writer>) => Promise<T>): Promise<T> => {
    const context = serverContext('req-test');
    return store.write(context, (writer) => work({ context, store: writer }));
  };
  /** A host with a switch and a DHCP agent, heard of now. */
  const addHost = async (host: string): Promise<AgentRecord> => {
    const heard = { host, heartbeat_timestamp: timestamp(now), admin_state_up: true };
    const records = ['Open vSwitch agent', 'DHCP agent'].map((agent_type) => agentRecord({ ...heard, agent_type }));
    const [, dhcpAgent] = await write((call) => call.store.insert(agent, records));
    if (dhcpAgent === undefined) throw new Error('two agents were inserted');
    return dhcpAgent;
  };
  const addNetwork = async (): Promise<NetworkRecord> => {
    const segments = [
      { id: crypto.randomUUID(), network_type: 'local', physical_network: null, segmentation_id: null },
    ] as const;
    const [record] = await write((call) => call.store.insert(network, [networkRecord({ segments })]));
    if (record === undefined) throw new Error('a network was inserted');
    return record;
  };
  const addSubnet = async (network_id: string, more: Partial<SubnetCreate> = {}): Promise<SubnetRecord> => {
    const request = subnetRequest(network_id, more);
    const [record] = await write(async (call) => (await subnets.create?.(call, [request])) ?? []);
    if (record === undefined) throw new Error('a subnet was created');
    return record;
  };
  const round = (): Promise<void> =>
    write(async (call) => {
      for (const id of await dhcp.unsettled(call.store)) await dhcp.syncNetwork(call, id);
    });
  const dhcpPorts = (): Promise<readonly PortRecord[]> =>
    store.read((reader) =>
      reader.list(port, { where: [{ op: 'equals', attribute: 'device_owner', values: ['network:dhcp'] }] }),
    );

  describe('DHCP scheduling', () => {
    it('tells hosts of the address that a port gets in a new subnet, whichever comes first', async () => {
      await addHost('h1');
      const { id } = await addNetwork();
      await addSubnet(id);
      for (const digit of ['2', '3', '4', '5', '6']) {
        const before = await settled(store);
        await addSubnet(id, { cidr: cidr(`10.0.${digit}.0/24`) });
        await settled(store);
        const [found] = await dhcpPorts();
        const entries = (await store.changesAfter(before, 100)).filter(({ kind }) => kind === 'port');
        expect(entries.at(-1)?.after).toMatchObject({ fixed_ips: found?.fixed_ips });
      }
    });

    it('gives the first subnet a port at the lowest address, bound to the host of an agent', async () => {
      await addHost('h1');
      const { id } = await addNetwork();
      await addSubnet(id);
      const found = await dhcpPorts();
      expect(found).toHaveLength(1);
      expect(found[0]).toMatchObject({
        network_id: id,
        project_id: 'project',
        name: '',
        device_id: dhcpDeviceId('h1', id),
        fixed_ips: [{ ip_address: '10.0.0.2' }],
        'binding:host_id': 'h1',
        'binding:vif_type': 'ovs',
        port_security_enabled: false,
        ip_allocation: 'immediate',
      });
    });

    it('waits for an agent', async () => {
      const { id } = await addNetwork();
      await addSubnet(id);
      expect(await dhcpPorts()).toEqual([]);
      await addHost('h1');
      await round();
      expect(await dhcpPorts()).toMatchObject([{ 'binding:host_id': 'h1', fixed_ips: [{ ip_address: '10.0.0.2' }] }]);
    });

    it('serves every subnet with DHCP from one port, and none without', async () => {
      await addHost('h1');
      const { id } = await addNetwork();
      await addSubnet(id);
      await addSubnet(id, { cidr: cidr('10.0.1.0/24') });
      await addSubnet(id, { cidr: cidr('10.0.2.0/24'), enable_dhcp: false });
      const slaac = { ip_version: 6, ipv6_ra_mode: 'slaac', ipv6_address_mode: 'slaac' } as const;
      await addSubnet(id, { cidr: cidr('fd00::/64'), ...slaac });
      const [served] = await dhcpPorts();
      expect(served?.fixed_ips.map(({ ip_address }) => ip_address.slice(0, 6)).toSorted()).toEqual([
        '10.0.0',
        '10.0.1',
        'fd00::',
      ]);
    });

    it('needs no server where addresses come from router advertisements alone', async () => {
      await addHost('h1');
      const { id } = await addNetwork();
      const slaac = { ip_version: 6, ipv6_ra_mode: 'slaac', ipv6_address_mode: 'slaac' } as const;
      await addSubnet(id, { cidr: cidr('fd00::/64'), ...slaac });
      expect(await dhcpPorts()).toEqual([]);
    });

    it('takes port and addresses back with the last subnet', async () => {
      await addHost('h1');
      const { id } = await addNetwork();
      const first = await addSubnet(id);
      const second = await addSubnet(id, { cidr: cidr('10.0.1.0/24') });
      await write(async (call) => subnets.remove?.(call, first));
      expect((await dhcpPorts())[0]?.fixed_ips).toMatchObject([{ subnet_id: second.id }]);
      await write(async (call) => subnets.update?.(call, second, { enable_dhcp: false }));
      expect(await dhcpPorts()).toEqual([]);
    });

    it('gives the agent another port when someone deletes its own', async () => {
      await addHost('h1');
      const { id } = await addNetwork();
      await addSubnet(id);
      const [before] = await dhcpPorts();
      if (before === undefined) throw new Error('the network is served');
      await write(async (call) => portHandlers(ports, dhcp).remove?.(call, before));
      const after = await dhcpPorts();
      expect(after).toMatchObject([
        { device_id: before.device_id, fixed_ips: before.fixed_ips, 'binding:host_id': 'h1' },
      ]);
      expect(after[0]?.id).not.toBe(before.id);
    });

    it('moves a network from a dead agent with the address that it had', async () => {
      await addHost('h1');
      const { id } = await addNetwork();
      await addSubnet(id);
      const [before] = await dhcpPorts();
      now = new Date('2026-01-01T01:00:00Z');
      await addHost('h2');
      await round();
      expect(await dhcpPorts()).toMatchObject([
        { id: before?.id, 'binding:host_id': 'h2', device_id: dhcpDeviceId('h2', id), fixed_ips: before?.fixed_ips },
      ]);
    });

    it('leaves a network with its dead agent when there is no other', async () => {
      await addHost('h1');
      const { id } = await addNetwork();
      await addSubnet(id);
      const before = await dhcpPorts();
      now = new Date('2026-01-01T01:00:00Z');
      await round();
      expect(await dhcpPorts()).toEqual(before);
    });

    it('keeps the port of an agent that the network is taken from for the next one', async () => {
      const first = await addHost('h1');
      const { id } = await addNetwork();
      await addSubnet(id);
      expect(await write((call) => dhcp.take(call, id, first))).toBe(true);
      expect(await write((call) => dhcp.take(call, id, first))).toBe(false);
      expect(await dhcpPorts()).toMatchObject([{ device_id: reservedDhcpPort, 'binding:host_id': '' }]);
      const second = await addHost('h2');
      expect(await write((call) => dhcp.add(call, id, second.id))).toBe(true);
      expect(await write((call) => dhcp.add(call, id, second.id))).toBe(false);
      expect(await dhcpPorts()).toMatchObject([{ device_id: dhcpDeviceId('h2', id), 'binding:host_id': 'h2' }]);
    });

    it('does not fail a subnet that has no address left for DHCP', async () => {
      await addHost('h1');
      const { id } = await addNetwork();
      const full = { allocation_pools: [{ start: ip('10.0.0.9'), end: ip('10.0.0.9') }], enable_dhcp: false };
      const created = await addSubnet(id, full);
      await addSubnet(id, { cidr: cidr('10.0.1.0/24') });
      await write((call) =>
        createPorts(ports, call.store, [portRequest(id, { fixed_ips: [{ subnet_id: created.id }] })]),
      );
      await write(async (call) => subnets.update?.(call, created, { enable_dhcp: true }));
      expect((await dhcpPorts())[0]?.fixed_ips).toMatchObject([{ ip_address: '10.0.1.2' }]);
      const used = await store.read(({ db }) => db.selectFrom('ip_allocations').select('ip_address').execute());
      expect(used.map(({ ip_address }) => ip_address).toSorted()).toEqual(['10.0.0.9', '10.0.1.2']);
    });
  });

  it('binds ports whose host had no agent when it comes', async () => {
    const { id } = await addNetwork();
    const request = portRequest(id, { 'binding:host_id': 'h1' });
    const [created] = await write((call) => createPorts(ports, call.store, [request]));
    expect(created?.['binding:vif_type']).toBe('binding_failed');
    await addHost('h1');
    await write(async (call) => {
      for (const id of await portsToBindAgain(call.store, ['h1'])) await bindAgain(ports, call, id);
    });
    const bound = await store.read((reader) => reader.get(port, created?.id ?? ''));
    expect(bound?.['binding:vif_type']).toBe('ovs');
  });
});

function timestamp(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}
