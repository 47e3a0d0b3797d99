import { computed, optional } from '../attribute.ts';
import { flag } from '../kinds/flag.ts';
import { nullable } from '../kinds/nullable.ts';
import { text } from '../kinds/text.ts';
import { uuid } from '../kinds/uuid.ts';
import { resource, type Create, type Stored, type Update, type View } from '../resource.ts';

export const serviceProfile = resource({
  name: 'service_profile',
  plural: 'service_profiles',
  doc: 'How the service of a flavor is made: by which driver, and what the driver should know.',
  extension: 'flavors',
  operations: ['create', 'list', 'show', 'update', 'delete'],
  attributes: {
    id: computed(uuid, 'Names the object for as long as it exists.', { filter: true, sort: true }),
    description: optional(nullable(text(1024)), 'What people should know about the object.', {
      default: '',
      filter: true,
      sort: true,
    }),
    driver: optional(text(1024), 'The driver, by the name that Neutron gives it.', {
      default: '',
      filter: true,
      sort: true,
    }),
    enabled: optional(flag, 'Whether flavors may be made by it.', { default: true, filter: true, sort: true }),
    metainfo: optional(text(4096), 'What the driver should know.', { default: '', sort: true }),
  },
});

export type ServiceProfile = View<typeof serviceProfile>;
export type ServiceProfileRecord = Stored<typeof serviceProfile>;
export type ServiceProfileCreate = Create<typeof serviceProfile>;
export type ServiceProfileUpdate = Update<typeof serviceProfile>;
