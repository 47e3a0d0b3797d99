// The attributes by which a rule says what traffic it admits: the same for the rules of a security group and for the
// templates of such rules.

import { optional, required } from '../attribute.ts';
import { choice } from '../kinds/choice.ts';
import { ethertype } from '../kinds/ethertype.ts';
import { ipProtocol } from '../kinds/ip-protocol.ts';
import { portOrType } from '../kinds/port-or-type.ts';
import { remotePrefix } from '../kinds/remote-prefix.ts';

const lookedUp = { createOnly: true, filter: true, sort: true } as const;

export const traffic = {
  direction: required(choice(['ingress', 'egress']), 'Whether the traffic enters the port or leaves it.', lookedUp),
  ethertype: optional(ethertype, 'The family of its addresses.', { ...lookedUp, default: 'IPv4' }),
  protocol: optional(ipProtocol, 'The IP protocol, as it was written; null for all of them.', {
    ...lookedUp,
    default: null,
  }),
  port_range_min: optional(portOrType, 'The first destination port, or the ICMP type; null for all.', {
    ...lookedUp,
    default: null,
  }),
  port_range_max: optional(portOrType, 'The last destination port, or the ICMP code; null for all.', {
    ...lookedUp,
    default: null,
  }),
  remote_ip_prefix: optional(remotePrefix, 'The addresses of the far end, as they were written.', {
    ...lookedUp,
    default: null,
  }),
} as const;
