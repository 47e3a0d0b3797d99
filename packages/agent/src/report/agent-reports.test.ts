import { viewOf } from '@neutronium/model/host-view';
import { cidr } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import { expect, it } from 'vitest';
import { agentReports, type ReportedConfiguration } from './agent-reports.ts';

const configuration: ReportedConfiguration = {
  integrationBridge: 'br-int',
  bridgeMappings: { physnet1: 'br-ex' },
  datapathType: 'netdev',
  firewallDriver: 'openvswitch',
  ovsRunDir: '/var/run/openvswitch',
  availabilityZone: 'nova',
  agentMode: 'legacy',
  tunnels: { localIp: ip('192.0.2.1'), types: ['gre', 'vxlan'] },
  metadata: { proxySocket: '/state/metadata/proxy.sock', novaHost: '192.0.2.1', novaPort: 8775 },
};
const capabilities = { datapath_types: ['netdev'], iface_types: ['internal', 'patch', 'system'] };

it('shows the agents as operators know them', async () => {
  const subnet = {
    section: 'subnets',
    id: 's',
    network_id: 'n',
    ip_version: 4,
    cidr: cidr('10.0.0.0/24'),
    gateway_ip: null,
    enable_dhcp: true,
    dns_nameservers: [],
    host_routes: [],
    address_scope_id: null,
    ipv6_ra_mode: null,
    ipv6_address_mode: null,
  } as const;
  const view = viewOf(1, [
    { section: 'dhcp', id: 'n', port_id: 'p' },
    subnet,
    { ...subnet, id: 'elsewhere', network_id: 'not served here' },
  ]);
  const reports = agentReports(configuration, { view, devices: 3, capabilities });
  await expect(`${JSON.stringify(reports, null, 2)}\n`).toMatchFileSnapshot('golden/agent-reports.json');
});

it('has no end of tunnels, and nothing that comes with them, where there are none', () => {
  const [agent] = agentReports({ ...configuration, tunnels: null }, { view: null, devices: 0, capabilities });
  expect(agent?.configurations).toMatchObject({ tunneling_ip: null, tunnel_types: [], l2_population: false });
});

it('shows no metadata agent where there is no metadata service', () => {
  const reports = agentReports({ ...configuration, metadata: null }, { view: null, devices: 0, capabilities });
  expect(reports.map((report) => report.agent_type)).toEqual(['Open vSwitch agent', 'DHCP agent', 'L3 agent']);
});

it('can be made before anything is known', () => {
  const [, dhcp] = agentReports(configuration, { view: null, devices: 0, capabilities });
  expect(dhcp?.configurations).toMatchObject({ networks: 0, subnets: 0, ports: 0 });
});
