import { randomUUID } from 'node:crypto';
import { blockersOf } from '@neutronium/model/api-error';
import { AddressScopeInUse, AddressScopeNotFound, AddressScopeUpdateError } from '@neutronium/model/routing-errors';
import { addressScope } from '@neutronium/model/resources/address-scope';
import { subnetpool } from '@neutronium/model/resources/subnetpool';
import type { Handlers } from '../handlers.ts';
import { sharedFlags } from '../sharing.ts';

export function addressScopeHandlers(): Handlers<typeof addressScope> {
  return {
    resource: addressScope,
    notFound: (id) => new AddressScopeNotFound({ address_scope_id: id }),
    create: ({ store }, requests) =>
      store.insert(
        addressScope,
        requests.map((request) => ({ ...request, id: randomUUID() })),
      ),
    async update({ store }, current, changes) {
      if (current.shared && changes.shared === false) {
        throw new AddressScopeUpdateError({
          address_scope_id: current.id,
          reason: "Shared address scope can't be unshared",
        });
      }
      return store.update(addressScope, current.id, changes);
    },
    async remove({ store }, { id }) {
      const pools = await store.list(subnetpool, {
        where: [{ op: 'equals', attribute: 'address_scope_id', values: [id] }],
      });
      const blockers = blockersOf(
        subnetpool.name,
        pools.map((pool) => pool.id),
      );
      if (pools.length > 0) throw new AddressScopeInUse({ address_scope_id: id, blockers });
      await store.remove(addressScope, id);
    },
    derive: ({ context, store }, records) => sharedFlags(store, 'address_scope', records, context.projectId),
  };
}
