// Arbitrary sequences of requests about hosts and their agents, and about networks as operators lay them out: segments,
// routed networks, ranges of ids, bindings. Everything stands on the agents of agents.ts.

import fc from 'fast-check';
import { reference } from './body.ts';
import { at, given, merged, pick, reading, removing, writing } from './single-requests.ts';
import type { Caller, Step } from './step.ts';

const nobody = '00000000-0000-4000-8000-000000000001';

const agents = fc.oneof(
  reading(
    'agents?host=left',
    'agents?agent_type=DHCP%20agent&fields=host&fields=availability_zone',
    'agents?admin_state_up=false&fields=host',
    'agents?alive=true&fields=host',
    'agents?availability_zone=attic&fields=binary',
    'agents?binary=neutron-dhcp-agent&topic=dhcp_agent&fields=topic',
    'agents?description=old&fields=host&fields=description',
    'agents?colour=red',
    'agents?configurations=x',
    'agents?id=x',
    'agents/none',
    at('agents', 'agent'),
    'availability_zones',
    'availability_zones?resource=network',
    'availability_zones?name=attic&state=available',
    'availability_zones?name=nowhere',
    'availability_zones?colour=red',
    'availability_zones?fields=name',
  ),
  writing({
    method: 'PUT',
    path: at('agents', 'agent'),
    body: fc
      .constantFrom<object>(
        { admin_state_up: true },
        { admin_state_up: true },
        { admin_state_up: 'false' },
        { description: 'old' },
        { description: '' },
        { description: null },
        { description: 7 },
        { host: 'x' },
        { alive: false },
        { admin_state_up: null },
        { admin_state_up: 'rubbish' },
        { configurations: {} },
        { colour: 'red' },
        {},
      )
      .map((agent) => ({ agent })),
  }),
  writing({ method: 'POST', path: 'agents', body: fc.constant({ agent: { host: 'x' } }) }),
  removing(`agents/${nobody}`),
  removing('agents/none'),
);

const dhcp = fc.oneof(
  reading(
    at('networks', 'network').map((path) => `${path}/dhcp-agents`),
    'networks/none/dhcp-agents',
  ),
  reading(
    at('agents', 'agent').map((path) => `${path}/dhcp-networks`),
    'agents/none/dhcp-networks',
  ),
  writing({
    method: 'POST',
    path: at('agents', 'agent').map((path) => `${path}/dhcp-networks`),
    body: fc.oneof(
      reference('network').map((network_id) => ({ network_id })),
      pick({}, { network_id: nobody }, { network: '$network.0' }),
    ),
  }),
  removing(fc.tuple(at('agents', 'agent'), reference('network')).map(([path, id]) => `${path}/dhcp-networks/${id}`)),
  removing(at('agents', 'agent').map((path) => `${path}/dhcp-networks/${nobody}`)),
);

/** A VLAN's id is named on physnet2 only: physnet1's are drawn by the servers, each as it likes. */
const network = fc.oneof(
  merged(
    given('name', undefined, 'a'),
    given('availability_zone_hints', undefined, ['attic'], ['attic', 'cellar'], ['roof'], [], 'attic'),
  ),
  merged(
    given('name', undefined, 'a'),
    pick(
      {},
      { 'provider:network_type': 'vlan', 'provider:physical_network': 'physnet1' },
      { 'provider:network_type': 'vlan', 'provider:physical_network': 'elsewhere' },
      { 'provider:network_type': 'vlan', 'provider:physical_network': 'new' },
      { 'provider:network_type': 'vlan', 'provider:physical_network': 'physnet2', 'provider:segmentation_id': 170 },
      {
        segments: [
          { 'provider:network_type': 'vlan', 'provider:physical_network': 'physnet1' },
          { 'provider:network_type': 'vlan', 'provider:physical_network': 'physnet2', 'provider:segmentation_id': 171 },
        ],
      },
    ),
  ),
);

