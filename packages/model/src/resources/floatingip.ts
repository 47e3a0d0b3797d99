// A floating IP. The change log has the record below. The router that serves it, the address inside that it stands for
// and the port outside that keeps it are all in the record; the port outside is on no host, for nothing is wired to it.

import { computed, optional, required } from '../attribute.ts';
import { choice } from '../kinds/choice.ts';
import { dnsDomain, dnsName } from '../kinds/dns.ts';
import { ip } from '../kinds/ip.ts';
import { ipOrAny } from '../kinds/ip-or-any.ts';
import { jsonList } from '../kinds/json-list.ts';
import { jsonObject } from '../kinds/json-object.ts';
import { nullable } from '../kinds/nullable.ts';
import { uuid } from '../kinds/uuid.ts';
import { resource, type Create, type Stored, type Update, type View } from '../resource.ts';
import { identity, standard } from './standard.ts';

export const floatingip = resource({
  name: 'floatingip',
  plural: 'floatingips',
  doc: 'An address of an external network that stands for an address inside.',
  extension: 'router',
  attributes: {
    ...identity,
    floating_network_id: required(uuid, 'The external network that the address is of.', {
      createOnly: true,
      references: 'networks',
      filter: true,
      sort: true,
      index: true,
    }),
    floating_ip_address: optional(ipOrAny, 'The address outside.', {
      default: null,
      createOnly: true,
      filter: true,
      sort: true,
      policy: true,
    }),
    subnet_id: optional(nullable(uuid), 'The subnet of the external network that the address is to be from.', {
      default: null,
      createOnly: true,
      hidden: true,
    }),
    port_id: optional(nullable(uuid), 'The port inside that it stands for; null for none.', {
      default: null,
      filter: true,
      requiredByPolicy: true,
      index: true,
    }),
    fixed_ip_address: optional(nullable(ip), 'The address of that port; needed when it has several.', {
      default: null,
      filter: true,
      sort: true,
    }),
    router_id: computed(nullable(uuid), 'The router that translates between the two.', {
      filter: true,
      sort: true,
      index: true,
    }),
    status: computed(choice(['ACTIVE', 'DOWN', 'ERROR']), 'ACTIVE once the router translates.', {
      filter: true,
      sort: true,
    }),
    dns_name: optional(dnsName, 'The name of the address.', {
      default: '',
      createOnly: true,
      extension: 'dns-integration',
    }),
    dns_domain: optional(dnsDomain, 'The domain of that name.', {
      default: '',
      createOnly: true,
      extension: 'dns-integration',
    }),
    port_details: computed(nullable(jsonObject), 'What the port inside is.', {
      derived: true,
      extension: 'fip-port-details',
    }),
    port_forwardings: computed(jsonList, 'Its ports that lead to ports inside.', {
      derived: true,
      extension: 'expose-port-forwarding-in-fip',
    }),
    floating_port_id: computed(uuid, 'The port of the external network that keeps the address.', {
      internal: true,
      index: true,
    }),
    qos_policy_id: optional(nullable(uuid), 'The QoS policy of what goes by the address.', {
      default: null,
      references: 'policies',
      index: true,
      policy: true,
      extension: 'qos-fip',
    }),
    qos_network_policy_id: computed(nullable(uuid), 'The policy of the external network, which holds in its absence.', {
      derived: true,
      extension: 'qos-fip-network-policy',
    }),
    ...standard,
  },
});

export type FloatingIp = View<typeof floatingip>;
export type FloatingIpRecord = Stored<typeof floatingip>;
export type FloatingIpCreate = Create<typeof floatingip>;
export type FloatingIpUpdate = Update<typeof floatingip>;
