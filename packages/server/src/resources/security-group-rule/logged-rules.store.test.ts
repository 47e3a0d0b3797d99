import { addressGroup, addressGroupAddress } from '@neutronium/model/resources/address-group';
import { securityGroup } from '@neutronium/model/resources/security-group';
import { securityGroupRule } from '@neutronium/model/resources/security-group-rule';
import { cidr } from '@neutronium/net/cidr';
import { serverConfig } from '@neutronium/testkit/requests';
import { settled, withStores } from '@neutronium/testkit/store';
import { beforeAll, describe, expect, it } from 'vitest';
import { serverContext } from '../../context.ts';
import { Quotas } from '../../quota/quotas.ts';
import type { ChangeEntry, Store, Writer } from '../../store/store.ts';
import { addressGroupHandlers } from '../address-group/address-group-handlers.ts';
import type { Call } from '../handlers.ts';
import { ensureDefaultGroup } from '../security-group/default-group.ts';
import { securityGroupHandlers } from '../security-group/security-group-handlers.ts';
import { createRules } from './create-rules.ts';

withStores((fixture) => {
  let store: Store;
  beforeAll(async () => {
    store = await fixture.open();
  });

  /** What the log says of one transaction. */
  async function logged(work: (call: Call<Writer>) => Promise<unknown>): Promise<readonly ChangeEntry[]> {
    const before = await settled(store);
    const context = serverContext('req-test');
    await store.write(context, (writer) => work({ context, store: writer }));
    await settled(store);
    return store.changesAfter(before, 1000);
  }

  const group = (): Promise<string> =>
    store.write(serverContext('req-setup'), (writer) => ensureDefaultGroup(writer, crypto.randomUUID()));
  const rule = (security_group_id: string, port: number) => ({
    project_id: 'project',
    description: '',
    security_group_id,
    direction: 'ingress' as const,
    ethertype: 'IPv4' as const,
    protocol: 'tcp',
    port_range_min: port,
    port_range_max: port,
    remote_ip_prefix: null,
    remote_group_id: null,
    remote_address_group_id: null,
  });

  describe('the change log', () => {
    it('tells of a new rule in an entry of the rule and one of its group, however many rules the group has', async () => {
      const id = await group();
      const sizes: number[] = [];
      for (const count of [1, 200, 1]) {
        const rules = Array.from({ length: count }, (_, index) => rule(id, sizes.length * 1000 + index + 1));
        const entries = await logged((call) => createRules(call, rules));
        expect(entries.map(({ kind }) => kind).toSorted()).toEqual([
          securityGroup.name,
          ...rules.map(() => securityGroupRule.name),
        ]);
        sizes.push(JSON.stringify(entries[0]).length + JSON.stringify(entries.at(-1)).length);
      }
      // The numbers in them grow by some digits.
      expect(Math.abs((sizes[2] ?? 0) - (sizes[0] ?? 0))).toBeLessThan(30);
    });

    it('holds all that a host needs to know of a rule', async () => {
      const id = await group();
      const entries = await logged((call) => createRules(call, [rule(id, 22)]));
      expect(entries.find(({ kind }) => kind === securityGroupRule.name)?.after).toMatchObject(rule(id, 22));
    });

    it('tells of each address that comes to an address group or goes from it', async () => {
      const handlers = addressGroupHandlers();
      const request = { project_id: 'project', name: '', description: '', addresses: [cidr('10.0.0.0/24')] };
      const created = await logged(
        (call) => handlers.create?.(call, [request]) ?? Promise.reject(new Error('no create')),
      );
      const id = created.find(({ kind }) => kind === addressGroup.name)?.id ?? '';
      expect(created.find(({ kind }) => kind === addressGroupAddress)).toMatchObject({
        id: `${id}/10.0.0.0/24`,
        before: null,
        after: { address_group_id: id, address: '10.0.0.0/24' },
      });
      const changed = (name: string, address: string) =>
        logged(async (call) => {
          const current = await call.store.get(addressGroup, id);
          if (current !== undefined) await handlers.act?.(call, current, { name, body: { addresses: [address] } });
        });
      const kinds = [addressGroup.name, addressGroupAddress];
      expect((await changed('add_addresses', '10.1.0.0/16')).map(({ kind }) => kind).toSorted()).toEqual(kinds);
      expect((await changed('remove_addresses', '10.0.0.0/24')).map(({ op, kind }) => [kind, op])).toContainEqual([
        addressGroupAddress,
        'delete',
      ]);
      const gone = await logged(async (call) => {
        const current = await call.store.get(addressGroup, id);
        if (current !== undefined) await handlers.remove?.(call, current);
      });
      // A host that was away learns from the log alone which addresses it may still hold.
      expect(gone.map(({ kind, id: named, op }) => [kind, named, op])).toEqual([
        [addressGroupAddress, `${id}/10.1.0.0/16`, 'delete'],
        [addressGroup.name, id, 'delete'],
      ]);
    });

    it('tells of each rule of a group that is removed', async () => {
      const id = await group();
      const groupHandlers = securityGroupHandlers(new Quotas(serverConfig().quotas, []));
      const entries = await logged(async (call) => {
        const current = await call.store.get(securityGroup, id);
        if (current !== undefined) await groupHandlers.remove?.(call, current);
      });
      expect(
        entries
          .filter(({ op }) => op === 'delete')
          .map(({ kind }) => kind)
          .toSorted(),
      ).toEqual([securityGroup.name, ...Array.from({ length: 4 }, () => securityGroupRule.name)]);
    });
  });
});