/** One wire each: Neutron tries for minutes to give a network a segment of the type and wire of one that it has. */
const segment = merged(
  given('network_id', '$network.0', '$network.0', '$network.1', nobody),
  pick(
    { network_type: 'vlan', physical_network: 'physnet2', segmentation_id: 180 },
    { network_type: 'vlan', physical_network: 'physnet1', segmentation_id: 2500, name: 's', description: 'some words' },
    { network_type: 'flat', physical_network: 'wire' },
    { network_type: 'vlan', physical_network: 'elsewhere', segmentation_id: 7 },
    { network_type: 'vlan', segmentation_id: 7 },
    { network_type: 'vlan', physical_network: 'physnet2', segmentation_id: 4095 },
    { network_type: 'vlan', physical_network: 'physnet2', segmentation_id: 180, colour: 'red' },
  ),
);
const segments = fc.oneof(
  reading(
    'segments?network_id=$network.0',
    'segments?network_id=$routed.0&physical_network=physnet2',
    'segments?network_id=$network.0&name=s',
    at('segments', 'segment'),
  ),
  writing({ method: 'POST', path: 'segments', body: segment.map((body) => ({ segment: body })), creates: 'segment' }),
  writing({
    method: 'PUT',
    path: at('segments', 'segment'),
    body: pick({ name: 's' }, { name: null }, { description: 'some words' }, { network_type: 'flat' }, { name: 7 }).map(
      (body) => ({ segment: body }),
    ),
  }),
  removing(at('segments', 'segment')),
);

const prefixes = ['10.1.0.0/24', '10.2.0.0/24', '10.3.0.0/24', '10.4.0.0/24', '10.0.0.0/16'];
const subnet = merged(
  given('network_id', '$routed.0', '$routed.0', '$routed.0', '$network.0', '$network.1'),
  given(
    'segment_id',
    '$segment.0',
    '$segment.0',
    '$segment.1',
    '$segment.1',
    '$segment.2',
    undefined,
    null,
    nobody,
    'x',
  ),
  pick({}, {}, {}, { gateway_ip: null }, { host_routes: [{ destination: '10.0.0.0/8', nexthop: '10.1.0.9' }] }),
  given('service_types', undefined, undefined, undefined, ['network:routed'], ['compute:nova']),
  fc.constantFrom(...prefixes).map((cidr) => ({ ip_version: 4, cidr, enable_dhcp: false })),
);
const subnets = fc.oneof(
  writing({
    method: 'POST',
    path: 'subnets',
    body: subnet.map((body) => ({ subnet: body })),
    creates: 'subnet',
    as: fc.constantFrom<Caller>('admin', 'admin', 'admin', 'owner'),
  }),
  reading(
    at('subnets', 'subnet'),
    'subnets?network_id=$routed.0',
    'subnets?segment_id=$segment.0&fields=cidr&fields=host_routes',
    'subnets?segment_id=x',
    'networks/$routed.0?fields=l2_adjacency&fields=name',
    'networks/$network.0?fields=l2_adjacency',
  ),
  writing({
    method: 'PUT',
    path: at('subnets', 'subnet'),
    body: pick(
      { segment_id: '$segment.0' },
      { segment_id: '$segment.1' },
      { segment_id: null },
      { gateway_ip: null },
      { gateway_ip: '10.1.0.1' },
      { gateway_ip: '10.2.0.1' },
      { host_routes: [] },
      { host_routes: [{ destination: '10.2.0.0/24', nexthop: '10.1.0.9' }] },
      { name: 'a' },
    ).map((body) => ({ subnet: body })),
  }),
  removing(at('subnets', 'subnet')),
);

