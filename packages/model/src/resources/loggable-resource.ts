import { computed } from '../attribute.ts';
import { choice } from '../kinds/choice.ts';
import { resource } from '../resource.ts';

/** What decides about traffic that can be written down. */
export const loggableResourceTypes = ['security_group'] as const;

export const loggableResource = resource({
  name: 'loggable_resource',
  plural: 'loggable_resources',
  prefix: 'log',
  doc: 'Something that decides about traffic which can be written down.',
  extension: 'logging',
  primaryKey: 'type',
  operations: ['list'],
  attributes: {
    type: computed(choice(loggableResourceTypes), 'What `resource_type` of a log calls it.', { derived: true }),
  },
});
