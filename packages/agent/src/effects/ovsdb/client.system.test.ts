import { LabHost, missingForLab } from '@neutronium/cli/lab/host';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { systemRandom } from '../random.ts';
import { OvsdbClient } from './client.ts';
import { newRow } from './column.ts';
import { addMembers, changeKeys, insert, removeMembers, update } from './operation.ts';
import { OvsdbRefused, OvsdbUnreachable } from './ovsdb.ts';

describe.skipIf(missingForLab().length > 0)('a client of a real OVSDB server', () => {
  let host: LabHost;
  let ovsdb: OvsdbClient;
  const outages: string[] = [];

  beforeAll(async () => {
    host = await LabHost.start();
    ovsdb = new OvsdbClient({
      socketPath: host.switch.dbSocket,
      clock: systemClock,
      random: systemRandom,
      onUnreachable: ({ message }) => outages.push(message),
    });
    await ovsdb.connected();
    await host.vsctl('add-br', 'br-int', '--', 'set', 'Bridge', 'br-int', 'datapath_type=netdev');
    await host.script('ip link add tapa type veth peer name peera');
  });
  afterAll(async () => {
    ovsdb?.close();
    await host?.dispose();
  });

  const row = <T extends { readonly name: string }>(rows: Iterable<T> | undefined, name: string): T | undefined =>
    [...(rows ?? [])].find((candidate) => candidate.name === name);

  it('plugs a port in one transaction and shows its number when that is carried out', async () => {
    const [port, device] = [newRow('port'), newRow('interface')];
    const [uuid] = await ovsdb.apply([
      insert(
        'Interface',
        { name: 'tapa', external_ids: { 'iface-id': 'a', 'attached-mac': 'fa:16:3e:00:00:01' } },
        device,
      ),
      insert('Port', { name: 'tapa', interfaces: [device], tag: 4095, other_config: { net_uuid: 'n' } }, port),
      addMembers('Bridge', { name: 'br-int' }, 'ports', [port]),
    ]);
    const shown = ovsdb.database?.Interface.get(uuid ?? '');
    expect(shown).toMatchObject({ name: 'tapa', external_ids: { 'iface-id': 'a' }, error: null });
    expect(shown?.ofport).toBeGreaterThan(0);
    expect(row(ovsdb.database?.Port.values(), 'tapa')).toMatchObject({ tag: 4095, other_config: { net_uuid: 'n' } });
  });

  it('changes keys of a map and leaves the others', async () => {
    await host.vsctl('set', 'Port', 'tapa', 'other_config:theirs=1');
    await ovsdb.apply([
      changeKeys('Port', { name: 'tapa' }, 'other_config', { set: { net_uuid: 'm', tag: '7' }, remove: ['absent'] }),
      update('Port', { name: 'tapa' }, { tag: 7 }),
    ]);
    expect(row(ovsdb.database?.Port.values(), 'tapa')).toMatchObject({
      tag: 7,
      other_config: { net_uuid: 'm', tag: '7', theirs: '1' },
    });
  });

  it('hears of changes that others make', async () => {
    const heard = new Promise<void>((resolve) => {
      const subscription = ovsdb.onChange(() => {
        if (row(ovsdb.database?.Port.values(), 'theirs') === undefined) return;
        subscription[Symbol.dispose]();
        resolve();
      });
    });
    await host.vsctl('add-port', 'br-int', 'theirs', '--', 'set', 'Interface', 'theirs', 'type=internal');
    await heard;
  });

  it('says what the server refused and why, and nothing of the transaction happens', async () => {
    const refused = ovsdb.transact([
      changeKeys('Port', { name: 'tapa' }, 'other_config', { set: { half: 'done' } }),
      update('Port', { name: 'tapa' }, { tag: 5000 }),
    ]);
    await expect(refused).rejects.toThrow(OvsdbRefused);
    await expect(refused).rejects.toThrow(/refused update of Port: constraint violation/);
    expect(row(ovsdb.database?.Port.values(), 'tapa')?.other_config).not.toHaveProperty('half');
  });

  it('forgets a port that is taken from its bridge', async () => {
    const uuid = row(ovsdb.database?.Port.values(), 'tapa')?.uuid ?? '';
    await ovsdb.apply([removeMembers('Bridge', { name: 'br-int' }, 'ports', [uuid])]);
    expect(row(ovsdb.database?.Interface.values(), 'tapa')).toBe(undefined);
  });

  it('comes back when the server hangs up', async () => {
    await host.run(['ovs-appctl', '-t', `${host.dir}/ovsdb-server.ctl`, 'ovsdb-server/reconnect']);
    await expect.poll(() => ovsdb.database).toBe(null);
    await ovsdb.connected();
  });

  it('comes back by itself after the server died, with what changed meanwhile', async () => {
    outages.length = 0;
    await host.killDaemon('ovsdb-server');
    await expect.poll(() => ovsdb.database).toBe(null);
    await expect(ovsdb.transact([])).rejects.toThrow(OvsdbUnreachable);
    expect(outages).toEqual([`OVSDB: there is no connection to ${host.switch.dbSocket}`]);
    await host.startOvsdb();
    await host.vsctl('--no-wait', 'add-br', 'br-new');
    await ovsdb.connected();
    await expect.poll(() => row(ovsdb.database?.Bridge.values(), 'br-new')?.name).toBe('br-new');
  });
});
