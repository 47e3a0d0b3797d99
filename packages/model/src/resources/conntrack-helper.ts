// Part of a router: a protocol whose further connections its connection tracking finds out by reading along. The change
// log has the record below.

import { computed, required } from '../attribute.ts';
import { choice } from '../kinds/choice.ts';
import { integer } from '../kinds/integer.ts';
import { text } from '../kinds/text.ts';
import { uuid } from '../kinds/uuid.ts';
import { resource, type Create, type Stored, type Update, type View } from '../resource.ts';
import { transportProtocols } from './port-forwarding.ts';

export const conntrackHelper = resource({
  name: 'conntrack_helper',
  plural: 'conntrack_helpers',
  doc: "A helper of the router's connection tracking (iptables-extensions(8): CT).",
  extension: 'l3-conntrack-helper',
  parent: { name: 'router', plural: 'routers', attribute: 'router_id' },
  operations: ['create', 'list', 'show', 'update', 'delete'],
  attributes: {
    id: computed(uuid, 'Names the object for as long as it exists.', { filter: true, sort: true }),
    router_id: computed(uuid, 'The router.', { internal: true, references: 'routers', index: true }),
    protocol: required(choice(transportProtocols), 'The protocol that has the port.', { filter: true, sort: true }),
    port: required(integer({ min: 1, max: 65_535 }), 'The port that servers listen on.', { filter: true, sort: true }),
    helper: required(text(64), 'The helper, such as `ftp` or `tftp`.', { filter: true, sort: true }),
  },
});

export type ConntrackHelper = View<typeof conntrackHelper>;
export type ConntrackHelperRecord = Stored<typeof conntrackHelper>;
export type ConntrackHelperCreate = Create<typeof conntrackHelper>;
export type ConntrackHelperUpdate = Update<typeof conntrackHelper>;
