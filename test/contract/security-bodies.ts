// What the requests of a sequence say about security groups, address groups and sharing.

import fc from 'fast-check';
import { named, oddNamed, pick, reference, some } from './body.ts';

const groupChanges = { ...named, stateful: pick(true, 'False', true, true) };
const oddGroup = {
  ...oddNamed,
  name: ['x'.repeat(256), 'default', 'Default'],
  stateful: ['maybe', false],
  security_group_rules: [[]],
  shared: [true],
  id: ['00000000-0000-4000-8000-000000000001'],
  colour: ['unknown to both'],
};
export const securityGroup = some(groupChanges, oddGroup);
export const securityGroupChange = some(groupChanges, oddGroup);

const oddTraffic = {
  direction: ['INGRESS', 'both'],
  ethertype: ['ipv4', 'IPV6', 'ipv5', 4],
  protocol: ['nonsense', 256, '256', -1, 'ICMP', 'icmpv6', 58, '1', 0, 'gre', 'TCP', 132],
  port_range_min: [0, 65_536, '22', 'ssh', -1],
  port_range_max: [0, 65_535, 65_536, '22', 21, 255, 256],
  remote_ip_prefix: ['10.0.0.0/33', 'x', '::/0', '10.7.0.5/24', 'fd00::1', '0.0.0.0/0', 7],
  remote_group_id: ['$security_group.0', '$security_group.1', '00000000-0000-4000-8000-000000000001'],
  remote_address_group_id: ['$address_group.0', '00000000-0000-4000-8000-000000000001'],
  normalized_cidr: ['10.7.0.0/24'],
  name: ['rules have none'],
};

/** Consistent in itself: a family, a protocol, and what both allow. */
const traffic = fc.oneof(
  fc.record({ protocol: pick('tcp', 'udp', 'TCP', '6', 17, 'sctp'), ports: pick([22, 22], [80, 443], [1, 65_535]) }),
  fc.record({ protocol: pick('icmp', '1', 1), ports: pick([8, 0], [8, null], [null, null], [3, 255]) }),
  fc.record({ protocol: pick(null, 'vrrp', '112', 'esp', 'gre'), ports: fc.constant([null, null]) }),
);
const remote = fc.oneof(
  fc.constant({}),
  fc.record({ remote_ip_prefix: pick('10.7.0.0/24', '10.7.0.5/24', '10.7.0.5', '0.0.0.0/0', null, '') }),
  fc.record({ remote_group_id: reference('security_group') }),
  fc.record({ remote_address_group_id: reference('address_group') }),
);
const plainRule = fc
  .tuple(
    fc.record({
      security_group_id: reference('security_group'),
      direction: fc.constantFrom('ingress', 'ingress', 'egress'),
      description: fc.constantFrom('', 'some words'),
    }),
    traffic,
    remote,
    fc.constantFrom({}, {}, { ethertype: 'IPv4' }, { ethertype: 'IPv6' }),
  )
  .map(([rule, { protocol, ports }, far, family]) => {
    const [port_range_min, port_range_max] = ports as readonly unknown[];
    return { ...rule, ...family, ...far, protocol, port_range_min, port_range_max };
  });
const oddRule = some(
  {
    security_group_id: reference('security_group'),
    direction: pick('ingress', 'egress'),
    protocol: pick('tcp', 'icmp', 'udp'),
    ethertype: pick('IPv4', 'IPv6'),
  },
  oddTraffic,
  ['security_group_id', 'direction'],
);
export const securityGroupRule = fc.oneof({ weight: 2, arbitrary: plainRule }, { weight: 1, arbitrary: oddRule });

const addressGroupChanges = named;
const oddAddressGroup = {
  name: ['x'.repeat(256)],
  description: ['x'.repeat(1025), 'x'.repeat(1024)],
  addresses: [['10.0.0.1'], ['x'], ['10.0.0.0/8', '10.0.0.0/8'], ['10.7.0.5/24', '10.7.0.6/24'], null],
  shared: [true],
  colour: ['unknown to both'],
};
export const addressGroup = some(
  { ...addressGroupChanges, addresses: pick(['10.7.0.0/24', 'fd00::/64'], ['10.7.0.5/32'], []) },
  oddAddressGroup,
);
export const addressGroupChange = some(addressGroupChanges, oddAddressGroup);
export const addresses = fc.record({
  addresses: pick(
    ['10.7.0.0/24'],
    ['10.7.0.5/32'],
    ['10.7.0.9/24'],
    ['fd00::5'],
    ['10.8.0.0/24', '10.8.1.0/24'],
    ['10.8.0.0/24'],
    [],
  ),
});

export const rbacPolicyChange = some(
  { target_tenant: pick('$project(stranger)', '$project(admin)') },
  { target_tenant: ['*', 'x'.repeat(256)], action: ['access_as_shared'], object_type: ['network'], colour: [1] },
);
/** Not of subnet pools: the reference locks its own database when one is shared. */
export const rbacPolicy = fc.constantFrom('network', 'security_group', 'address_group').chain((type) =>
  some(
    {
      object_type: fc.constant(type),
      object_id: reference(type),
      action: fc.constant('access_as_shared'),
      target_tenant: pick('$project(stranger)', '$project(stranger)', '$project(admin)'),
    },
    {
      object_type: ['port', 'nonsense', ' Network '],
      object_id: ['00000000-0000-4000-8000-000000000001'],
      action: ['access_as_nothing'],
      target_tenant: ['*', 'x'.repeat(256)],
    },
    ['object_type', 'object_id', 'action', 'target_tenant'],
  ),
);
