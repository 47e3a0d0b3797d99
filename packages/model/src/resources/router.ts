// A router. What the change log says of one, for those who follow it:
//
// - `router`: the record below. Its ways out and its interfaces are no part of it.
// - `router_port` (id: the port's): `{router_id, port_id, role, position, enable_snat}`. The role is `interface`,
//   `gateway`, `snat` or `ha`; a gateway or an `ha` port has a place among those of its router, from 0, and a gateway says
//   whether it translates. Only these entries say which ports a router has, since anyone who may change a port can write
//   what he likes into its device_id. The port itself has its addresses, its network and its host.
// - `l3_binding` (id: `<router>/<agent>`): `{router_id, agent_id}`, a router that an L3 agent hosts. Ports of the router
//   are bound to the host of that agent; of a distributed router, those of its centre; of a highly available one each
//   agent's host has an `ha` port of its own, and the others are bound to the host whose agent is active.
// - `virtual_router` (id: the router's): `{router_id, network_id, vr_id}`, by which the agents of a highly available
//   router know each other (RFC 3768 section 5.3.3), and the network on which they do.

import { chosenByServer, computed, optional, updatable } from '../attribute.ts';
import { objectSchema } from '../kind.ts';
import { choice } from '../kinds/choice.ts';
import { externalGateway, externalGateways } from '../kinds/external-gateway.ts';
import { flag } from '../kinds/flag.ts';
import { flagOrDefault } from '../kinds/flag-or-default.ts';
import { hostRoutes } from '../kinds/host-routes.ts';
import { jsonList } from '../kinds/json-list.ts';
import { listOf } from '../kinds/list-of.ts';
import { name } from '../kinds/name.ts';
import { nullable } from '../kinds/nullable.ts';
import { text } from '../kinds/text.ts';
import { uuid } from '../kinds/uuid.ts';
import { zoneHints } from '../kinds/zone-hints.ts';
import { resource, type Create, type Stored, type Update, type View } from '../resource.ts';
import { identity, standard } from './standard.ts';

const idOf = (references: string) => ({ ...uuid.schema, 'x-references': references });

/** An interface is named by a subnet, by its port, or by both. */
const whichInterface = objectSchema(
  { subnet_id: idOf('subnets'), port_id: idOf('ports') },
  { optional: ['subnet_id', 'port_id'] },
);

const changedInterface = objectSchema(
  {
    id: idOf('routers'),
    project_id: text(255).schema,
    tenant_id: text(255).schema,
    port_id: idOf('ports'),
    network_id: idOf('networks'),
    subnet_id: idOf('subnets'),
    subnet_ids: { type: 'array', items: idOf('subnets') },
  },
  // A port without addresses is on no subnet.
  { optional: ['subnet_id'] },
);

const itsGateways = objectSchema({ router: objectSchema({ external_gateways: externalGateways.schema }) });
const itsRoutes = objectSchema({ router: objectSchema({ routes: hostRoutes.schema }) });

