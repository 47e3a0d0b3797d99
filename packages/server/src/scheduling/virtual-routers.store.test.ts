import { randomInt } from 'node:crypto';
import { network } from '@neutronium/model/resources/network';
import { router, type RouterRecord } from '@neutronium/model/resources/router';
import { routerRecord } from '@neutronium/testkit/records';
import { serverConfig } from '@neutronium/testkit/requests';
import { withStores } from '@neutronium/testkit/store';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { openVSwitch } from '#binding/open-vswitch';
import { serverContext } from '../context.ts';
import type { Store } from '../store/store.ts';
import { ensureVirtualRouter, releaseVirtualRouter } from './virtual-routers.ts';

const parts = {
  config: serverConfig({}),
  now: () => new Date(),
  random: (bound: number) => randomInt(bound),
  drivers: [openVSwitch],
};

withStores((fixture) => {
  let store: Store;
  beforeAll(async () => {
    store = await fixture.open();
  });
  beforeEach(() => fixture.empty(store));

  const add = (count: number): Promise<readonly RouterRecord[]> =>
    store.write(serverContext('req-test'), (writer) =>
      writer.insert(
        router,
        Array.from({ length: count }, () => routerRecord({ project_id: 'p', ha: true })),
      ),
    );
  const ensure = (records: readonly RouterRecord[]) =>
    store.write(serverContext('req-test'), async (writer) => {
      const places: { readonly network_id: string; readonly vr_id: number }[] = [];
      for (const record of records) places.push(await ensureVirtualRouter(parts, writer, record));
      return places;
    });
  const networks = () => store.read((reader) => reader.list(network, {}));

  it('lets a project have more routers than one network has ids for', async () => {
    const records = await add(256);
    const places = await ensure(records);
    const numbered = Map.groupBy(places, ({ network_id }) => network_id);
    expect([...numbered.values()].map((taken) => taken.length).toSorted((a, b) => a - b)).toEqual([1, 255]);
    for (const taken of numbered.values()) {
      expect(new Set(taken.map(({ vr_id }) => vr_id)).size).toBe(taken.length);
      expect(taken.every(({ vr_id }) => vr_id >= 1 && vr_id <= 255)).toBe(true);
    }
    expect(await ensure(records)).toEqual(places);
  });

  it('gives an id that is free again to the next router, and the last one takes the network with it', async () => {
    const [first, second, third] = await add(3);
    if (first === undefined || second === undefined || third === undefined) throw new Error('three were added');
    const [place] = await ensure([first, second]);
    await store.write(serverContext('req-test'), (writer) => releaseVirtualRouter(writer, first));
    expect(await ensure([third])).toMatchObject([{ network_id: place?.network_id, vr_id: place?.vr_id }]);
    expect(await networks()).toHaveLength(1);
    await store.write(serverContext('req-test'), async (writer) => {
      for (const each of [second, third]) await releaseVirtualRouter(writer, each);
    });
    expect(await networks()).toEqual([]);
  });
});
