import { computed, optional, required } from '../attribute.ts';
import { objectSchema } from '../kind.ts';
import { flag } from '../kinds/flag.ts';
import { listOf } from '../kinds/list-of.ts';
import { name } from '../kinds/name.ts';
import { nullable } from '../kinds/nullable.ts';
import { serviceType } from '../kinds/service-type.ts';
import { text } from '../kinds/text.ts';
import { uuid } from '../kinds/uuid.ts';
import { resource, type Create, type Stored, type Update, type View } from '../resource.ts';

export const flavor = resource({
  name: 'flavor',
  plural: 'flavors',
  doc: 'A sort of service that users can choose, and the profiles that say how it is made.',
  extension: 'flavors',
  operations: ['create', 'list', 'show', 'update', 'delete'],
  attributes: {
    id: computed(uuid, 'Names the object for as long as it exists.', { filter: true, sort: true }),
    name: optional(name, 'For people; need not be unique.', { default: '', filter: true, sort: true }),
    description: optional(nullable(text(1024)), 'What people should know about the object.', {
      default: '',
      filter: true,
      sort: true,
    }),
    service_type: required(serviceType, 'The service that comes in this flavor.', {
      createOnly: true,
      filter: true,
      sort: true,
    }),
    enabled: optional(flag, 'Whether it can be chosen.', { default: true, filter: true, sort: true }),
    service_profiles: optional(listOf(uuid, 'uuids', 'a list of UUIDs'), 'Its profiles; the first counts.', {
      default: [],
    }),
  },
  related: {
    service_profiles: {
      to: 'service_profiles',
      doc: 'The profiles of the flavor: `{"service_profile": {"id": UUID}}` adds one.',
      operations: ['add', 'remove'],
      extension: 'flavors',
      request: objectSchema({
        service_profile: objectSchema({ id: { ...uuid.schema, 'x-references': 'service_profiles' } }),
      }),
      added: objectSchema({ service_profile: objectSchema({ id: uuid.schema }) }),
    },
  },
});

export type Flavor = View<typeof flavor>;
export type FlavorRecord = Stored<typeof flavor>;
export type FlavorCreate = Create<typeof flavor>;
export type FlavorUpdate = Update<typeof flavor>;
