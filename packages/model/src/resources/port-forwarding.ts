// Part of a floating IP: some of its ports lead to ports of an address inside. The change log has the record below; the
// floating IP's record names the router that translates.

import { chosenByServer, computed, optional, required } from '../attribute.ts';
import { choice } from '../kinds/choice.ts';
import { integer } from '../kinds/integer.ts';
import { ip } from '../kinds/ip.ts';
import { nullable } from '../kinds/nullable.ts';
import { portRangeOrPort } from '../kinds/port-range.ts';
import { text } from '../kinds/text.ts';
import { uuid } from '../kinds/uuid.ts';
import { resource, type Create, type Stored, type Update, type View } from '../resource.ts';

/** Protocols that can be forwarded and helped, in the words of the Networking API. */
export const transportProtocols = ['dccp', 'icmp', 'ipv6-icmp', 'sctp', 'tcp', 'udp'] as const;

const portOrNone = nullable(integer({ min: 1, max: 65_535 }));
const ranges = 'floating-ip-port-forwarding-port-ranges';

export const portForwarding = resource({
  name: 'port_forwarding',
  plural: 'port_forwardings',
  doc: 'Ports of a floating IP that lead to ports of an address inside.',
  extension: 'floating-ip-port-forwarding',
  parent: { name: 'floatingip', plural: 'floatingips', attribute: 'floatingip_id' },
  operations: ['create', 'list', 'show', 'update', 'delete'],
  attributes: {
    id: computed(uuid, 'Names the object for as long as it exists.', { filter: true, sort: true }),
    floatingip_id: computed(uuid, 'The floating IP.', { internal: true, references: 'floatingips', index: true }),
    protocol: required(choice(transportProtocols), 'The protocol that has the ports.', { filter: true, sort: true }),
    external_port: optional(portOrNone, 'The port outside; null for a range of several.', {
      default: chosenByServer,
      derived: true,
      filter: true,
      sort: true,
    }),
    external_port_range: optional(portRangeOrPort, 'The first and the last port outside.', {
      default: chosenByServer,
      filter: true,
      sort: true,
      extension: ranges,
    }),
    internal_port_id: required(uuid, 'The port of the Networking API that has the address inside.', {
      filter: true,
      sort: true,
      index: true,
    }),
    internal_ip_address: required(ip, 'The address inside.', {}),
    internal_port: optional(portOrNone, 'The port inside; null for a range of several.', {
      default: chosenByServer,
      derived: true,
    }),
    internal_port_range: optional(
      portRangeOrPort,
      'The ports inside: as many as outside, or one that all of those lead to.',
      { default: chosenByServer, extension: ranges },
    ),
    description: optional(text(1024), 'What people should know about the object.', {
      default: '',
      filter: true,
      extension: 'floating-ip-port-forwarding-description',
    }),
  },
});

export type PortForwarding = View<typeof portForwarding>;
export type PortForwardingRecord = Stored<typeof portForwarding>;
export type PortForwardingCreate = Create<typeof portForwarding>;
export type PortForwardingUpdate = Update<typeof portForwarding>;
