// The extensions of the Networking API that this server offers. Clients look them up by alias before they use what an
// extension brings; the names and descriptions are for people. Which attributes, resources and actions an extension
// brings is said where those are declared.

import { attributesOf, type AnyResource } from './resource.ts';

export interface Extension {
  readonly alias: string;
  readonly name: string;
  readonly description: string;
  /** When the extension's definition last changed, as the API's own definition of it says. */
  readonly updated: string;
}

const table: readonly (readonly [alias: string, name: string, description: string, updated: string])[] = [
  [
    'aap-reject-multicast',
    'Allowed address pairs reject multicast',
    'Further addresses of a port must be those of one device.',
    '2026-04-01T00:00:00-00:00',
  ],
  [
    'agent-resources-synced',
    'Agents and the placement service',
    'Agents say whether the placement service knows what they offer.',
    '2018-12-19T00:00:00-00:00',
  ],
  ['agent_sort_key', 'Agent sort keys', 'Lists of agents can be sorted.', '2013-02-03T10:00:00-00:00'],
  ['agent', 'Agents', 'Lists the agents of hosts and what they report about themselves.', '2013-02-03T10:00:00-00:00'],
  [
    'allowed-address-pairs',
    'Allowed address pairs',
    'Ports may send from further addresses than their own.',
    '2013-07-23T10:00:00-00:00',
  ],
  [
    'availability_zone_filter',
    'Availability zone filters',
    'Lists of availability zones can be filtered.',
    '2018-06-22T10:00:00-00:00',
  ],
  [
    'availability_zone',
    'Availability zones',
    'Agents and lists tell which zone a host is in.',
    '2015-01-01T10:00:00-00:00',
  ],
  [
    'binding-extended',
    'Bindings to several hosts',
    'Ports can be bound to the hosts that their instances are about to move to.',
    '2017-07-17T10:00:00-00:00',
  ],
  [
    'binding',
    'Port binding',
    'Ports say which host they are on and how they are plugged in there.',
    '2014-02-03T10:00:00-00:00',
  ],
  [
    'data-plane-status',
    'Port data plane status',
    'A monitor can say whether the wire below a port works.',
    '2017-01-24T10:00:00-00:00',
  ],
  [
    'default-subnetpools',
    'Default subnet pools',
    'Subnets can be taken from a default pool.',
    '2016-02-18T18:00:00-00:00',
  ],
  [
    'dhcp_agent_scheduler',
    'DHCP agent scheduler',
    'Networks can be given to DHCP agents and taken from them.',
    '2013-02-07T10:00:00-00:00',
  ],
  ['dns-domain-ports', 'DNS domain of ports', 'Ports have a domain of their own.', '2017-04-24T10:00:00-00:00'],
  [
    'dns-integration-domain-keywords',
    'Words in DNS domains',
    'Domains can name the project or user by a word that is filled in.',
    '2020-06-15T18:00:00-00:00',
  ],
  ['dns-integration', 'DNS integration', 'Ports have host names, networks have domains.', '2015-08-15T18:00:00-00:00'],
  [
    'empty-string-filtering',
    'Empty filters',
    'Lists can be searched for attributes that are empty text.',
    '2018-05-01T10:00:00-00:00',
  ],
  [
    'external-net',
    'External networks',
    'Networks can be marked as the way out for routers.',
    '2013-01-14T10:00:00-00:00',
  ],
  ['extra_dhcp_opt', 'Extra DHCP options', 'Ports have DHCP options of their own.', '2013-03-17T12:00:00-00:00'],
  [
    'filter-validation',
    'Filter validation',
    'A filter by something that cannot be filtered by is refused.',
    '2018-07-04T10:00:00-00:00',
  ],
  [
    'ip-substring-filtering',
    'IP address substring filters',
    'Ports can be found by part of an address.',
    '2017-11-28T09:00:00-00:00',
  ],
  ['ip_allocation', 'IP allocation', 'Ports say when they get their addresses.', '2016-06-10T23:00:00-00:00'],
  [
    'l2_adjacency',
    'Layer 2 adjacency',
    'Networks say whether they are one broadcast domain.',
    '2016-04-12T16:00:00-00:00',
  ],
  ['multi-provider', 'Multi-provider networks', 'A network can span several segments.', '2013-06-27T10:00:00-00:00'],
  [
    'net-mtu-writable',
    'Writable network MTU',
    "The size of a network's packets can be set.",
    '2017-07-12T00:00:00-00:00',
  ],
  [
    'network-cascade-delete',
    'Networks deleted with their ports',
    'A network can be deleted together with the ports on it.',
    '2020-01-01T10:00:00-00:00',
  ],
  [
    'network-ip-availability',
    'Network IP availability',
    'Counts the addresses of networks, and those that are taken.',
    '2015-09-24T00:00:00-00:00',
  ],
  [
    'network-ip-availability-details',
    'Network IP availability details',
    'Counts the addresses of subnets and of their allocation pools apart.',
    '2025-10-31T00:00:00-00:00',
  ],
  [
    'network-segment-range',
    'Network segment ranges',
    'Ranges of ids can be given to projects, and taken from them.',
    '2018-11-29T00:00:00-00:00',
  ],
  ['net-mtu', 'Network MTU', 'Networks show the size of their packets.', '2015-03-25T10:00:00-00:00'],
  [
    'network_ha',
    'Networks for highly available routers',
    'A network can be made for the agents of highly available routers to watch each other over.',
    '2023-04-27T10:00:00-00:00',
  ],
  [
    'network_availability_zone',
    'Network availability zones',
    'Networks have hints for the zones that serve them.',
    '2015-01-01T10:00:00-00:00',
  ],
  ['pagination', 'Pagination', 'Lists come in pages.', '2016-06-12T00:00:00-00:00'],
  ['port-device-profile', 'Port device profile', 'Ports name an accelerator profile.', '2020-12-17T10:00:00-00:00'],
  [
    'port-hardware-offload-type',
    'Hardware offload of ports',
    'Ports say how their card forwards in place of the host.',
    '2023-05-09T10:00:00-00:00',
  ],
  [
    'port-hint-ovs-tx-steering',
    'Port hint: Tx steering of Open vSwitch',
    'Ports can hint at how Open vSwitch chooses the queue of a packet.',
    '2023-01-01T00:00:00-00:00',
  ],
  ['port-hints', 'Port hints', 'Ports hint at how they should be forwarded for.', '2023-01-01T00:00:00-00:00'],
  [
    'port-mac-address-regenerate',
    'New MAC address on request',
    'A MAC address of null in an update gives the port a new one.',
    '2018-05-03T10:00:00-00:00',
  ],
  [
    'port-mac-override',
    'MAC address override',
    'The MAC address of a port that a physical function replaced can be set.',
    '2022-03-18T10:00:00-00:00',
  ],
  [
    'port-numa-affinity-policy-socket',
    'Port NUMA affinity policy: socket',
    'The policy can ask for the same socket.',
    '2024-02-09T10:00:00-00:00',
  ],
  [
    'port-numa-affinity-policy',
    'Port NUMA affinity policy',
    'Ports say how close to their card an instance must run.',
    '2020-07-08T10:00:00-00:00',
  ],
  [
    'port-security',
    'Port security',
    'Ports and networks can switch the check of source addresses off.',
    '2012-07-23T10:00:00-00:00',
  ],
  [
    'port-trusted-vif',
    'Trusted ports',
    'Administrators say whether the card of a port may change what it is.',
    '2024-07-10T10:00:00-00:00',
  ],
  ['project-id', 'Project id', 'The owner of an object is in project_id.', '2016-09-09T09:09:09-09:09'],
  [
    'provider',
    'Provider networks',
    'Administrators see and choose how a network is carried.',
    '2012-09-07T10:00:00-00:00',
  ],
  [
    'quota-check-limit',
    'Quota limit check',
    'A quota below what is in use can be refused.',
    '2021-09-08T16:00:00-00:00',
  ],
  [
    'quota-check-limit-default',
    'Quota limit check by default',
    'A quota below what is in use is refused unless the request forces it.',
    '2024-08-21T16:00:00-00:00',
  ],
  ['quota_details', 'Quota details', 'Quotas show what is in use.', '2017-02-10T10:00:00-00:00'],
  ['quotas', 'Quotas', 'Limits how many objects a project may have.', '2012-07-29T10:00:00-00:00'],
  [
    'revision-if-match',
    'Revision constraints',
    'If-Match makes a change conditional on a revision number.',
    '2016-12-11T00:00:00-00:00',
  ],
  [
    'sort-key-validation',
    'Sort key validation',
    'An order by something that has none is refused.',
    '2018-07-04T10:00:00-00:00',
  ],
  ['sorting', 'Sorting', 'Lists come in the order that is asked for.', '2016-06-12T00:00:00-00:00'],
  ['standard-attr-description', 'Descriptions', 'Objects have a description.', '2016-02-10T10:00:00-00:00'],
  [
    'standard-attr-revisions',
    'Revision numbers',
    'Objects have a number that grows with every change.',
    '2016-04-11T10:00:00-00:00',
  ],
  ['standard-attr-tag', 'Tags', 'Objects have tags, by which lists are searched.', '2017-01-01T00:00:00-00:00'],
  [
    'standard-attr-timestamp',
    'Timestamps',
    'Objects tell when they were created and changed.',
    '2016-09-12T10:00:00-00:00',
  ],
  [
    'subnet-dns-publish-fixed-ip',
    'Publishing of fixed IPs',
    'Subnets say whether the names of their addresses are for the outside.',
    '2019-05-24T10:00:00-00:00',
  ],
  [
    'subnet-external-network',
    'External subnets',
    'Subnets tell whether their network is external.',
    '2024-02-05T18:00:00-00:00',
  ],
  [
    'subnet-service-types',
    'Subnet service types',
    'Subnets can be reserved for kinds of devices.',
    '2016-03-15T18:00:00-00:00',
  ],
  [
    'segments-peer-subnet-host-routes',
    'Routes between segments',
    'Subnets of a routed network have routes to those of its other segments.',
    '2018-06-12T10:00:00-00:00',
  ],
  [
    'subnet-segmentid-writable',
    'Writable segments of subnets',
    'A subnet can be put on the only segment of its network later.',
    '2018-03-12T00:00:00-00:00',
  ],
  ['segment', 'Segments', 'The ways in which networks are carried are objects.', '2016-02-24T17:00:00-00:00'],
  [
    'standard-attr-segment',
    'Standard attributes of segments',
    'Segments have times and a revision.',
    '2018-04-09T10:00:00-00:00',
  ],
  ['subnet_allocation', 'Subnet pools', 'Subnets can be carved from pools of prefixes.', '2015-03-30T10:00:00-00:00'],
  ['subnet_onboard', 'Subnet onboarding', 'Existing subnets can be moved into a pool.', '2018-12-18T09:00:00-00:00'],
  [
    'subnetpool-prefix-ops',
    'Subnet pool prefix operations',
    'Prefixes can be added to a pool and taken from it.',
    '2019-02-08T10:00:00-00:00',
  ],
  [
    'tag-creation',
    'Tag creation',
    'Tags can be added without naming those that are there.',
    '2024-23-07T10:00:00-00:00',
  ],
  [
    'tag-ports-during-bulk-creation',
    'Tags of new ports',
    'Ports can be created with tags.',
    '2019-12-29T19:00:00-00:00',
  ],
  [
    'trunk-details',
    'Trunks on ports',
    'The parent port of a trunk shows the ports behind it.',
    '2016-01-01T10:00:00-00:00',
  ],
  ['trunk', 'Trunks', 'An instance reaches several networks by one device.', '2016-01-01T10:00:00-00:00'],
  [
    'uplink-status-propagation-updatable',
    'Updatable uplink status propagation',
    'Whether a port shows it can be changed.',
    '2024-09-03T18:00:00-00:00',
  ],
  [
    'uplink-status-propagation',
    'Uplink status propagation',
    "Ports can show the state of the host's uplink.",
    '2018-05-31T18:00:00-00:00',
  ],
  // Security groups, and sharing with single projects
  [
    'address-group',
    'Address groups',
    'Rules of security groups can name addresses together.',
    '2020-07-15T10:00:00-00:00',
  ],
  [
    'port-security-groups-filtering',
    'Ports by security group',
    'Lists of ports can be filtered by security group.',
    '2018-01-09T09:00:00-00:00',
  ],
  [
    'rbac-address-group',
    'Sharing of address groups',
    'Address groups can be shared with single projects.',
    '2021-01-20T00:00:00-00:00',
  ],
  [
    'rbac-address-scope',
    'Sharing of address scopes',
    'Address scopes can be shared with single projects.',
    '2020-02-12T00:00:00-00:00',
  ],
  ['rbac-policies', 'RBAC policies', 'Objects can be shared with single projects.', '2015-06-17T12:15:12-00:00'],
  [
    'rbac-security-groups',
    'Sharing of security groups',
    'Security groups can be shared with single projects.',
    '2019-02-14T00:00:00-00:00',
  ],
  [
    'rbac-subnetpool',
    'Sharing of subnet pools',
    'Subnet pools can be shared with single projects.',
    '2020-02-05T00:00:00-00:00',
  ],
  [
    'security-group',
    'Security groups',
    'Rules say what traffic the ports of a group admit.',
    '2012-10-05T10:00:00-00:00',
  ],
  [
    'security-groups-default-rules',
    'Default rules of security groups',
    'Templates say which rules new groups start with.',
    '2022-12-19T10:00:00-00:00',
  ],
  [
    'security-groups-default-statefulness',
    'Statefulness of new security groups',
    'Projects say whether their new security groups are stateful.',
    '2026-04-13T00:00:00-00:00',
  ],
  [
    'security-groups-normalized-cidr',
    'Normalized prefixes of rules',
    'Rules show the prefix of the far end without host bits.',
    '2020-07-28T10:00:00-00:00',
  ],
  [
    'security-groups-remote-address-group',
    'Remote address groups',
    'The far end of a rule can be an address group.',
    '2020-08-25T10:00:00-00:00',
  ],
  [
    'security-groups-rules-belongs-to-default-sg',
    'Rules of default groups',
    'Rules tell whether their group is the default one.',
    '2023-05-23T10:00:00-00:00',
  ],
  [
    'security-groups-shared-filtering',
    'Shared security groups',
    'Lists of security groups can be filtered by whether they are shared.',
    '2021-10-05T09:00:00-00:00',
  ],
  [
    'stateful-security-group',
    'Stateful security groups',
    'Groups tell whether they admit the answers to what they admit.',
    '2019-11-26T09:00:00-00:00',
  ],
];

