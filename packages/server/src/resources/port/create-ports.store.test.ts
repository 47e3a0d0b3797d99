import { randomInt } from 'node:crypto';
import { IpAddressGenerationFailure } from '@neutronium/model/errors';
import { network } from '@neutronium/model/resources/network';
import { port, type PortCreate, type PortRecord } from '@neutronium/model/resources/port';
import { subnet } from '@neutronium/model/resources/subnet';
import { cidr } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import { mac } from '@neutronium/net/mac';
import { networkRecord, subnetRecord } from '@neutronium/testkit/records';
import { portRequest, serverConfig } from '@neutronium/testkit/requests';
import { withStores } from '@neutronium/testkit/store';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { openVSwitch } from '#binding/open-vswitch';
import type { RandomBelow } from '#ipam/choose-addresses';
import { serverContext } from '../../context.ts';
import type { Store } from '../../store/store.ts';
import { createPorts } from './create-ports.ts';
import type { PortParts } from './port-parts.ts';

const networkId = '0d7ab9b8-5f3e-4c3f-9d53-0b8d64d9a001';
const parts = (random: RandomBelow): PortParts => ({
  config: serverConfig(),
  now: () => new Date('2026-01-01T00:00:00Z'),
  random,
  drivers: [openVSwitch],
});

withStores((fixture) => {
  /** Two servers on one database; SQLite has one server. */
  let stores: readonly Store[];
  beforeAll(async () => {
    const url = await fixture.newDatabase();
    const first = await fixture.open(url);
    stores = fixture.kind === 'postgres' ? [first, await fixture.open(url)] : [first];
  });
  beforeEach(async () => {
    for (const store of stores.slice(0, 1)) {
      await fixture.empty(store);
      await store.write(serverContext('req-setup'), async (writer) => {
        await writer.insert(network, [networkRecord({ id: networkId })]);
        await writer.insert(subnet, [
          subnetRecord({
            network_id: networkId,
            cidr: cidr('10.0.0.0/26'),
            allocation_pools: [{ start: ip('10.0.0.2'), end: ip('10.0.0.62') }],
          }),
        ]);
      });
    }
  });

  const create = (requests: readonly PortCreate[], random: RandomBelow = (limit) => randomInt(limit), server = 0) => {
    const store = stores[server % stores.length] ?? stores[0];
    if (store === undefined) throw new Error('a store was opened');
    return store.write(serverContext('req-test'), (writer) => createPorts(parts(random), writer, requests));
  };
  const addressesOf = (ports: readonly PortRecord[]): readonly string[] =>
    ports.flatMap(({ fixed_ips }) => fixed_ips.map(({ ip_address }) => ip_address));

  describe('createPorts', () => {
    it('gives many clients of several servers every address once, and then no more', async () => {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 70 }, (_, index) => create([portRequest(networkId)], undefined, index)),
      );
      const created = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []));
      expect(created).toHaveLength(61);
      expect(new Set(addressesOf(created)).size).toBe(61);
      expect(new Set(created.map(({ mac_address }) => mac_address)).size).toBe(61);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(IpAddressGenerationFailure);
      }
    });

    it('draws again when a random MAC address is taken', async () => {
      // Four addresses in all, so nearly every draw meets one that is taken.
      const few: RandomBelow = (limit) => randomInt(Math.min(limit, 4));
      const created: PortRecord[] = [];
      for (let count = 0; count < 3; count += 1) created.push(...(await create([portRequest(networkId)], few)));
      expect(new Set(created.map(({ mac_address }) => mac_address)).size).toBe(3);
    });

    it('creates all of a bulk request or none', async () => {
      const requests = Array.from({ length: 62 }, () => portRequest(networkId));
      await expect(create(requests)).rejects.toThrow('No more IP addresses available');
      const created = await create(requests.slice(1));
      expect(new Set(addressesOf(created)).size).toBe(61);
    });

    it('costs as many statements for a hundred ports as for one', async () => {
      const [store] = stores;
      if (store === undefined) throw new Error('a store was opened');
      const large = networkRecord();
      await store.write(serverContext('req-setup'), async (writer) => {
        await writer.insert(network, [large]);
        const allocation_pools = [{ start: ip('10.1.0.2'), end: ip('10.1.255.254') }];
        await writer.insert(subnet, [
          subnetRecord({ network_id: large.id, cidr: cidr('10.1.0.0/16'), allocation_pools }),
        ]);
      });
      const statementsFor = (count: number): Promise<number> =>
        store.write(serverContext('req-test'), async (writer) => {
          const statements = vi.spyOn(writer.db.getExecutor(), 'executeQuery');
          const requests = Array.from({ length: count }, () => portRequest(large.id));
          await createPorts(
            parts((limit) => randomInt(limit)),
            writer,
            requests,
          );
          const { length } = statements.mock.calls;
          statements.mockRestore();
          return length;
        });
      // The first port of a project brings it its default security group.
      await statementsFor(1);
      const forOne = await statementsFor(1);
      expect(forOne).toBeGreaterThan(3);
      expect(await statementsFor(100)).toBe(forOne);
    });

    it('keeps the order of a bulk request', async () => {
      const requests = Array.from({ length: 20 }, (_, index) => portRequest(networkId, { name: `port ${index}` }));
      expect((await create(requests)).map(({ name }) => name)).toEqual(requests.map(({ name }) => name));
    });

    it('gives nobody an address that another port of the request names', async () => {
      const named = [...Array(60).keys()].map((index) => ({ fixed_ips: [{ ip_address: ip(`10.0.0.${index + 3}`) }] }));
      const created = await create([portRequest(networkId), ...named.map((more) => portRequest(networkId, more))]);
      expect(created[0]?.fixed_ips).toMatchObject([{ ip_address: '10.0.0.2' }]);
    });

    it.each([
      ['an address', { fixed_ips: [{ ip_address: ip('10.0.0.9') }] }, 'IP address 10.0.0.9 already allocated'],
      ['a MAC address', { mac_address: mac('fa:16:3e:00:00:09') }, 'The mac address fa:16:3e:00:00:09 is in use'],
    ])('refuses %s that another port has, in the same request or before', async (_, more, reason) => {
      await expect(create([portRequest(networkId, more), portRequest(networkId, more)])).rejects.toThrow(reason);
      await create([portRequest(networkId, more)]);
      await expect(create([portRequest(networkId, more)])).rejects.toThrow(reason);
      await expect(create([portRequest(networkId), portRequest(networkId, more)])).rejects.toThrow(reason);
      const all = await stores[0]?.read((reader) => reader.list(port, {}));
      expect(all).toHaveLength(1);
    });

    it('may give an address outside the pools to a port that names it, and the gateway too', async () => {
      const named = [{ ip_address: ip('10.0.0.1') }];
      expect(addressesOf(await create([portRequest(networkId, { fixed_ips: named })]))).toEqual(['10.0.0.1']);
    });
  });
});
