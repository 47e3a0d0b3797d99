import { randomUUID } from 'node:crypto';
import { blockersOf } from '@neutronium/model/api-error';
import { addressGroup, type AddressGroupRecord } from '@neutronium/model/resources/address-group';
import { defaultSecurityGroupRule } from '@neutronium/model/resources/default-security-group-rule';
import { securityGroupRule } from '@neutronium/model/resources/security-group-rule';
import {
  AddressesAlreadyExist,
  AddressesNotFound,
  AddressGroupInUse,
  AddressGroupNotFound,
} from '@neutronium/model/security-group-errors';
import type { Reader, Writer } from '../../store/store.ts';
import type { ActionRequest, ActionResult, Call, Derived, Handlers } from '../handlers.ts';
import { sharedFlags } from '../sharing.ts';
import { addAddresses, addressesOf, presentAddresses, removeAddresses } from './addresses.ts';
import { readAddresses } from './read-addresses.ts';

export function addressGroupHandlers(): Handlers<typeof addressGroup> {
  return {
    resource: addressGroup,
    notFound: (id) => new AddressGroupNotFound({ address_group_id: id }),
    async create({ store }, requests) {
      const groups = requests.map(({ addresses = [], ...request }) => ({
        record: { ...request, id: randomUUID(), shared: false },
        addresses: [...new Set(addresses)],
      }));
      const created = await store.insert(
        addressGroup,
        groups.map(({ record }) => record),
      );
      for (const { record, addresses } of groups) await addAddresses(store, record.id, addresses);
      return created;
    },
    update: ({ store }, current, changes) => store.update(addressGroup, current.id, changes),
    async remove({ store }, { id }) {
      const users = await store.list(securityGroupRule, { where: [named(id)] });
      const blockers = blockersOf(
        securityGroupRule.name,
        users.map((rule) => rule.id),
      );
      if (users.length > 0) throw new AddressGroupInUse({ address_group_id: id, blockers });
      const templates = await store.list(defaultSecurityGroupRule, { where: [named(id)] });
      for (const template of templates) await store.remove(defaultSecurityGroupRule, template.id);
      await removeAddresses(store, id, (await addressesOf(store, [id])).get(id) ?? []);
      await store.remove(addressGroup, id);
    },
    derive: deriveGroups,
    act: changeAddresses,
  };
}

async function deriveGroups(
  { context, store }: Call<Reader>,
  records: readonly AddressGroupRecord[],
): Promise<readonly Derived<typeof addressGroup>[]> {
  const shared = await sharedFlags(store, 'address_group', records, context.projectId);
  const addresses = await addressesOf(
    store,
    records.map(({ id }) => id),
  );
  return records.map(({ id }, index) => ({ ...shared[index], addresses: addresses.get(id) ?? [] }));
}

/** Both actions answer with the group as it then is. */
async function changeAddresses(
  { store }: Call<Writer>,
  { id }: AddressGroupRecord,
  { name, body }: ActionRequest,
): Promise<ActionResult<typeof addressGroup>> {
  const asked = [...new Set(readAddresses(body))];
  // Held until the end: nobody else changes the group's addresses meanwhile.
  await store.get(addressGroup, id);
  const present = await presentAddresses(store, id, asked);
  if (name === 'add_addresses') {
    const known = asked.filter((address) => present.has(address));
    if (known.length > 0) throw new AddressesAlreadyExist({ addresses: known, address_group_id: id });
    await addAddresses(store, id, asked);
  } else {
    const unknown = asked.filter((address) => !present.has(address));
    if (unknown.length > 0) throw new AddressesNotFound({ addresses: unknown, address_group_id: id });
    await removeAddresses(store, id, asked);
  }
  if (asked.length > 0) await store.touch(addressGroup, id);
  const record = await store.get(addressGroup, id);
  if (record === undefined) throw new AddressGroupNotFound({ address_group_id: id });
  return { kind: 'record', record };
}

function named(id: string) {
  return { op: 'equals', attribute: 'remote_address_group_id', values: [id] } as const;
}
