// An address that stands for another one on each host where a port is associated with it: what instances of that host
// send there reaches the port. The change log has the record below; the associations are entries of their own.

import { chosenByServer, optional } from '../attribute.ts';
import { choice } from '../kinds/choice.ts';
import { ipOrAny } from '../kinds/ip-or-any.ts';
import { name } from '../kinds/name.ts';
import { uuid } from '../kinds/uuid.ts';
import { resource, type Create, type Stored, type Update, type View } from '../resource.ts';
import { identity, untagged } from './standard.ts';

export const localIp = resource({
  name: 'local_ip',
  plural: 'local_ips',
  doc: 'An address that leads to a port of the same host, wherever one is associated with it.',
  extension: 'local_ip',
  attributes: {
    ...identity,
    name: optional(name, 'For people; need not be unique.', { default: '', filter: true, sort: true }),
    local_port_id: optional(uuid, 'The port that has the address; one is made when only a network is given.', {
      default: chosenByServer,
      createOnly: true,
      references: 'ports',
      index: true,
      filter: true,
      sort: true,
    }),
    network_id: optional(uuid, "The port's network.", {
      default: chosenByServer,
      createOnly: true,
      filter: true,
      sort: true,
    }),
    local_ip_address: optional(ipOrAny, 'One of the addresses of the port.', {
      default: chosenByServer,
      createOnly: true,
      policy: true,
      filter: true,
      sort: true,
    }),
    ip_mode: optional(
      choice(['translate', 'passthrough']),
      'Whether packets get the address of the associated port, or keep that of the local IP.',
      { default: 'translate', createOnly: true, filter: true, sort: true },
    ),
    ...untagged,
  },
});

export type LocalIp = View<typeof localIp>;
export type LocalIpRecord = Stored<typeof localIp>;
export type LocalIpCreate = Create<typeof localIp>;
export type LocalIpUpdate = Update<typeof localIp>;
