// A port's place on a host. One is active: the port's own attributes tell of it, and its host wires the port. The others
// are where the port is about to be, while an instance moves: their hosts hear nothing of it until they are activated.

import { chosenByServer, computed, optional, required } from '../attribute.ts';
import { bindingProfile } from '../kinds/binding-profile.ts';
import { choice } from '../kinds/choice.ts';
import { jsonObject } from '../kinds/json-object.ts';
import { text } from '../kinds/text.ts';
import { resource, type Create, type Update, type View } from '../resource.ts';
import { vnicTypes } from './port.ts';

export const portBinding = resource({
  name: 'binding',
  plural: 'bindings',
  doc: 'A host that a port is bound to, or about to be.',
  extension: 'binding-extended',
  parent: { name: 'port', plural: 'ports', attribute: 'port_id' },
  primaryKey: 'host',
  operations: ['create', 'list', 'show', 'update', 'delete'],
  attributes: {
    host: required(text(255), 'The host.', { derived: true, filter: true }),
    vif_type: computed(text(64), 'How the compute service plugs the device in there.', { derived: true, filter: true }),
    vif_details: computed(jsonObject, 'What it needs to know for that.', { derived: true }),
    vnic_type: optional(choice(vnicTypes), 'What the network card of the device is there.', {
      default: 'normal',
      derived: true,
      filter: true,
    }),
    profile: optional(bindingProfile, 'What the compute service tells the host about the card.', {
      default: chosenByServer,
      derived: true,
    }),
    status: computed(choice(['ACTIVE', 'INACTIVE']), 'Whether this is where the port is wired.', {
      derived: true,
      filter: true,
    }),
  },
  actions: {
    activate: {
      method: 'PUT',
      doc: 'Makes it the active one, and the one that was active inactive.',
      answer: 'bare object',
    },
  },
});

export type PortBinding = View<typeof portBinding>;
export type PortBindingCreate = Create<typeof portBinding>;
export type PortBindingUpdate = Update<typeof portBinding>;

/** The kind of entries of the change log about inactive bindings; their id is `<port's id>/<host>`. */
export const inactivePortBinding = 'inactive_port_binding';
