import { HTTPNotFound } from '@neutronium/model/errors';
import { loggableResource, loggableResourceTypes } from '@neutronium/model/resources/loggable-resource';
import type { Handlers } from '../handlers.ts';

/** The list is the same for everybody who may see it, and nobody changes it. */
export function loggableResourceHandlers(): Handlers<typeof loggableResource> {
  return {
    resource: loggableResource,
    notFound: () => new HTTPNotFound({ message: 'The resource could not be found.' }),
    records: async () => loggableResourceTypes.map((type) => ({ type })),
    derive: async (_call, records) => records,
  };
}
