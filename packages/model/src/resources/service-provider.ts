import { computed } from '../attribute.ts';
import { flag } from '../kinds/flag.ts';
import { text } from '../kinds/text.ts';
import { resource } from '../resource.ts';

export const serviceProvider = resource({
  name: 'service_provider',
  plural: 'service_providers',
  doc: 'Who provides a service, as flavors may choose it.',
  extension: 'service-type',
  primaryKey: 'name',
  operations: ['list'],
  attributes: {
    service_type: computed(text(255), 'The service.', { derived: true, filter: true }),
    name: computed(text(255), 'The provider.', { derived: true, filter: true }),
    default: computed(flag, 'Whether the service comes from here unless a flavor says otherwise.', {
      derived: true,
      filter: true,
    }),
  },
});
