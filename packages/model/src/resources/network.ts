import { chosenByServer, computed, optional } from '../attribute.ts';
import { dnsDomain } from '../kinds/dns.ts';
import { flag } from '../kinds/flag.ts';
import { integer } from '../kinds/integer.ts';
import { listOf } from '../kinds/list-of.ts';
import { name } from '../kinds/name.ts';
import { nullable } from '../kinds/nullable.ts';
import { networkType, physicalNetwork } from '../kinds/provider.ts';
import { segmentationId } from '../kinds/segmentation-id.ts';
import { segments } from '../kinds/segments.ts';
import { choice } from '../kinds/choice.ts';
import { text } from '../kinds/text.ts';
import { uuid } from '../kinds/uuid.ts';
import { zoneHints } from '../kinds/zone-hints.ts';
import { resource, type Create, type Stored, type Update, type View } from '../resource.ts';
import { identity, standard } from './standard.ts';

export const network = resource({
  name: 'network',
  plural: 'networks',
  doc: 'An isolated layer 2 broadcast domain that ports plug into.',
  cascade: {
    doc: 'Whether the ports on the network go with it that the caller may delete; any other still refuses it.',
    extension: 'network-cascade-delete',
    over: 'port',
  },
  attributes: {
    ...identity,
    name: optional(name, 'For people; need not be unique.', { default: '', filter: true, sort: true, index: true }),
    subnets: computed(listOf(uuid, 'uuids', 'a list of UUIDs'), 'The subnets of the network.', { derived: true }),
    admin_state_up: optional(flag, 'Whether the network carries traffic.', { default: true, filter: true, sort: true }),
    status: computed(choice(['ACTIVE', 'DOWN', 'BUILD', 'ERROR']), 'ACTIVE once the network can carry traffic.', {
      filter: true,
      sort: true,
    }),
    shared: optional(flag, 'Whether every project may plug ports into the network.', {
      default: false,
      childTable: 'rbac_policies',
      filter: true,
      policy: true,
      requiredByPolicy: true,
    }),
    'router:external': optional(flag, 'Whether routers may use the network as their way out.', {
      default: false,
      childTable: 'rbac_policies',
      filter: true,
      policy: true,
      requiredByPolicy: true,
      extension: 'external-net',
    }),
    is_default: optional(flag, 'Whether topologies that are made by themselves lead out by this external network.', {
      default: false,
      filter: true,
      policy: true,
      requiredByPolicy: true,
      extension: 'auto-allocated-topology',
    }),
    ipv4_address_scope: computed(nullable(uuid), 'The address scope of its subnets of IPv4.', {
      derived: true,
      extension: 'address-scope',
    }),
    ipv6_address_scope: computed(nullable(uuid), 'The address scope of its subnets of IPv6.', {
      derived: true,
      extension: 'address-scope',
    }),
    l2_adjacency: computed(nullable(flag), 'Whether all ports of the network reach each other without a router.', {
      derived: true,
      extension: 'l2_adjacency',
    }),
    segments: optional(segments, 'The parts of a network that spans several segments.', {
      default: chosenByServer,
      childTable: 'network_segments',
      policy: true,
      extension: 'multi-provider',
    }),
    mtu: optional(integer({ min: 0 }), 'Bytes of the largest IP packet; 0 in a request means the largest possible.', {
      default: 0,
      filter: true,
      sort: true,
      policy: true,
      extension: 'net-mtu-writable',
    }),
    availability_zones: computed(
      listOf(text(255), 'availability zones', 'a list of names'),
      'Zones that DHCP is served from.',
      { derived: true, extension: 'network_availability_zone' },
    ),
    availability_zone_hints: optional(zoneHints, 'Zones that DHCP should be served from.', {
      default: [],
      createOnly: true,
      sort: true,
      extension: 'network_availability_zone',
    }),
    port_security_enabled: optional(flag, 'Whether new ports of the network may send from their own addresses only.', {
      default: true,
      policy: true,
      extension: 'port-security',
    }),
    'provider:network_type': optional(networkType, 'How the network is carried between hosts.', {
      default: chosenByServer,
      derived: true,
      filter: true,
      foundIn: { list: 'segments', field: 'network_type' },
      policy: true,
      extension: 'provider',
    }),
    'provider:physical_network': optional(physicalNetwork, 'The wire that carries a flat or VLAN network.', {
      default: chosenByServer,
      derived: true,
      filter: true,
      foundIn: { list: 'segments', field: 'physical_network' },
      policy: true,
      extension: 'provider',
    }),
    'provider:segmentation_id': optional(segmentationId, 'The VLAN id or tunnel id that tells networks apart.', {
      default: chosenByServer,
      derived: true,
      filter: true,
      foundIn: { list: 'segments', field: 'segmentation_id' },
      policy: true,
      extension: 'provider',
    }),
    dns_domain: optional(dnsDomain, 'The domain of the names of ports, with its trailing dot.', {
      default: '',
      extension: 'dns-integration',
    }),
    ha: optional(flag, 'Whether the agents of highly available routers of its project watch each other over it.', {
      default: false,
      createOnly: true,
      hidden: true,
      policy: true,
      extension: 'network_ha',
    }),
    qos_policy_id: optional(nullable(uuid), 'The QoS policy of its ports that have none of their own.', {
      default: null,
      references: 'policies',
      index: true,
      policy: true,
      extension: 'qos',
    }),
    ...standard,
  },
  related: {
    'dhcp-agents': {
      to: 'agents',
      doc: 'The agents that serve DHCP on the network.',
      operations: ['list'],
      extension: 'dhcp_agent_scheduler',
    },
  },
});

export type Network = View<typeof network>;
export type NetworkRecord = Stored<typeof network>;
export type NetworkCreate = Create<typeof network>;
export type NetworkUpdate = Update<typeof network>;