export const router = resource({
  name: 'router',
  plural: 'routers',
  doc: 'Forwards packets between networks, and between them and the world outside.',
  extension: 'router',
  attributes: {
    ...identity,
    name: optional(name, 'For people; need not be unique.', { default: '', filter: true, sort: true, index: true }),
    admin_state_up: optional(flag, 'Whether the router forwards.', { default: true, filter: true, sort: true }),
    status: computed(choice(['ACTIVE', 'DOWN', 'ERROR']), 'ACTIVE for every router that is not broken.', {
      sort: true,
    }),
    external_gateway_info: optional(externalGateway, 'The way out: an external network and the addresses there.', {
      default: null,
      derived: true,
      policy: true,
    }),
    external_gateways: computed(externalGateways, 'All ways out; the first is that of external_gateway_info.', {
      derived: true,
      policy: true,
      extension: 'external-gateway-multihoming',
    }),
    enable_default_route_ecmp: optional(
      flagOrDefault,
      'Whether connections from inside are spread over all ways out, instead of all leaving by the first.',
      { default: chosenByServer, policy: true, extension: 'enable-default-route-ecmp' },
    ),
    routes: updatable(hostRoutes, 'Routes besides those to its own networks and to the way out.', {
      extension: 'extraroute',
    }),
    availability_zones: computed(
      listOf(text(255), 'availability zones', 'a list of names'),
      'Zones of the agents that host the router.',
      { derived: true, extension: 'router_availability_zone' },
    ),
    availability_zone_hints: optional(zoneHints, 'Zones that the router should be hosted in.', {
      default: [],
      createOnly: true,
      extension: 'router_availability_zone',
    }),
    distributed: optional(
      flagOrDefault,
      'Whether the hosts of instances route by themselves. It can be changed while admin_state_up is false.',
      { default: chosenByServer, policy: true, extension: 'dvr' },
    ),
    ha: optional(flagOrDefault, 'Whether several agents host the router, of which one is active.', {
      default: chosenByServer,
      policy: true,
      extension: 'l3-ha',
    }),
    enable_ndp_proxy: optional(flagOrDefault, 'Whether the router answers outside for addresses of IPv6 inside.', {
      default: chosenByServer,
      filter: true,
      extension: 'l3-ext-ndp-proxy',
    }),
    flavor_id: optional(nullable(text(255)), 'The flavor, which chooses how the router is made.', {
      default: chosenByServer,
      createOnly: true,
      sort: true,
      extension: 'l3-flavors',
    }),
    conntrack_helpers: computed(jsonList, 'Helpers of connection tracking: protocol, port and helper of each.', {
      derived: true,
      extension: 'expose-l3-conntrack-helper',
    }),
    qos_policy_id: computed(nullable(uuid), 'The QoS policy of what leaves and enters by the address of the way out.', {
      internal: true,
      references: 'policies',
      index: true,
    }),
    ...standard,
  },
  actions: {
    add_router_interface: {
      method: 'PUT',
      doc: 'Plugs the router into a subnet, or takes a port for its own.',
      request: whichInterface,
      answer: changedInterface,
    },
    remove_router_interface: {
      method: 'PUT',
      doc: 'Unplugs the router from a subnet, or gives up a port.',
      request: whichInterface,
      answer: changedInterface,
    },
    add_external_gateways: {
      method: 'PUT',
      doc: 'Adds ways out.',
      request: itsGateways,
      answer: 'object',
      extension: 'external-gateway-multihoming',
    },
    update_external_gateways: {
      method: 'PUT',
      doc: 'Makes these its ways out; those that are not named go.',
      request: itsGateways,
      answer: 'object',
      extension: 'external-gateway-multihoming',
    },
    remove_external_gateways: {
      method: 'PUT',
      doc: 'Takes ways out away, each named by its network, and by an address where there are several on it.',
      request: itsGateways,
      answer: 'object',
      extension: 'external-gateway-multihoming',
    },
    add_extraroutes: {
      method: 'PUT',
      doc: 'Adds routes.',
      extension: 'extraroute-atomic',
      request: itsRoutes,
      answer: 'object',
    },
    remove_extraroutes: {
      method: 'PUT',
      doc: 'Takes routes away.',
      extension: 'extraroute-atomic',
      request: itsRoutes,
      answer: 'object',
    },
  },
  related: {
    'l3-agents': {
      to: 'agents',
      doc: 'The agents that host the router.',
      operations: ['list'],
      extension: 'l3_agent_scheduler',
      beside: { ha_state: { type: ['string', 'null'], description: 'Whether the router is active there.' } },
    },
  },
});

/**
 * What a port is to its router: one of its sides; its way out; for a distributed router with a way out, the place on an
 * inner network at which its centre takes what leaves by the way out; or, for a highly available one, that by which one of
 * its agents hears the others.
 */
export type RouterPortRole = 'interface' | 'gateway' | 'snat' | 'ha';

export type Router = View<typeof router>;
export type RouterRecord = Stored<typeof router>;
export type RouterCreate = Create<typeof router>;
export type RouterUpdate = Update<typeof router>;
