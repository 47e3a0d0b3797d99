import { chosenByServer, computed, optional, required } from '../attribute.ts';
import { allocationPools } from '../kinds/allocation-pools.ts';
import { cidr } from '../kinds/cidr.ts';
import { flag } from '../kinds/flag.ts';
import { hostRoutes } from '../kinds/host-routes.ts';
import { integer } from '../kinds/integer.ts';
import { ip } from '../kinds/ip.ts';
import { ipVersion } from '../kinds/ip-version.ts';
import { ipv6Mode } from '../kinds/ipv6-mode.ts';
import { name } from '../kinds/name.ts';
import { nameservers } from '../kinds/nameservers.ts';
import { nullable } from '../kinds/nullable.ts';
import { serviceTypes } from '../kinds/service-types.ts';
import { subnetPoolId } from '../kinds/subnet-pool-id.ts';
import { uuid } from '../kinds/uuid.ts';
import { resource, type Create, type Stored, type Update, type View } from '../resource.ts';
import { identity, standard } from './standard.ts';

export const subnet = resource({
  name: 'subnet',
  plural: 'subnets',
  doc: 'A prefix of addresses on a network, and what DHCP says about it.',
  attributes: {
    ...identity,
    name: optional(name, 'For people; need not be unique.', { default: '', filter: true, sort: true, index: true }),
    ip_version: required(ipVersion, 'Whether the addresses are IPv4 or IPv6.', {
      createOnly: true,
      filter: true,
      sort: true,
    }),
    network_id: required(uuid, 'The network that the addresses are on.', {
      createOnly: true,
      references: 'networks',
      filter: true,
      sort: true,
      requiredByPolicy: true,
      index: true,
    }),
    subnetpool_id: optional(subnetPoolId, 'The subnet pool that the prefix is from.', {
      default: chosenByServer,
      createOnly: true,
      references: 'subnetpools',
      filter: true,
      sort: true,
      index: true,
    }),
    prefixlen: optional(integer({ min: 0 }), 'The length of the prefix to take from the subnet pool.', {
      default: chosenByServer,
      createOnly: true,
      hidden: true,
    }),
    cidr: optional(cidr, 'The prefix. May be left out when a subnet pool gives one.', {
      default: chosenByServer,
      createOnly: true,
      filter: true,
      sort: true,
    }),
    gateway_ip: optional(nullable(ip), 'The address of the router; null for none.', {
      default: chosenByServer,
      filter: true,
      sort: true,
    }),
    allocation_pools: optional(allocationPools, 'The addresses that ports are given from.', {
      default: chosenByServer,
    }),
    dns_nameservers: optional(nameservers, 'Resolvers that DHCP hands out.', { default: [] }),
    host_routes: optional(hostRoutes, 'Routes that DHCP hands out.', { default: [] }),
    enable_dhcp: optional(flag, 'Whether DHCP is served.', { default: true, filter: true, sort: true }),
    ipv6_ra_mode: optional(ipv6Mode, 'Who sends router advertisements, and of what sort.', {
      default: chosenByServer,
      createOnly: true,
      filter: true,
      sort: true,
    }),
    ipv6_address_mode: optional(ipv6Mode, 'How instances get their IPv6 addresses.', {
      default: chosenByServer,
      createOnly: true,
      filter: true,
      sort: true,
    }),
    shared: computed(flag, "Whether the subnet's network is shared.", {
      hidden: true,
      filter: true,
      foundIn: { parent: 'network_id', attribute: 'shared' },
      requiredByPolicy: true,
    }),
    service_types: optional(serviceTypes, 'Device owners that the addresses are for; empty for all.', {
      default: [],
      extension: 'subnet-service-types',
    }),
    dns_publish_fixed_ip: optional(
      flag,
      'Whether the names of its addresses are published in the DNS of the outside.',
      {
        default: false,
        extension: 'subnet-dns-publish-fixed-ip',
      },
    ),
    segment_id: optional(nullable(uuid), 'The segment that the addresses are on, where only routers join segments.', {
      default: null,
      filter: true,
      sort: true,
      policy: true,
      index: true,
      extension: 'segment',
    }),
    use_default_subnetpool: optional(flag, 'Whether to take the prefix from the default subnet pool.', {
      default: false,
      createOnly: true,
      hidden: true,
      extension: 'default-subnetpools',
    }),
    'router:external': computed(flag, "Whether the subnet's network is external.", {
      derived: true,
      filter: true,
      foundIn: { parent: 'network_id', attribute: 'router:external' },
      policy: true,
      requiredByPolicy: true,
      extension: 'subnet-external-network',
    }),
    ...standard,
  },
});

export type Subnet = View<typeof subnet>;
export type SubnetRecord = Stored<typeof subnet>;
export type SubnetCreate = Create<typeof subnet>;
export type SubnetUpdate = Update<typeof subnet>;
