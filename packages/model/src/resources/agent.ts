import { computed, updatable } from '../attribute.ts';
import { objectSchema } from '../kind.ts';
import { flag } from '../kinds/flag.ts';
import { jsonObject } from '../kinds/json-object.ts';
import { nullable } from '../kinds/nullable.ts';
import { text } from '../kinds/text.ts';
import { spacedTime } from '../kinds/spaced-time.ts';
import { uuid } from '../kinds/uuid.ts';
import { resource, type Stored, type Update, type View } from '../resource.ts';

export const agent = resource({
  name: 'agent',
  plural: 'agents',
  doc: 'A part of the agent of a host, under the names that operators know from Neutron.',
  extension: 'agent',
  operations: ['list', 'show', 'update', 'delete'],
  attributes: {
    id: computed(uuid, 'Names the agent for as long as it is known.', { filter: true, sort: true }),
    agent_type: computed(text(255), 'What it does, such as `Open vSwitch agent` or `DHCP agent`.', {
      filter: true,
      sort: true,
    }),
    binary: computed(text(255), 'The program.', { filter: true, sort: true }),
    topic: computed(text(255), 'A name that Neutron gives to kinds of agents.', { filter: true, sort: true }),
    host: computed(text(255), 'The host that it runs on.', { filter: true, sort: true, index: true }),
    availability_zone: computed(nullable(text(255)), 'The zone of the host, for agents that are scheduled by zone.', {
      filter: true,
      extension: 'availability_zone',
    }),
    admin_state_up: updatable(flag, 'Whether work may be scheduled to it.', { filter: true, sort: true }),
    description: updatable(nullable(text(255)), 'What people should know about it.', { filter: true, sort: true }),
    alive: computed(flag, 'Whether it was heard of lately.', { derived: true, filter: true, sort: true }),
    resources_synced: computed(
      nullable(flag),
      'Whether the placement service has what it can offer; null for nothing.',
      {
        derived: true,
        extension: 'agent-resources-synced',
      },
    ),
    configurations: computed(jsonObject, 'What it reports about itself.', {}),
    created_at: computed(spacedTime, 'When it was first heard of.', { sort: true }),
    started_at: computed(spacedTime, 'When it last started.', { sort: true }),
    heartbeat_timestamp: computed(spacedTime, 'When it was last heard of.', { sort: true }),
  },
  related: {
    'dhcp-networks': {
      to: 'networks',
      doc: 'The networks that the agent serves DHCP on.',
      operations: ['list', 'add', 'remove'],
      extension: 'dhcp_agent_scheduler',
      request: objectSchema({ network_id: { ...uuid.schema, 'x-references': 'networks' } }),
    },
    'l3-routers': {
      to: 'routers',
      doc: 'The routers that the agent hosts.',
      operations: ['list', 'add', 'remove'],
      extension: 'l3_agent_scheduler',
      request: objectSchema({ router_id: { ...uuid.schema, 'x-references': 'routers' } }),
    },
  },
});

export type Agent = View<typeof agent>;
export type AgentRecord = Stored<typeof agent>;
export type AgentUpdate = Update<typeof agent>;
