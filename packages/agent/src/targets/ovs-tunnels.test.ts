import * as fc from 'fast-check';
import type { TunnelPortPlan } from '@neutronium/dataplane/host-plan';
import { describe, expect, it } from 'vitest';
import { newRow } from '#effects/ovsdb/column';
import { addMembers, insert, update } from '#effects/ovsdb/operation';
import { FakeOvsdb } from '#effects/ovsdb/ovsdb.fake';
import { converge } from './converge.fake.ts';
import { OvsTunnels } from './ovs-tunnels.ts';

function tunnel(last: number, localIp = '192.0.2.1'): TunnelPortPlan {
  return {
    bridge: 'br-tun',
    name: `vxlan-c000020${last}`,
    type: 'vxlan',
    options: { remote_ip: `192.0.2.${last}`, local_ip: localIp, in_key: 'flow', out_key: 'flow' },
  };
}

const anyTunnels = fc
  .tuple(fc.subarray([2, 3, 4]), fc.constantFrom('192.0.2.1', '192.0.2.9'))
  .map(([ends, localIp]) => ends.map((last) => tunnel(last, localIp)));

/** A database with a tunnel bridge, on which `foreign` is someone else's. */
async function withBridge(foreign: readonly TunnelPortPlan[] = []): Promise<FakeOvsdb> {
  const ovsdb = new FakeOvsdb();
  const bridge = newRow('bridge');
  await ovsdb.transact([
    insert('Bridge', { name: 'br-tun' }, bridge),
    addMembers('Open_vSwitch', 'every', 'bridges', [bridge]),
  ]);
  for (const { name, type, options } of foreign) {
    const [port, device] = [newRow('port'), newRow('device')];
    await ovsdb.transact([
      insert('Interface', { name, type, options }, device),
      insert('Port', { name, interfaces: [device] }, port),
      addMembers('Bridge', { name: 'br-tun' }, 'ports', [port]),
    ]);
  }
  return ovsdb;
}

const targetOf = (ovsdb: FakeOvsdb): OvsTunnels => new OvsTunnels({ ovsdb, tunnelBridge: 'br-tun' });

describe('the tunnels', () => {
  it('come from any state to any other, even when interrupted on the way, and are then left alone', async () => {
    await fc.assert(
      fc.asyncProperty(anyTunnels, anyTunnels, fc.nat(4), async (before, desired, stopAfter) => {
        const ovsdb = await withBridge();
        await converge(targetOf(ovsdb), before);
        await converge(targetOf(ovsdb), desired, { stopAfter });
        await converge(targetOf(ovsdb), desired);
        const changes = ovsdb.changes;
        expect(await converge(targetOf(ovsdb), desired)).toEqual([]);
        expect(ovsdb.changes).toBe(changes);
        expect((await targetOf(ovsdb).observe()).map(({ name, options }) => ({ name, options }))).toEqual(
          expect.arrayContaining(desired.map(({ name, options }) => ({ name, options }))),
        );
      }),
    );
  });

  it('that someone else has made are used when they are wanted, and never removed', async () => {
    const ovsdb = await withBridge([tunnel(2, '192.0.2.7'), tunnel(3)]);
    await converge(targetOf(ovsdb), [tunnel(2)]);
    const named = async (): Promise<readonly string[]> => (await targetOf(ovsdb).observe()).map(({ name }) => name);
    expect(await targetOf(ovsdb).observe()).toMatchObject([
      { ...tunnel(2), own: false },
      { ...tunnel(3), own: false },
    ]);
    await converge(targetOf(ovsdb), []);
    expect(await named()).toEqual([tunnel(2).name, tunnel(3).name]);
  });

  it('are put right when someone has changed them', async () => {
    const ovsdb = await withBridge();
    await converge(targetOf(ovsdb), [tunnel(2)]);
    await ovsdb.transact([update('Interface', { name: tunnel(2).name }, { options: { remote_ip: '203.0.113.1' } })]);
    expect(await converge(targetOf(ovsdb), [tunnel(2)])).toMatchObject([{ kind: 'configure' }]);
    expect(await targetOf(ovsdb).observe()).toMatchObject([tunnel(2)]);
  });

  it('are none where there is no tunnel bridge, and cannot be looked at without a connection', async () => {
    const ovsdb = new FakeOvsdb();
    expect(await targetOf(ovsdb).observe()).toEqual([]);
    ovsdb.disconnect();
    await expect(targetOf(ovsdb).observe()).rejects.toThrow('no connection');
  });
});
