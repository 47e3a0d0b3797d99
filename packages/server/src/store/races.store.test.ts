import { network } from '@neutronium/model/resources/network';
import { port } from '@neutronium/model/resources/port';
import { subnet } from '@neutronium/model/resources/subnet';
import { ipFromBigInt } from '@neutronium/net/ip';
import { networkRecord, portRecord, subnetRecord } from '@neutronium/testkit/records';
import { withStores } from '@neutronium/testkit/store';
import { beforeAll, describe, expect, it } from 'vitest';
import { serverContext } from '../context.ts';
import { claimAddresses } from './allocations.ts';
import type { Store, Writer } from './store.ts';

const context = serverContext('req-1');

withStores((fixture) => {
  let servers: readonly Store[];
  let net: string;
  let sub: string;
  beforeAll(async () => {
    const url = await fixture.newDatabase();
    const first = await fixture.open(url);
    servers = fixture.kind === 'sqlite' ? [first] : [first, await fixture.open(url)];
    const record = networkRecord();
    const on = subnetRecord({ network_id: record.id });
    net = record.id;
    sub = on.id;
    await first.write(context, async (writer) => {
      await writer.insert(network, [record]);
      await writer.insert(subnet, [on]);
    });
  });

  /** `count` transactions at once, spread over the servers. */
  const atOnce = <T>(count: number, work: (writer: Writer, index: number) => Promise<T>): Promise<readonly T[]> =>
    Promise.all(
      Array.from({ length: count }, (_, index) => {
        const server = servers[index % servers.length];
        if (server === undefined) throw new Error('no server');
        return server.write(context, (writer) => work(writer, index));
      }),
    );

  describe('transactions at once', () => {
    it('get different addresses, each the lowest that is free', async () => {
      const taken = await atOnce(24, async (writer, index) => {
        const port_id = `port-${index}`;
        for (let candidate = 0x0a000002n; ; candidate += 1n) {
          const ip_address = ipFromBigInt(candidate, 4);
          const claim = { port_id, network_id: net, subnet_id: sub, ip_address };
          if ((await claimAddresses(writer.db, [claim])).has(ip_address)) return ip_address;
        }
      });
      expect(taken.toSorted()).toEqual(
        Array.from({ length: 24 }, (_, index) => ipFromBigInt(0x0a000002n + BigInt(index), 4)).toSorted(),
      );
    });

    it('count right under a lock', async () => {
      const limit = 5;
      const admitted = await atOnce(16, async (writer) => {
        await writer.lock('quota of p');
        const used = await writer.count(port, [{ op: 'equals', attribute: 'project_id', values: ['p'] }]);
        if (used >= limit) return false;
        await writer.insert(port, [portRecord({ network_id: net, project_id: 'p' })]);
        return true;
      });
      expect(admitted.filter(Boolean)).toHaveLength(limit);
    });

    it('lose none of the changes to one record', async () => {
      const before = await servers[0]?.read((reader) => reader.get(network, net));
      await atOnce(16, (writer) => writer.touch(network, net));
      const after = await servers[0]?.read((reader) => reader.get(network, net));
      expect(after?.revision_number).toBe((before?.revision_number ?? 0) + 16);
    });

    it('lose no change that depends on what was read', async () => {
      const before = await servers[0]?.read((reader) => reader.get(network, net));
      await atOnce(16, async (writer) => {
        const mtu = (await writer.get(network, net))?.mtu ?? 0;
        await writer.update(network, net, { mtu: mtu + 1 });
      });
      const after = await servers[0]?.read((reader) => reader.get(network, net));
      expect(after?.mtu).toBe((before?.mtu ?? 0) + 16);
    });

    it('run again when another has taken what they found free', async () => {
      const created = await atOnce(8, async (writer) => {
        const names = new Set((await writer.list(port, {})).map(({ id }) => id));
        let free = 0;
        while (names.has(`free-${free}`)) free += 1;
        const [record] = await writer.insert(port, [portRecord({ id: `free-${free}`, network_id: net })]);
        return record?.id;
      });
      expect(new Set(created)).toEqual(new Set(Array.from({ length: 8 }, (_, index) => `free-${index}`)));
    });
  });

  it('gives a reader one state, whatever is written meanwhile', async () => {
    const [server] = servers;
    const counts = await server?.read(async (reader) => {
      const before = await reader.count(port, []);
      await server.write(context, (writer) => writer.insert(port, [portRecord({ network_id: net })]));
      return { before, after: await reader.count(port, []) };
    });
    expect(counts?.after).toBe(counts?.before);
  });

  it('keeps a writer from writing after its transaction', async () => {
    let escaped: Writer | undefined;
    await servers[0]?.write(context, async (writer) => {
      escaped = writer;
    });
    await expect(escaped?.touch(network, net)).rejects.toThrow('after the end of its transaction');
  });
});
