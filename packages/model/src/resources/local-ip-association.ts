// Part of a local IP: a port that it leads to on the host of the port. An association has no id; the port names it within
// its local IP. Its entries in the change log are called `<id of the local IP>/<id of the port>`.

import { computed, optional, required } from '../attribute.ts';
import { ip } from '../kinds/ip.ts';
import { ipOrAny } from '../kinds/ip-or-any.ts';
import { text } from '../kinds/text.ts';
import { uuid } from '../kinds/uuid.ts';
import { resource, type Create, type View } from '../resource.ts';

export const localIpAssociation = resource({
  name: 'port_association',
  plural: 'port_associations',
  doc: 'A port that a local IP leads to on the host that the port is bound to.',
  extension: 'local_ip',
  parent: { name: 'local_ip', plural: 'local_ips', attribute: 'local_ip_id' },
  primaryKey: 'fixed_port_id',
  operations: ['create', 'list', 'show', 'delete'],
  attributes: {
    local_ip_id: computed(uuid, 'The local IP.', { derived: true }),
    fixed_port_id: required(uuid, 'The port.', { derived: true, filter: true, sort: true }),
    fixed_ip: optional(ipOrAny, 'The address of the port; needed when it has several.', {
      default: null,
      derived: true,
      filter: true,
      sort: true,
    }),
    local_ip_address: computed(ip, 'The address of the local IP.', { derived: true, filter: true, sort: true }),
    host: computed(text(255), 'The host that the port is bound to; empty for none.', {
      derived: true,
      filter: true,
      sort: true,
    }),
  },
});

export type LocalIpAssociation = View<typeof localIpAssociation>;
export type LocalIpAssociationCreate = Create<typeof localIpAssociation>;