const hosts = ['left', 'left', 'right', 'right', 'nowhere', '', undefined, undefined];
const addresses = [
  undefined,
  undefined,
  undefined,
  [],
  [{ subnet_id: '$subnet.0' }],
  [{ subnet_id: '$subnet.1' }],
  [{ subnet_id: '$subnet.0' }, { subnet_id: '$subnet.1' }],
  [{ ip_address: '10.1.0.77' }],
];
const port = merged(
  given('network_id', '$routed.0', '$routed.0', '$routed.0', '$network.0'),
  given('binding:host_id', ...hosts),
  given('fixed_ips', ...addresses),
  pick({}, { device_owner: 'compute:nova', device_id: 'vm' }, { device_owner: 'compute:nova', device_id: 'vm' }),
);
const onPort = at('ports', 'port').map((path) => `${path}/bindings`);
const ports = fc.oneof(
  writing({
    method: 'POST',
    path: 'ports',
    body: port.map((body) => ({ port: body })),
    creates: 'port',
    as: fc.constantFrom<Caller>('admin', 'admin', 'admin', 'owner'),
  }),
  writing({
    method: 'PUT',
    path: at('ports', 'port'),
    body: merged(given('binding:host_id', ...hosts), given('fixed_ips', ...addresses)).map((body) => ({ port: body })),
    as: fc.constant('admin'),
  }),
  reading(at('ports', 'port'), 'ports?network_id=$routed.0&ip_allocation=deferred'),
  removing(at('ports', 'port')),
);
/** Of administrators and services: to the others, Neutron 21 answers 500. Those that it has itself, later releases take
 * from services alone. */
const bindings = fc.oneof(
  onPort.map((path): Step => ({ as: 'admin', method: 'GET', path: `/v2.0/${path}` })),
  fc
    .tuple(onPort, fc.constantFrom('left', 'right', 'nowhere'))
    .map(([path, host]): Step => ({ as: 'admin', method: 'GET', path: `/v2.0/${path}/${host}` })),
);

const ofVxlan = { network_type: 'vxlan' };
const range = merged(
  given('name', undefined, 'a', 7),
  fc.oneof(
    { weight: 4, arbitrary: given('project_id', '$project(owner)').map((owned) => ({ ...owned, shared: false })) },
    { weight: 1, arbitrary: pick({}, { shared: true, project_id: '$project(owner)' }, { shared: 'maybe' }) },
  ),
  pick(
    { ...ofVxlan, minimum: 12_000, maximum: 12_002 },
    { ...ofVxlan, minimum: '12003', maximum: 12_004 },
    { ...ofVxlan, minimum: 12_002, maximum: 12_003 },
    { network_type: 'vlan', physical_network: 'physnet1', minimum: 1050, maximum: 1052 },
    { network_type: 'vlan', physical_network: 'new', minimum: 1060, maximum: 1062 },
    { network_type: 'gre', minimum: 12_000, maximum: 12_001 },
    { network_type: 'vlan', minimum: 1, maximum: 2 },
    { network_type: 'vlan', physical_network: null, minimum: 1, maximum: 2 },
    { network_type: 'vlan', physical_network: 'physnet1', minimum: 1, maximum: 4095 },
    { ...ofVxlan, minimum: 12_003, maximum: 12_002 },
    { ...ofVxlan, minimum: 0, maximum: 5 },
    { ...ofVxlan, minimum: 1, maximum: 2 ** 32 },
    { ...ofVxlan, minimum: 1 },
    { ...ofVxlan, minimum: 'x', maximum: 5 },
    { network_type: 'flat', minimum: 1, maximum: 2 },
    { ...ofVxlan, minimum: 1, maximum: 2, used: {} },
    { ...ofVxlan, minimum: 1, maximum: 2, default: true },
  ),
);
const ranges = fc.oneof(
  writing({
    method: 'POST',
    path: 'network-segment-ranges',
    body: range.map((body) => ({ network_segment_range: body })),
    creates: 'range',
  }),
  writing({
    method: 'PUT',
    path: at('network_segment_ranges', 'range', 'default-range'),
    body: pick(
      { name: 'b' },
      { description: 'some words' },
      { minimum: 11_990 },
      { maximum: 12_010 },
      { minimum: 12_001, maximum: 12_001 },
      { minimum: 12_900 },
      { shared: true },
      { network_type: 'gre' },
      { maximum: null },
    ).map((body) => ({ network_segment_range: body })),
  }),
  reading(
    at('network_segment_ranges', 'range', 'default-range'),
    'network_segment_ranges?network_type=vxlan',
    'network_segment_ranges?project_id=$project(owner)',
    'network_segment_ranges?name=a&fields=name&fields=used',
    'network_segment_ranges?physical_network=physnet1&sort_key=name&sort_dir=asc&fields=network_type',
    'network_segment_ranges?minimum=5',
    'network_segment_ranges?shared=true',
    'network_segment_ranges?default=true',
    'network_segment_ranges?sort_key=minimum&sort_dir=asc',
    'network_segment_ranges?network_type=pigeon',
    'network_segment_ranges/none',
  ),
  removing(at('network_segment_ranges', 'range', 'default-range')),
);