/** Routers and what belongs to them. */
const routing: typeof table = [
  [
    'address-scope',
    'Address scopes',
    'Subnet pools of one scope share no address, so routers forward between them untranslated.',
    '2015-07-26T10:00:00-00:00',
  ],
  [
    'auto-allocated-topology',
    'Auto-allocated topology',
    'A project gets a network with a way out by asking for it.',
    '2016-01-01T00:00:00-00:00',
  ],
  [
    'expose-l3-conntrack-helper',
    'Conntrack helpers of routers',
    'Routers show their conntrack helpers.',
    '2019-04-04T10:00:00-00:00',
  ],
  [
    'expose-port-forwarding-in-fip',
    'Port forwardings of floating IPs',
    'Floating IPs show their port forwardings.',
    '2018-06-28T16:00:00-00:00',
  ],
  [
    'dvr',
    'Distributed routers',
    'Routers forward on the hosts of instances, not only on one host of their own.',
    '2014-06-1T10:00:00-00:00',
  ],
  [
    'ext-gw-mode',
    'External gateway mode',
    'Routers forward to the outside with or without translation.',
    '2013-03-28T10:00:00-00:00',
  ],
  [
    'extraroute-atomic',
    'Atomic extra routes',
    'Extra routes are added and removed one by one.',
    '2019-07-10T00:00:00+00:00',
  ],
  ['extraroute', 'Extra routes', 'Routers have routes besides those to their networks.', '2013-02-01T10:00:00-00:00'],
  [
    'fip-port-details',
    'Port details of floating IPs',
    'Floating IPs show what their port is.',
    '2018-04-09T10:00:00-00:00',
  ],
  ['flavors', 'Flavors', 'Services come in flavors.', '2015-09-17T10:00:00-00:00'],
  [
    'floating-ip-port-forwarding-description',
    'Descriptions of port forwardings',
    'Port forwardings have descriptions.',
    '2019-11-01T10:00:00-00:00',
  ],
  [
    'floating-ip-port-forwarding-detail',
    'Details of port forwardings',
    'Port forwardings in floating IPs name their ports.',
    '2022-05-06T10:00:00-00:00',
  ],
  [
    'floating-ip-port-forwarding-port-ranges',
    'Port ranges of port forwardings',
    'A port forwarding can be of several ports.',
    '2020-07-01T10:00:00-00:00',
  ],
  [
    'enable-default-route-ecmp',
    'Equal ways out',
    'Routers spread connections over their ways out.',
    '2023-02-27T00:00:00-00:00',
  ],
  [
    'external-gateway-multihoming',
    'Several external gateways',
    'Routers have more than one way out.',
    '2023-01-18T00:00:00-00:00',
  ],
  [
    'floating-ip-port-forwarding',
    'Port forwardings',
    'Ports of a floating IP lead to ports inside.',
    '2018-01-19T10:00:00-00:00',
  ],
  [
    'floatingip-pools',
    'Floating IP pools',
    'Lists the subnets that floating IPs are from.',
    '2018-03-21T10:00:00-00:00',
  ],
  [
    'l3_agent_scheduler',
    'L3 agent scheduling',
    'Says and changes which agents host a router.',
    '2013-02-07T10:00:00-00:00',
  ],
  [
    'l3-conntrack-helper',
    'Conntrack helpers',
    'Routers follow protocols that open further connections.',
    '2019-04-04T10:00:00-00:00',
  ],
  [
    'l3-ext-ndp-proxy',
    'NDP proxying of routers',
    'Routers say whether they answer outside for addresses inside.',
    '2020-08-25T00:00:00-00:00',
  ],
  ['l3-flavors', 'Router flavors', 'Routers come in flavors.', '2016-05-17T00:00:00-00:00'],
  [
    'l3-ha',
    'Highly available routers',
    'Several agents host a router, and one takes over from another.',
    '2014-04-26T00:00:00-00:00',
  ],
  ['l3-ndp-proxy', 'NDP proxies', 'Routers answer outside for IPv6 addresses inside.', '2021-06-29T10:00:00-00:00'],
  [
    'l3-port-ip-change-not-allowed',
    'Fixed addresses of router ports',
    'Ports of routers keep their addresses.',
    '2018-10-09T10:00:00-00:00',
  ],
  [
    'local_ip',
    'Local IPs',
    'Addresses lead to a port of the same host, wherever one is associated with them.',
    '2021-07-26T10:00:00-00:00',
  ],
  [
    'router-interface-fip',
    'Floating IPs by way of interfaces',
    'Routers are reached by floating IPs of external networks that they have interfaces in.',
    '2015-11-11T10:00:00-00:00',
  ],
  [
    'router-admin-state-down-before-update',
    'Routers are down while they change',
    'Whether a router is distributed changes only while it is down.',
    '2019-07-02T15:56:00',
  ],
  [
    'router_availability_zone',
    'Router availability zones',
    'Routers can be scheduled to zones.',
    '2015-01-01T10:00:00-00:00',
  ],
  ['router', 'Routers', 'Routers between networks, and floating IPs.', '2012-07-20T10:00:00-00:00'],
  ['service-type', 'Service providers', 'Lists who provides services.', '2013-01-20T00:00:00-00:00'],
];

