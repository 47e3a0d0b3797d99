import * as fc from 'fast-check';
import type { BridgePlan } from '@neutronium/dataplane/host-plan';
import { describe, expect, it } from 'vitest';
import { newRow } from '#effects/ovsdb/column';
import { addMembers, changeKeys, insert } from '#effects/ovsdb/operation';
import { FakeOvsdb } from '#effects/ovsdb/ovsdb.fake';
import { converge } from './converge.fake.ts';
import { type ObservedBridge, OvsBridges } from './ovs-bridges.ts';

const configuration = { ourBridges: ['br-int'], datapathType: 'netdev' } as const;

function plansOf(physicalBridges: readonly string[]): readonly BridgePlan[] {
  const patches = physicalBridges.map((name) => ({ name: `int-${name}`, peer: `phy-${name}`, tag: null }));
  return [
    { name: 'br-int', failMode: 'secure', ours: false, patches },
    ...physicalBridges.map((name): BridgePlan => ({
      name,
      failMode: 'secure',
      ours: false,
      patches: [{ name: `phy-${name}`, peer: `int-${name}`, tag: null }],
    })),
  ];
}

const anyPlans = fc.subarray(['br-ex', 'br-dc', 'br-lab']).map(plansOf);

/** A bridge that an operator has made: standalone, with a port of his own and no version of ours. */
async function addForeignBridge(ovsdb: FakeOvsdb, name: string): Promise<void> {
  const [bridge, port, device] = [newRow('b'), newRow('p'), newRow('i')];
  await ovsdb.transact([
    insert('Interface', { name: `${name}-up`, type: 'internal' }, device),
    insert('Port', { name: `${name}-up`, interfaces: [device] }, port),
    insert('Bridge', { name, ports: [port], datapath_type: 'netdev', protocols: ['OpenFlow13'] }, bridge),
    addMembers('Open_vSwitch', 'every', 'bridges', [bridge]),
  ]);
}

const byName = (bridges: readonly ObservedBridge[]): Readonly<Record<string, ObservedBridge>> =>
  Object.fromEntries(bridges.map((bridge) => [bridge.name, bridge]));

describe('the bridges', () => {
  it('are made, joined, and then left alone', async () => {
    const target = new OvsBridges({ ovsdb: new FakeOvsdb(), configuration });
    await converge(target, plansOf(['br-ex']));
    const { 'br-int': integration, 'br-ex': provider } = byName(await target.observe());
    expect(integration).toMatchObject({ own: true, datapathType: 'netdev', failMode: 'secure' });
    expect(integration?.protocols).toContain('OpenFlow14');
    expect(integration?.patches).toMatchObject([{ name: 'int-br-ex', peer: 'phy-br-ex', own: true }]);
    expect(provider?.patches).toMatchObject([{ name: 'phy-br-ex', peer: 'int-br-ex', own: true }]);
    expect(await converge(target, plansOf(['br-ex']))).toEqual([]);
  });

  it('come from any state to any other, even when interrupted on the way', async () => {
    await fc.assert(
      fc.asyncProperty(anyPlans, anyPlans, fc.nat(8), async (before, desired, stopAfter) => {
        const target = new OvsBridges({ ovsdb: new FakeOvsdb(), configuration });
        await converge(target, before);
        await converge(target, desired, { stopAfter });
        await converge(target, desired);
        expect(await converge(target, desired)).toEqual([]);
        expect((await target.observe()).map(({ name }) => name).toSorted()).toEqual(
          desired.map(({ name }) => name).toSorted(),
        );
      }),
    );
  });

  it('of an operator get our patch port and our version, keep what they have, and survive us', async () => {
    const ovsdb = new FakeOvsdb();
    await addForeignBridge(ovsdb, 'br-ex');
    const target = new OvsBridges({ ovsdb, configuration });
    await converge(target, plansOf(['br-ex']));
    expect(byName(await target.observe())['br-ex']).toMatchObject({
      own: false,
      failMode: null,
      protocols: expect.arrayContaining(['OpenFlow13', 'OpenFlow14']),
      patches: [{ name: 'phy-br-ex' }],
    });
    await converge(target, plansOf([]));
    expect(byName(await target.observe())['br-ex']).toMatchObject({ own: false, patches: [] });
    expect([...(ovsdb.database?.Port.values() ?? [])].map(({ name }) => name)).toContain('br-ex-up');
  });

  describe('of a trunk', () => {
    const trunkBridge = (tags: readonly number[]): BridgePlan => ({
      name: 'tbr-1',
      failMode: 'standalone',
      ours: true,
      patches: tags.map((tag) => ({ name: `spt-${tag}`, peer: `spi-${tag}`, tag })),
    });
    const anyTags = fc.subarray([0, 101, 102]);

    it('have a joint for each port, which bears its tag, whatever there was before', async () => {
      await fc.assert(
        fc.asyncProperty(anyTags, anyTags, fc.nat(4), async (before, desired, stopAfter) => {
          const target = new OvsBridges({ ovsdb: new FakeOvsdb(), configuration });
          await converge(target, [trunkBridge(before)]);
          await converge(target, [trunkBridge(desired)], { stopAfter });
          await converge(target, [trunkBridge(desired)]);
          const { 'tbr-1': bridge } = byName(await target.observe());
          expect(bridge?.failMode).toBe('standalone');
          const tags = bridge?.patches.map(({ name, peer, tag }) => `${name} ${peer} ${tag}`);
          expect(tags?.toSorted()).toEqual(desired.map((tag) => `spt-${tag} spi-${tag} ${tag}`).toSorted());
        }),
      );
    });

    it('have a tag changed under the same name', async () => {
      const target = new OvsBridges({ ovsdb: new FakeOvsdb(), configuration });
      const withTag = (tag: number): BridgePlan => ({
        ...trunkBridge([]),
        patches: [{ name: 'spt-1', peer: 'spi-1', tag }],
      });
      await converge(target, [withTag(101)]);
      await converge(target, [withTag(102)]);
      expect(byName(await target.observe())['tbr-1']?.patches).toMatchObject([{ name: 'spt-1', tag: 102 }]);
    });

    it('are ours when whoever plugs has made them, and go once nothing is plugged there any more', async () => {
      const ovsdb = new FakeOvsdb();
      await addForeignBridge(ovsdb, 'tbr-1');
      const target = new OvsBridges({ ovsdb, configuration });
      await converge(target, [trunkBridge([0])]);
      expect(byName(await target.observe())['tbr-1']).toMatchObject({ own: true, failMode: 'standalone' });
      const plugged = [...(ovsdb.database?.Interface.values() ?? [])].find(({ name }) => name === 'tbr-1-up');
      const identity = { set: { 'iface-id': 'parent' } };
      await ovsdb.transact([changeKeys('Interface', { uuid: plugged?.uuid ?? '' }, 'external_ids', identity)]);
      await converge(target, []);
      expect(byName(await target.observe())['tbr-1']).toMatchObject({ patches: [], hasDevices: true });
      const unplugged = { remove: ['iface-id'] };
      await ovsdb.transact([changeKeys('Interface', { uuid: plugged?.uuid ?? '' }, 'external_ids', unplugged)]);
      await converge(target, []);
      expect(await target.observe()).toEqual([]);
    });
  });

  it('cannot be looked at without a connection', async () => {
    const ovsdb = new FakeOvsdb();
    ovsdb.disconnect();
    await expect(new OvsBridges({ ovsdb, configuration }).observe()).rejects.toThrow('no connection');
  });
});