const networks = fc.oneof(
  writing({
    method: 'POST',
    path: 'networks',
    body: network.map((body) => ({ network: body })),
    creates: 'network',
    as: fc.constantFrom<Caller>('admin', 'admin', 'owner'),
  }),
  // The ranges of the owner are asked for ids.
  fc.constant<Step>({
    as: 'owner',
    method: 'POST',
    path: '/v2.0/networks',
    creates: 'network',
    body: { network: { name: 'plain' } },
  }),
  reading(at('networks', 'network')),
  removing(at('networks', 'network')),
);

const routed = ['physnet1', 'physnet2'].map((wire) => ({
  'provider:network_type': 'vlan',
  'provider:physical_network': wire,
  ...(wire === 'physnet2' ? { 'provider:segmentation_id': 190 } : {}),
}));
const foundation: readonly Step[] = [
  ...['left', 'right'].flatMap((host) =>
    ['Open%20vSwitch', 'DHCP'].map((kind): Step => ({
      as: 'admin',
      method: 'GET',
      path: `/v2.0/agents?host=${host}&agent_type=${kind}%20agent`,
      names: 'agent',
    })),
  ),
  {
    as: 'admin',
    method: 'GET',
    path: '/v2.0/network_segment_ranges?network_type=geneve',
    names: 'default-range',
  },
  {
    as: 'admin',
    method: 'POST',
    path: '/v2.0/networks',
    creates: 'routed',
    body: { network: { name: 'routed', segments: routed } },
  },
  {
    as: 'admin',
    method: 'GET',
    path: '/v2.0/segments?network_id=$routed.0&sort_key=physical_network&sort_dir=asc',
    names: 'segment',
  },
  ...['10.1.0.0/24', '10.2.0.0/24'].map((cidr, index): Step => ({
    as: 'admin',
    method: 'POST',
    path: '/v2.0/subnets',
    creates: 'subnet',
    body: {
      subnet: {
        network_id: '$routed.0',
        ip_version: 4,
        cidr,
        enable_dhcp: false,
        segment_id: `$segment.${index}`,
      },
    },
  })),
  {
    as: 'admin',
    method: 'POST',
    path: '/v2.0/networks',
    creates: 'network',
    body: { networks: [{ name: 'n0' }, { name: 'n1' }] },
  },
];

export const hostLayoutSequence: fc.Arbitrary<readonly Step[]> = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: agents },
      { weight: 3, arbitrary: dhcp },
      { weight: 3, arbitrary: networks },
      { weight: 3, arbitrary: segments },
      { weight: 5, arbitrary: subnets },
      { weight: 7, arbitrary: ports },
      { weight: 2, arbitrary: bindings },
      { weight: 6, arbitrary: ranges },
    ),
    { minLength: 15, maxLength: 40, size: 'max' },
  )
  .map((steps) => [...foundation, ...steps]);
