import { HTTPNotFound } from '@neutronium/model/errors';
import { serviceProvider } from '@neutronium/model/resources/service-provider';
import type { Handlers } from '../handlers.ts';
import { l3Providers } from './l3-providers.ts';

/** The list is the same for everybody, and nobody changes it. */
export function serviceProviderHandlers(): Handlers<typeof serviceProvider> {
  return {
    resource: serviceProvider,
    notFound: () => new HTTPNotFound({ message: 'The resource could not be found.' }),
    async records() {
      return l3Providers.map(({ name }) => ({ service_type: 'L3_ROUTER_NAT', name, default: false }));
    },
    derive: async (_call, records) => records,
  };
}
