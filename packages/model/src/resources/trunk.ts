import { computed, optional, required } from '../attribute.ts';
import { objectSchema } from '../kind.ts';
import { choice } from '../kinds/choice.ts';
import { flag } from '../kinds/flag.ts';
import { name } from '../kinds/name.ts';
import { shownSubPorts, subPorts } from '../kinds/sub-ports.ts';
import { uuid } from '../kinds/uuid.ts';
import { resource, type Create, type Stored, type Update, type View } from '../resource.ts';
import { identity, standard } from './standard.ts';

/** Owner of a port that is behind the parent of a trunk, once it is wired there. */
export const subPortOwner = 'trunk:subport';

const removed = { type: 'array', items: objectSchema({ port_id: { ...uuid.schema, 'x-references': 'ports' } }) };

export const trunk = resource({
  name: 'trunk',
  plural: 'trunks',
  doc: 'A port by whose device an instance reaches several networks: frames of its own, and tagged ones of other ports.',
  extension: 'trunk',
  operations: ['create', 'list', 'show', 'update', 'delete'],
  attributes: {
    ...identity,
    name: optional(name, 'For people; need not be unique.', { default: '', filter: true, sort: true, index: true }),
    admin_state_up: optional(flag, 'Whether it may be changed. Its ports forward all the same.', {
      default: true,
      filter: true,
      sort: true,
    }),
    port_id: required(uuid, 'The parent port, whose device the instance has. Its frames have no tag.', {
      createOnly: true,
      references: 'ports',
      filter: true,
      sort: true,
      requiredByPolicy: true,
    }),
    status: computed(
      choice(['ACTIVE', 'DOWN', 'BUILD', 'DEGRADED', 'ERROR']),
      'ACTIVE once all its ports are wired; DEGRADED when some are not, ERROR when its host cannot wire some at all.',
      { filter: true, sort: true },
    ),
    sub_ports: optional(subPorts, 'The ports behind the parent, by the order of their tags.', {
      default: [],
      createOnly: true,
      childTable: 'subports',
    }),
    ...standard,
  },
  actions: {
    add_subports: {
      method: 'PUT',
      doc: 'Adds ports to the trunk.',
      request: objectSchema({ sub_ports: subPorts.schema }),
      answer: 'bare object',
    },
    remove_subports: {
      method: 'PUT',
      doc: 'Takes ports from the trunk.',
      request: objectSchema({ sub_ports: removed }),
      answer: 'bare object',
    },
    get_subports: {
      method: 'GET',
      doc: 'Lists the ports behind the parent.',
      answer: objectSchema({ sub_ports: shownSubPorts }),
    },
  },
});

export type Trunk = View<typeof trunk>;
export type TrunkRecord = Stored<typeof trunk>;
export type TrunkCreate = Create<typeof trunk>;
export type TrunkUpdate = Update<typeof trunk>;
