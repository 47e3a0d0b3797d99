import { randomUUID } from 'node:crypto';
import { declareError } from '@neutronium/model/api-error';
import type { Handlers } from '@neutronium/server/resources/handlers';
import { rack } from './rack.ts';

const RackNotFound = declareError<{ readonly rack_id: string }>(
  404,
  'RackNotFound',
  ({ rack_id }) => `Rack ${rack_id} could not be found.`,
);

export function rackHandlers(): Handlers<typeof rack> {
  return {
    resource: rack,
    notFound: (id) => new RackNotFound({ rack_id: id }),
    create: ({ store }, requests) =>
      store.insert(
        rack,
        requests.map((request) => ({ ...request, id: randomUUID(), tags: [] })),
      ),
    update: ({ store }, current, changes) => store.update(rack, current.id, changes),
    remove: ({ store }, current) => store.remove(rack, current.id),
    derive: async (_call, records) => records.map(() => ({})),
  };
}
