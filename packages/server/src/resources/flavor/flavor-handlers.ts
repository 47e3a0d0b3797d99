import { randomUUID } from 'node:crypto';
import { blockersOf } from '@neutronium/model/api-error';
import { FlavorInUse, FlavorNotFound, ServiceProfileNotFound } from '@neutronium/model/routing-errors';
import { flavor } from '@neutronium/model/resources/flavor';
import { serviceProfile } from '@neutronium/model/resources/service-profile';
import type { Writer } from '../../store/store.ts';
import type { Handlers } from '../handlers.ts';

export function flavorHandlers(): Handlers<typeof flavor> {
  return {
    resource: flavor,
    notFound: (id) => new FlavorNotFound({ flavor_id: id }),
    async create({ store }, requests) {
      for (const { service_profiles } of requests) await requireProfiles(store, service_profiles);
      return store.insert(
        flavor,
        requests.map((request) => ({ ...request, id: randomUUID() })),
      );
    },
    async update({ store }, { id }, changes) {
      await requireProfiles(store, changes.service_profiles ?? []);
      return store.update(flavor, id, changes);
    },
    async remove({ store }, { id }) {
      const users = await store.db.selectFrom('routers').select('id').where('flavor_id', '=', id).execute();
      const blockers = blockersOf(
        'router',
        users.map((user) => user.id),
      );
      if (users.length > 0) throw new FlavorInUse({ flavor_id: id, blockers });
      await store.remove(flavor, id);
    },
    async derive(_call, records) {
      return records.map(() => ({}));
    },
  };
}

/** Throws ServiceProfileNotFound for the first that is not there; holds those that are. */
export async function requireProfiles(store: Writer, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    if ((await store.get(serviceProfile, id)) === undefined) throw new ServiceProfileNotFound({ sp_id: id });
  }
}
