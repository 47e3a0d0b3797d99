import { computed } from '../attribute.ts';
import { flag } from '../kinds/flag.ts';
import { text } from '../kinds/text.ts';
import { resource } from '../resource.ts';

export const serviceProvider = resource({
  name: 'service_provider',
  plural: 'service_providers',
  doc: 'Who provides a service, as flavors may choose it: of the providers that Neutron has by itself, those that make routers of a kind that is offered. None is the default, since a router without a flavor is of the kind that its own attributes say.',
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
