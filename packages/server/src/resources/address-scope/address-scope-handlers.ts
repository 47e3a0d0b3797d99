import { randomUUID } from 'node:crypto';
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
      const pools = await store.count(subnetpool, [{ op: 'equals', attribute: 'address_scope_id', values: [id] }]);
      if (pools > 0) throw new AddressScopeInUse({ address_scope_id: id });
      await store.remove(addressScope, id);
    },
    derive: ({ context, store }, records) => sharedFlags(store, 'address_scope', records, context.projectId),
  };
}
