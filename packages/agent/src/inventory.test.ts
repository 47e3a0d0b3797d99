import { describe, expect, it } from 'vitest';
import { newRow } from '#effects/ovsdb/column';
import { addMembers, insert, type Operation, update } from '#effects/ovsdb/operation';
import { FakeOvsdb } from '#effects/ovsdb/ovsdb.fake';
import { InventoryWatch } from './inventory.ts';
import { converge } from './targets/converge.fake.ts';
import { OvsBridges } from './targets/ovs-bridges.ts';

const scope = { integrationBridge: 'br-int' };

async function watched(): Promise<{ ovsdb: FakeOvsdb; watch: InventoryWatch; news: { count: number } }> {
  const ovsdb = new FakeOvsdb();
  const configuration = { ourBridges: ['br-int'], datapathType: 'netdev' } as const;
  await converge(new OvsBridges({ ovsdb, configuration }), [
    { name: 'br-int', failMode: 'secure', ours: false, patches: [{ name: 'int-br-ex', peer: 'phy-br-ex', tag: null }] },
    { name: 'br-ex', failMode: 'secure', ours: false, patches: [{ name: 'phy-br-ex', peer: 'int-br-ex', tag: null }] },
  ]);
  const watch = new InventoryWatch({ ovsdb, scope });
  const news = { count: 0 };
  watch.onChange(() => news.count++);
  return { ovsdb, watch, news };
}

function plug(name: string, portId: string, otherConfig: Readonly<Record<string, string>> = {}): readonly Operation[] {
  const [port, device] = [newRow('p'), newRow('i')];
  return [
    insert('Interface', { name, external_ids: { 'iface-id': portId } }, device),
    insert('Port', { name, interfaces: [device], other_config: otherConfig }, port),
    addMembers('Bridge', { name: 'br-int' }, 'ports', [port]),
  ];
}

describe('the inventory', () => {
  it('has a device once the switch has given it a number', async () => {
    const { ovsdb, watch, news } = await watched();
    await ovsdb.transact(plug('tapa', 'a'));
    expect(watch.current?.plugged.size).toBe(0);
    ovsdb.devices.add('tapa');
    await ovsdb.transact([]);
    expect(watch.current?.plugged.get('a')).toMatchObject({ portId: 'a', device: 'tapa' });
    expect(news.count).toBe(1);
  });

  it('is not news when something else changes', async () => {
    const { ovsdb, watch, news } = await watched();
    const before = watch.current;
    await ovsdb.transact([update('Bridge', { name: 'br-ex' }, { fail_mode: null })]);
    expect(watch.current).toBe(before);
    expect(news.count).toBe(0);
  });

  it('has the number of each tunnel, which is no patch port', async () => {
    const { ovsdb, watch } = await watched();
    const [port, device] = [newRow('p'), newRow('i')];
    await ovsdb.transact([
      insert('Interface', { name: 'vxlan-c0000202', type: 'vxlan', options: { remote_ip: '192.0.2.2' } }, device),
      insert('Port', { name: 'vxlan-c0000202', interfaces: [device] }, port),
      addMembers('Bridge', { name: 'br-ex' }, 'ports', [port]),
    ]);
    expect([...(watch.current?.tunnelPorts.keys() ?? [])]).toEqual(['vxlan-c0000202']);
    expect([...(watch.current?.patchPorts.keys() ?? [])].toSorted()).toEqual(['int-br-ex', 'phy-br-ex']);
  });

  it('takes the device that was plugged last when two claim one port', async () => {
    const { ovsdb, watch } = await watched();
    for (const name of ['tapold', 'tapnew']) {
      ovsdb.devices.add(name);
      await ovsdb.transact(plug(name, 'a'));
    }
    expect(watch.current?.plugged.get('a')?.device).toBe('tapnew');
  });

  it('remembers the local VLANs that ports carry, the lower one where they disagree', async () => {
    const { ovsdb, watch } = await watched();
    await ovsdb.transact(plug('tapa', 'a', { net_uuid: 'n', tag: '7' }));
    await ovsdb.transact(plug('tapb', 'b', { net_uuid: 'n', tag: '5' }));
    await ovsdb.transact(plug('tapc', 'c', { net_uuid: 'm', tag: '4095' }));
    await ovsdb.transact(plug('tapd', 'd', { net_uuid: 'o', tag: 'what' }));
    expect(watch.current?.rememberedVlans).toEqual(new Map([['n', 5]]));
  });

  it('knows the numbers of the patch ports by name', async () => {
    const { watch } = await watched();
    expect([...(watch.current?.patchPorts.keys() ?? [])].toSorted()).toEqual(['int-br-ex', 'phy-br-ex']);
  });

  it('is unknown while the database cannot be reached', async () => {
    const { ovsdb, watch, news } = await watched();
    ovsdb.disconnect();
    expect(watch.current).toBe(null);
    ovsdb.reconnect();
    expect(watch.current?.patchPorts.size).toBe(2);
    expect(news.count).toBe(2);
  });
});
