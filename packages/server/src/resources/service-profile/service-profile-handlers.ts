import { randomUUID } from 'node:crypto';
import { blockersOf } from '@neutronium/model/api-error';
import {
  ServiceProfileDriverNotFound,
  ServiceProfileEmpty,
  ServiceProfileInUse,
  ServiceProfileNotFound,
} from '@neutronium/model/routing-errors';
import { flavor } from '@neutronium/model/resources/flavor';
import { serviceProfile } from '@neutronium/model/resources/service-profile';
import type { Reader } from '../../store/store.ts';
import type { Handlers } from '../handlers.ts';
import { l3Providers } from '../service-provider/l3-providers.ts';

export function serviceProfileHandlers(): Handlers<typeof serviceProfile> {
  return {
    resource: serviceProfile,
    notFound: (id) => new ServiceProfileNotFound({ sp_id: id }),
    async create({ store }, requests) {
      for (const { driver, metainfo } of requests) {
        if (driver === '' && metainfo === '') throw new ServiceProfileEmpty();
        requireDriver(driver);
      }
      return store.insert(
        serviceProfile,
        requests.map((request) => ({ ...request, id: randomUUID() })),
      );
    },
    async update({ store }, { id }, changes) {
      requireDriver(changes.driver ?? '');
      await requireUnused(store, id);
      return store.update(serviceProfile, id, changes);
    },
    async remove({ store }, { id }) {
      await requireUnused(store, id);
      await store.remove(serviceProfile, id);
    },
    async derive(_call, records) {
      return records.map(() => ({}));
    },
  };
}

function requireDriver(driver: string): void {
  if (driver === '' || l3Providers.some((provider) => provider.driver === driver)) return;
  throw new ServiceProfileDriverNotFound({ driver });
}

async function requireUnused(store: Reader, id: string): Promise<void> {
  const users = await store.list(flavor, { where: [{ op: 'has', attribute: 'service_profiles', values: [id] }] });
  const blockers = blockersOf(
    flavor.name,
    users.map((user) => user.id),
  );
  if (users.length > 0) throw new ServiceProfileInUse({ sp_id: id, blockers });
}
