import type { Condition } from '@neutronium/model/read-query';
import { network, type NetworkRecord } from '@neutronium/model/resources/network';
import { port, type PortRecord } from '@neutronium/model/resources/port';
import { subnet, type SubnetRecord } from '@neutronium/model/resources/subnet';
import { ip } from '@neutronium/net/ip';
import { networkRecord, portRecord, subnetRecord } from '@neutronium/testkit/records';
import { withStores } from '@neutronium/testkit/store';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { serverContext } from '../context.ts';
import { claimAddresses } from './allocations.ts';
import { RecordMissing, UniqueViolation, type Store } from './store.ts';

const context = serverContext('req-1');

withStores((fixture) => {
  let store: Store;
  let net: NetworkRecord;
  let sub: SubnetRecord;
  beforeAll(async () => {
    store = await fixture.open();
  });
  beforeEach(async () => {
    await fixture.empty(store);
    [net, sub] = await store.write(context, async (writer) => {
      const [madeNetwork] = await writer.insert(network, [networkRecord({ name: 'net' })]);
      if (madeNetwork === undefined) throw new Error('nothing inserted');
      const [madeSubnet] = await writer.insert(subnet, [subnetRecord({ network_id: madeNetwork.id })]);
      if (madeSubnet === undefined) throw new Error('nothing inserted');
      return [madeNetwork, madeSubnet] as const;
    });
  });

  const insertPorts = (...ports: Partial<PortRecord>[]): Promise<readonly PortRecord[]> =>
    store.write(context, (writer) =>
      writer.insert(
        port,
        ports.map((more) => portRecord({ network_id: net.id, ...more })),
      ),
    );
  const address = (text: string): PortRecord['fixed_ips'][number] => ({ subnet_id: sub.id, ip_address: ip(text) });
  const namesWhere = async (...where: Condition[]): Promise<readonly string[]> => {
    const found = await store.read((reader) => reader.list(port, { where }));
    return found.map(({ name }) => name).toSorted();
  };

  describe('a record', () => {
    it('is read as it was written', async () => {
      const segment = { id: 's1', network_type: 'vlan', physical_network: 'p', segmentation_id: 7 } as const;
      const [written] = await store.write(context, (writer) =>
        writer.insert(network, [
          networkRecord({ shared: true, 'router:external': true, segments: [segment], availability_zone_hints: ['z'] }),
        ]),
      );
      expect(written).toMatchObject({ shared: true, 'router:external': true, segments: [segment] });
      expect(await store.read((reader) => reader.get(network, written?.id ?? ''))).toEqual(written);
    });

    it('keeps its addresses in their order', async () => {
      const fixed_ips = ['10.0.0.9', '10.0.0.3', '10.0.0.5'].map(address);
      const [written] = await insertPorts({ fixed_ips });
      const read = await store.read((reader) => reader.get(port, written?.id ?? ''));
      expect(read?.fixed_ips).toEqual(fixed_ips);
    });

    it('is not there when its id is unknown', async () => {
      expect(await store.read((reader) => reader.get(port, 'nobody'))).toBeUndefined();
      await expect(store.write(context, (writer) => writer.remove(port, 'nobody'))).rejects.toThrow(RecordMissing);
    });

    it('comes in the order in which it is asked for', async () => {
      const ports = await insertPorts({}, {}, {});
      const ids = ports.map(({ id }) => id).toReversed();
      const read = await store.read((reader) => reader.getMany(port, [...ids, 'nobody']));
      expect(read.map(({ id }) => id)).toEqual(ids);
    });
  });

  describe('an update', () => {
    it('changes what it names, counts, and leaves the rest', async () => {
      const [before] = await insertPorts({ fixed_ips: [address('10.0.0.9'), address('10.0.0.8')], name: 'old' });
      const fixed_ips = [address('10.0.0.7'), address('10.0.0.9')];
      const id = before?.id ?? '';
      const after = await store.write(context, (writer) => writer.update(port, id, { fixed_ips, name: 'new' }));
      expect(after).toMatchObject({ fixed_ips, name: 'new', mac_address: before?.mac_address, revision_number: 2 });
      expect(await store.read((reader) => reader.get(port, id))).toEqual(after);
    });

    it('writes nothing when nothing differs', async () => {
      const revision = await settled(store);
      const same = await store.write(context, (writer) => writer.update(network, net.id, { name: net.name }));
      expect(same).toEqual(net);
      expect(await settled(store)).toBe(revision);
    });

    it('shares and unshares', async () => {
      for (const shared of [true, false, true]) {
        await store.write(context, (writer) => writer.update(network, net.id, { shared }));
        expect((await store.read((reader) => reader.get(network, net.id)))?.shared).toBe(shared);
      }
    });

    it('counts a touch without any difference', async () => {
      await store.write(context, (writer) => writer.touch(network, net.id));
      expect((await store.read((reader) => reader.get(network, net.id)))?.revision_number).toBe(2);
    });
  });

  describe('a unique constraint', () => {
    it('refuses the address of another port, by its name', async () => {
      await insertPorts({ fixed_ips: [address('10.0.0.9')] });
      await expect(insertPorts({ fixed_ips: [address('10.0.0.9')] })).rejects.toThrow(
        new UniqueViolation('ip_allocations_network_id_ip_address'),
      );
      expect(await store.read((reader) => reader.count(port, []))).toBe(1);
    });

    it('refuses the MAC address of another port of the network, by its name', async () => {
      const [first] = await insertPorts({});
      if (first === undefined) throw new Error('nothing inserted');
      await expect(insertPorts({}, { mac_address: first.mac_address })).rejects.toThrow(
        new UniqueViolation('ports_network_id_mac_address'),
      );
      expect(await store.read((reader) => reader.count(port, []))).toBe(1);
    });

    it('refuses an id twice', async () => {
      await expect(insertPorts({ id: 'same' }, { id: 'same' })).rejects.toThrow(new UniqueViolation('ports_pkey'));
    });

    it('lets go of what a removed record had', async () => {
      const [first] = await insertPorts({ fixed_ips: [address('10.0.0.9')] });
      await store.write(context, (writer) => writer.remove(port, first?.id ?? ''));
      expect(await insertPorts({ fixed_ips: [address('10.0.0.9')] })).toHaveLength(1);
    });

    it('lets a claim try one address after another in one transaction', async () => {
      await insertPorts({ fixed_ips: [address('10.0.0.9')] });
      const claim = (ip_address: string) => ({ ...address(ip_address), network_id: net.id, port_id: 'mine' });
      const [created] = await store.write(context, async (writer) => {
        expect(await claimAddresses(writer.db, [claim('10.0.0.9')])).toEqual(new Set());
        expect(await claimAddresses(writer.db, [claim('10.0.0.10')])).toEqual(new Set([ip('10.0.0.10')]));
        const fixed_ips = [address('10.0.0.10')];
        return writer.insert(port, [portRecord({ id: 'mine', network_id: net.id, fixed_ips })]);
      });
      expect(created?.fixed_ips).toEqual([address('10.0.0.10')]);
    });
  });

  describe('a list', () => {
    beforeEach(async () => {
      await insertPorts(
        { name: 'a', device_id: 'vm1', tags: ['red', 'blue'], fixed_ips: [address('10.0.0.11')] },
        { name: 'b', device_id: 'vm1', tags: ['red'], fixed_ips: [address('10.0.0.12'), address('10.0.0.21')] },
        { name: 'c', device_id: 'vm2', admin_state_up: false, data_plane_status: 'DOWN' },
      );
    });
    const tags = (match: 'all' | 'any' | 'not-all' | 'none', ...wanted: string[]): Condition => ({
      op: 'tags',
      match,
      tags: wanted,
    });
    const fixedIp = (field: string, match: 'equal' | 'substring', ...values: string[]): Condition => ({
      op: 'has-field',
      attribute: 'fixed_ips',
      field,
      match,
      values,
    });

    it.each<[string, Condition[], string[]]>([
      ['one value', [{ op: 'equals', attribute: 'device_id', values: ['vm1'] }], ['a', 'b']],
      ['one of several values', [{ op: 'equals', attribute: 'name', values: ['a', 'c', 'x'] }], ['a', 'c']],
      ['a flag', [{ op: 'equals', attribute: 'admin_state_up', values: [false] }], ['c']],
      ['null', [{ op: 'equals', attribute: 'data_plane_status', values: [null] }], ['a', 'b']],
      ['null or a value', [{ op: 'equals', attribute: 'data_plane_status', values: [null, 'DOWN'] }], ['a', 'b', 'c']],
      ['no value', [{ op: 'equals', attribute: 'name', values: [] }], []],
      ['all tags', [tags('all', 'red', 'blue')], ['a']],
      ['any tag', [tags('any', 'green', 'blue')], ['a']],
      ['not all tags', [tags('not-all', 'red', 'blue')], ['b', 'c']],
      ['none of the tags', [tags('none', 'red', 'blue')], ['c']],
      ['a member', [{ op: 'has', attribute: 'tags', values: ['blue'] }], ['a']],
      ['an address', [fixedIp('ip_address', 'equal', '10.0.0.21', '10.0.0.11')], ['a', 'b']],
      ['a part of an address', [fixedIp('ip_address', 'substring', '.2')], ['b']],
      ['conditions together', [tags('any', 'red'), fixedIp('ip_address', 'substring', '.1')], ['a', 'b']],
    ])('finds by %s', async (_, where, names) => {
      expect(await namesWhere(...where)).toEqual(names);
    });

    it('finds a field of a JSON list', async () => {
      const pair = { mac_address: '*', ip_address: ip('10.9.9.9') };
      await insertPorts({ name: 'd', allowed_address_pairs: [pair as never] });
      const condition: Condition = {
        op: 'has-field',
        attribute: 'allowed_address_pairs',
        field: 'ip_address',
        match: 'equal',
        values: ['10.9.9.9'],
      };
      expect(await namesWhere(condition)).toEqual(['d']);
    });

    it('finds networks by their wires and by whom they are shared with', async () => {
      const wire = { id: 's9', network_type: 'vlan', physical_network: 'p', segmentation_id: 9 } as const;
      await store.write(context, (writer) =>
        writer.insert(network, [networkRecord({ name: 'wired', segments: [wire], shared: true })]),
      );
      const found = async (attribute: string, ...values: (string | number | boolean | null)[]) =>
        (await store.read((reader) => reader.list(network, { where: [{ op: 'equals', attribute, values }] }))).map(
          ({ name }) => name,
        );
      expect(await found('provider:segmentation_id', 9)).toEqual(['wired']);
      expect(await found('provider:physical_network', 'q')).toEqual([]);
      expect(await found('shared', true)).toEqual(['wired']);
      expect(await found('shared', false)).toEqual(['net']);
    });

    it('finds subnets by what they have from their network', async () => {
      const shared = await store.write(context, async (writer) => {
        const [made] = await writer.insert(network, [networkRecord({ shared: true })]);
        await writer.insert(subnet, [subnetRecord({ network_id: made?.id ?? '' })]);
        return made;
      });
      const networksOf = async (...values: boolean[]) => {
        const where: Condition[] = [{ op: 'parent-equals', attribute: 'network_id', of: 'shared', values }];
        const subnets = await store.read((reader) => reader.list(subnet, { where }));
        return subnets.map(({ network_id }) => network_id).toSorted();
      };
      expect(await networksOf(true)).toEqual([shared?.id]);
      expect(await networksOf(false)).toEqual([net.id]);
      expect(new Set(await networksOf(true, false))).toEqual(new Set([shared?.id, net.id]));
    });
  });

  describe('a page', () => {
    it.each([false, true])('goes on where the one before ended (backwards: %s)', async (pageReverse) => {
      const states = ['DOWN', null, 'ACTIVE', null, 'DOWN', 'ACTIVE', null] as const;
      await insertPorts(...states.map((data_plane_status, index) => ({ data_plane_status, name: `p${index % 2}` })));
      const sort = [
        { attribute: 'data_plane_status', direction: 'asc' },
        { attribute: 'name', direction: 'desc' },
        { attribute: 'id', direction: 'asc' },
      ] as const;
      const whole = await store.read((reader) => reader.list(port, { sort }));
      expect(whole.map(({ data_plane_status }) => data_plane_status)).toEqual([
        null,
        null,
        null,
        'ACTIVE',
        'ACTIVE',
        'DOWN',
        'DOWN',
      ]);
      const pages: string[] = [];
      for (let marker: string | undefined; ;) {
        const page = await store.read((reader) =>
          reader.list(port, { sort, limit: 2, pageReverse, ...(marker === undefined ? {} : { marker }) }),
        );
        if (page.length === 0) break;
        const ids = page.map(({ id }) => id);
        if (pageReverse) pages.unshift(...ids);
        else pages.push(...ids);
        marker = pageReverse ? ids[0] : ids.at(-1);
      }
      expect(pages).toEqual(whole.map(({ id }) => id));
    });

    it('after an unknown record is none', async () => {
      const sort = [{ attribute: 'id', direction: 'asc' }] as const;
      const list = store.read((reader) => reader.list(port, { sort, limit: 1, marker: 'nobody' }));
      await expect(list).rejects.toThrow(new RecordMissing('port', 'nobody'));
    });
  });

  it('shows a project its own, what is shared with it, and the ports on its networks', async () => {
    await insertPorts({ project_id: 'guest' }, { project_id: 'other' });
    await store.write(context, (writer) =>
      writer.insert(network, [
        networkRecord({ project_id: 'other', name: 'shared', shared: true }),
        networkRecord({ project_id: 'other', name: 'external', 'router:external': true }),
        networkRecord({ project_id: 'other', name: 'hidden' }),
      ]),
    );
    const seen = await store.read(async (reader) => ({
      networks: (await reader.list(network, { visibleTo: 'project' })).map(({ name }) => name).toSorted(),
      ports: (await reader.list(port, { visibleTo: 'project' })).length,
      guestPorts: (await reader.list(port, { visibleTo: 'guest' })).length,
      guestSubnets: (await reader.list(subnet, { visibleTo: 'guest' })).length,
    }));
    expect(seen).toEqual({ networks: ['external', 'net', 'shared'], ports: 2, guestPorts: 1, guestSubnets: 0 });
  });
});

/** The last revision once everything written so far has its number. */
async function settled(store: Store): Promise<number> {
  const pending = async () =>
    store.read(async ({ db }) => (await db.selectFrom('change_log').select('entry').execute()).length);
  for (;;) {
    const revision = await store.revision();
    if (revision === (await pending())) return revision;
  }
}
