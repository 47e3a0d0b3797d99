import { randomInt } from 'node:crypto';
import { renderTimestamp } from '@neutronium/model/kinds/timestamp';
import { agent } from '@neutronium/model/resources/agent';
import { subnet } from '@neutronium/model/resources/subnet';
import { startApi, type TestApi } from '@neutronium/testkit/api';
import { agentRecord } from '@neutronium/testkit/records';
import { serverConfig } from '@neutronium/testkit/requests';
import { withStores } from '@neutronium/testkit/store';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openVSwitch } from '#binding/open-vswitch';
import { serverContext } from '../../context.ts';
import { DhcpScheduler } from '../../scheduling/dhcp.ts';
import type { Store, Writer } from '../../store/store.ts';

const ports = {
  config: serverConfig(),
  now: () => new Date(),
  random: (bound: number) => randomInt(bound),
  drivers: [openVSwitch],
};
const dhcp = new DhcpScheduler(ports);

/** Hosts, and the wires that their bridges lead to. */
const hosts: Readonly<Record<string, readonly string[]>> = {
  left: ['physnet1'],
  'also-left': ['physnet1'],
  right: ['physnet2'],
  both: ['physnet1', 'physnet2'],
  none: [],
};

withStores((fixture) => {
  let api: TestApi;
  let store: Store;
  beforeAll(async () => {
    const database = await fixture.newDatabase();
    api = await startApi({
      database,
      settings: { 'networks.network_vlan_ranges': 'physnet1:100:199,physnet2:100:199' },
    });
    const heartbeat_timestamp = renderTimestamp(new Date());
    store = await fixture.open(database);
    await store.write(serverContext('req-agents'), (writer) =>
      writer.insert(
        agent,
        Object.entries(hosts).flatMap(([host, wires]) => [
          agentRecord({
            host,
            heartbeat_timestamp,
            configurations: { bridge_mappings: Object.fromEntries(wires.map((wire) => [wire, `br-${wire}`])) },
          }),
          ...(host === 'left' || host === 'right'
            ? [agentRecord({ host, heartbeat_timestamp, agent_type: 'DHCP agent', binary: 'neutron-dhcp-agent' })]
            : []),
        ]),
      ),
    );
  });
  afterAll(async () => api[Symbol.asyncDispose]());

  const vlan = (wire: string) => ({ 'provider:network_type': 'vlan', 'provider:physical_network': wire });
  const errorOf = (answer: { readonly body: { readonly NeutronError: { readonly type: string } } }) =>
    answer.body.NeutronError.type;
  const addSubnet = (more: object) =>
    api.post('/v2.0/subnets', { subnet: { ip_version: 4, enable_dhcp: false, ...more } });
  const addPort = (more: object) => api.post('/v2.0/ports', { port: { network_id: networkId, ...more } });
  const changePort = (id: string, port: object) => api.put(`/v2.0/ports/${id}`, { port });
  const routesOf = async (id: string) => (await api.get(`/v2.0/subnets/${id}`)).body.subnet.host_routes;
  const subnetsOf = (port: { readonly fixed_ips: readonly { readonly subnet_id: string }[] }) =>
    port.fixed_ips.map(({ subnet_id }) => subnet_id);

  let networkId: string;
  let segments: readonly string[];
  let leftSubnet: string;
  let rightSubnet: string;
  beforeEach(async () => {
    const network = { segments: [vlan('physnet1'), vlan('physnet2')] };
    networkId = (await api.post('/v2.0/networks', { network })).body.network.id;
    const listed = (await api.get(`/v2.0/segments?network_id=${networkId}`)).body.segments;
    segments = ['physnet1', 'physnet2'].map(
      (wire) => listed.find((each: { physical_network: string }) => each.physical_network === wire).id,
    );
    const [left, right] = segments;
    const subnet = async (cidr: string, segment_id: string | undefined) =>
      (await addSubnet({ network_id: networkId, cidr, segment_id })).body.subnet.id;
    leftSubnet = await subnet('10.1.0.0/24', left);
    rightSubnet = await subnet('10.2.0.0/24', right);
  });

  describe('a network with subnets on its segments', () => {
    it('is no single broadcast domain', async () => {
      expect((await api.get(`/v2.0/networks/${networkId}?fields=l2_adjacency`)).body.network).toEqual({
        l2_adjacency: false,
      });
      const { id } = (await api.post('/v2.0/networks', { network: vlan('physnet1') })).body.network;
      expect((await api.get(`/v2.0/networks/${id}`)).body.network.l2_adjacency).toBe(true);
    });

    it('has every subnet on one of its own segments', async () => {
      const subnet = { network_id: networkId, cidr: '10.9.0.0/24' };
      expect(errorOf(await addSubnet(subnet))).toBe('SubnetsNotAllAssociatedWithSegments');
      expect(errorOf(await addSubnet({ ...subnet, segment_id: networkId }))).toBe('SegmentNotFound');
      const other = (await api.post('/v2.0/networks', { network: vlan('physnet1') })).body.network.id;
      expect(errorOf(await addSubnet({ ...subnet, network_id: other, segment_id: segments[0] }))).toBe(
        'NetworkIdsDontMatch',
      );
      expect((await addSubnet({ ...subnet, service_types: ['network:routed'] })).status).toBe(201);
      expect(errorOf(await api.put(`/v2.0/subnets/${leftSubnet}`, { subnet: { segment_id: segments[1] } }))).toBe(
        'SubnetsNotAllAssociatedWithSegments',
      );
      expect(errorOf(await api.remove(`/v2.0/segments/${segments[0]}`))).toBe('SegmentInUse');
    });

    it('gives its subnets routes to each other, and takes them when a subnet goes', async () => {
      expect(await routesOf(leftSubnet)).toEqual([{ destination: '10.2.0.0/24', nexthop: '10.1.0.1' }]);
      expect(await routesOf(rightSubnet)).toEqual([{ destination: '10.1.0.0/24', nexthop: '10.2.0.1' }]);
      await api.remove(`/v2.0/subnets/${leftSubnet}`);
      expect(await routesOf(rightSubnet)).toEqual([]);
    });

    it('is what a network of one segment becomes when its only subnet is put there', async () => {
      const network = (await api.post('/v2.0/networks', { network: vlan('physnet1') })).body.network.id;
      const [{ id: segment_id }] = (await api.get(`/v2.0/segments?network_id=${network}`)).body.segments;
      const { id } = (await addSubnet({ network_id: network, cidr: '10.9.0.0/24' })).body.subnet;
      const change = (subnet: object) => api.put(`/v2.0/subnets/${id}`, { subnet });
      expect((await change({ segment_id })).body.subnet.segment_id).toBe(segment_id);
      expect(errorOf(await change({ segment_id: null }))).toBe('SubnetSegmentAssociationChangeNotAllowed');
    });
  });

  describe('a port of a routed network', () => {
    it('has an address of the segment that its host is on', async () => {
      for (const [host, subnet] of [
        ['left', leftSubnet],
        ['right', rightSubnet],
      ]) {
        const { port } = (await addPort({ 'binding:host_id': host })).body;
        expect(subnetsOf(port)).toEqual([subnet]);
        expect(port).toMatchObject({ ip_allocation: 'immediate', 'binding:vif_type': 'ovs' });
      }
    });

    it('waits for its host before it has an address', async () => {
      const { port } = (await addPort({})).body;
      expect(port).toMatchObject({ fixed_ips: [], ip_allocation: 'deferred' });
      const placed = (await changePort(port.id, { 'binding:host_id': 'right' })).body.port;
      expect(subnetsOf(placed)).toEqual([rightSubnet]);
      expect(placed.ip_allocation).toBe('deferred');
    });

    it('that wants no address waits for none', async () => {
      const { port } = (await addPort({ fixed_ips: [] })).body;
      expect(port).toMatchObject({ fixed_ips: [], ip_allocation: 'none' });
      expect((await changePort(port.id, { 'binding:host_id': 'right' })).body.port.fixed_ips).toEqual([]);
    });

    it('is not on a host that is on none of the segments, or on several', async () => {
      expect(errorOf(await addPort({ 'binding:host_id': 'none' }))).toBe('HostNotConnectedToAnySegment');
      expect(errorOf(await addPort({ 'binding:host_id': 'both' }))).toBe('HostConnectedToMultipleSegments');
    });

    it('moves where its addresses can be used, and nowhere else', async () => {
      const { port } = (await addPort({ fixed_ips: [{ subnet_id: leftSubnet }] })).body;
      expect(errorOf(await changePort(port.id, { 'binding:host_id': 'right' }))).toBe('HostNotCompatibleWithFixedIps');
      for (const host of ['left', 'also-left']) {
        expect((await changePort(port.id, { 'binding:host_id': host })).body.port.fixed_ips).toEqual(port.fixed_ips);
      }
      const fixed_ips = [{ subnet_id: rightSubnet }];
      expect(errorOf(await changePort(port.id, { fixed_ips }))).toBe('InvalidInput');
      const moved = (await changePort(port.id, { 'binding:host_id': 'right', fixed_ips })).body.port;
      expect(subnetsOf(moved)).toEqual([rightSubnet]);
    });

    it('has addresses of one segment only', async () => {
      const fixed_ips = [leftSubnet, rightSubnet].map((subnet_id) => ({ subnet_id }));
      expect(errorOf(await addPort({ fixed_ips }))).toBe('FixedIpsSubnetsNotOnSameSegment');
    });

    it('forms addresses of itself on its own segment only, and keeps the last of them', async () => {
      const [left, right] = await Promise.all(
        ['left', 'right'].map(async (host) => (await addPort({ 'binding:host_id': host })).body.port.id),
      );
      const slaac = { ipv6_ra_mode: 'slaac', ipv6_address_mode: 'slaac', enable_dhcp: true };
      const six = { network_id: networkId, ip_version: 6, ...slaac, segment_id: segments[0] };
      const { id } = (await addSubnet({ ...six, cidr: 'fd01::/64' })).body.subnet;
      const addressed = async (portId: string) => subnetsOf((await api.get(`/v2.0/ports/${portId}`)).body.port);
      expect(await addressed(left)).toEqual([leftSubnet, id]);
      expect(await addressed(right)).toEqual([rightSubnet]);
      await changePort(left, { fixed_ips: [] });
      expect(await addressed(left)).toEqual([id]);
      expect(errorOf(await api.remove(`/v2.0/subnets/${id}`))).toBe('SubnetInUse');
      await api.remove(`/v2.0/ports/${left}`);
      expect((await api.remove(`/v2.0/subnets/${id}`)).status).toBe(204);
    });
  });

  describe('the DHCP of a routed network', () => {
    it('is served on each segment by an agent that is on it, at an address of that segment', async () => {
      for (const id of [leftSubnet, rightSubnet])
        await api.put(`/v2.0/subnets/${id}`, { subnet: { enable_dhcp: true } });
      const { ports } = (await api.get(`/v2.0/ports?network_id=${networkId}&device_owner=network:dhcp`)).body;
      const served = Object.fromEntries(
        ports.map((port: { 'binding:host_id': string; fixed_ips: [] }) => [port['binding:host_id'], subnetsOf(port)]),
      );
      expect(served).toEqual({ left: [leftSubnet], right: [rightSubnet] });
    });

    it('is settled on each segment for itself', async () => {
      const settled = () => store.read((reader) => dhcp.unsettled(reader));
      await api.put(`/v2.0/subnets/${leftSubnet}`, { subnet: { enable_dhcp: true } });
      expect(await settled()).not.toContain(networkId);
      // As it comes when no agent was on the segment at the time.
      const write = (work: (writer: Writer) => Promise<unknown>) => store.write(serverContext('req-test'), work);
      await write((writer) => writer.update(subnet, rightSubnet, { enable_dhcp: true }));
      expect(await settled()).toContain(networkId);
      await write((writer) => dhcp.syncNetwork({ context: serverContext('req-test'), store: writer }, networkId));
      expect(await settled()).not.toContain(networkId);
    });
  });
});