const qos: typeof table = [
  [
    'port-resource-request',
    'Resource requests of ports',
    'Ports say what the compute service reserves for them.',
    '2018-05-08T10:00:00-00:00',
  ],
  [
    'port-resource-request-groups',
    'Groups in resource requests',
    'Resource requests of ports have several groups, each with a name.',
    '2021-08-02T10:00:00-00:00',
  ],
  ['qos', 'Quality of service', 'Policies limit and mark the traffic of ports.', '2015-06-08T10:00:00-00:00'],
  [
    'qos-bw-limit-direction',
    'Directions of bandwidth limits',
    'Bandwidth limits are for one direction.',
    '2017-04-10T10:00:00-00:00',
  ],
  [
    'qos-bw-minimum-ingress',
    'Minimum bandwidth of ingress',
    'Minimum bandwidths are for one direction.',
    '2018-07-09T10:00:00-00:00',
  ],
  ['qos-default', 'Default QoS policies', 'New networks get the default policy.', '2017-041-06T10:00:00-00:00'],
  ['qos-fip', 'QoS of floating IPs', 'Floating IPs have QoS policies.', '2017-07-20T00:00:00-00:00'],
  [
    'qos-fip-network-policy',
    'Network policies of floating IPs',
    'Floating IPs say which policy their network has.',
    '2021-11-15T10:00:00-00:00',
  ],
  ['qos-gateway-ip', 'QoS of gateways', 'Ways out of routers have QoS policies.', '2018-02-24T00:00:00-00:00'],
  [
    'qos-port-network-policy',
    'Network policies of ports',
    'Ports say which policy their network has.',
    '2019-11-01T10:00:00-00:00',
  ],
  ['qos-pps', 'Packet rate limits', 'Policies limit packets in each second.', '2021-05-12T10:00:00-00:00'],
  ['qos-pps-minimum', 'Minimum packet rates', 'Policies reserve packet rates.', '2021-07-14T10:00:00-00:00'],
  [
    'qos-pps-minimum-rule-alias',
    'Short paths of minimum packet rates',
    'Minimum packet rates are reached by their id alone.',
    '2021-10-22T10:00:00-00:00',
  ],
  ['qos-rule-type-details', 'Details of rule types', 'Says what drivers support.', '2017-06-22T10:00:00-00:00'],
  [
    'qos-rule-type-filter',
    'Rule type filters',
    'Lists of rule types can be of all, or of those that some driver supports.',
    '2022-02-02T10:00:00-00:00',
  ],
  ['qos-rules-alias', 'Short paths of rules', 'Rules are reached by their id alone.', '2018-10-07T10:00:00-00:00'],
];

