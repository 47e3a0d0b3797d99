import { computed } from '../attribute.ts';
import { choice } from '../kinds/choice.ts';
import { text } from '../kinds/text.ts';
import { resource, type View } from '../resource.ts';

export const availabilityZone = resource({
  name: 'availability_zone',
  plural: 'availability_zones',
  doc: 'A group of hosts that fails as one, as far as their agents say.',
  extension: 'availability_zone',
  primaryKey: 'name',
  operations: ['list'],
  attributes: {
    name: computed(text(255), 'The name that agents report.', { derived: true, filter: true }),
    resource: computed(choice(['network', 'router']), 'What can be scheduled to it.', { derived: true, filter: true }),
    state: computed(choice(['available', 'unavailable']), 'Whether an agent of the zone is enabled and alive.', {
      derived: true,
      filter: true,
    }),
  },
});

export type AvailabilityZone = View<typeof availabilityZone>;