const accounting: typeof table = [
  ['logging', 'Logging', 'Hosts write down the traffic of ports.', '2017-01-01T10:00:00-00:00'],
  ['metering', 'Metering', 'Hosts count the traffic of routers.', '2013-06-12T10:00:00-00:00'],
  [
    'metering_source_and_destination_fields',
    'Sources and destinations of metered traffic',
    'What is counted is said by where it is from and where it is going to.',
    '2020-08-21T08:12:00-00:00',
  ],
];

/** Every offered extension, by alias. */
export const extensions: ReadonlyMap<string, Extension> = new Map(
  [...table, ...routing, ...qos, ...accounting].map(([alias, name, description, updated]) => [
    alias,
    { alias, name, description, updated },
  ]),
);

/** What an extension brings: whole resources, and `resource.part` of others: attributes, actions, related objects. */
export function broughtBy(alias: string, resources: readonly AnyResource[]): readonly string[] {
  return resources.flatMap((resource) => {
    if (resource.extension === alias) return [resource.plural];
    const parts = [
      ...attributesOf(resource),
      ...Object.entries(resource.actions),
      ...Object.entries(resource.related),
      ...(resource.cascade === undefined ? [] : ([['cascade', resource.cascade]] as const)),
    ];
    return parts.flatMap(([name, { extension }]) => (extension === alias ? [`${resource.plural}.${name}`] : []));
  });
}

/** Aliases that declarations name. Each must be in the list above. */
export function namedExtensions(resources: readonly AnyResource[]): ReadonlySet<string> {
  const named = resources.flatMap((resource) => [
    resource,
    ...Object.values(resource.attributes),
    ...Object.values(resource.actions),
    ...Object.values(resource.related),
    ...(resource.cascade === undefined ? [] : [resource.cascade]),
  ]);
  return new Set(named.flatMap(({ extension }) => (extension === undefined ? [] : [extension])));
}
