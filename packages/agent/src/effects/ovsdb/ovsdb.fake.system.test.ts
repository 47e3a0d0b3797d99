// The fake is worth what it has in common with the real database: the same transactions, one after another, are refused
// or accepted by both, and leave the same rows.

import { LabHost, missingForLab } from '@neutronium/cli/lab/host';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { systemRandom } from '../random.ts';
import { OvsdbClient } from './client.ts';
import { newRow } from './column.ts';
import { addMembers, changeKeys, insert, type Operation, removeMembers, update } from './operation.ts';
import { type Ovsdb, OvsdbRefused } from './ovsdb.ts';
import { FakeOvsdb } from './ovsdb.fake.ts';

/** A transaction, made for the database that it is to run on, whose row ids are its own. */
type Transaction = (ovsdb: Ovsdb) => readonly Operation[];

const name = fc.constantFrom('p1', 'p2', 'p3');
const tag = fc.constantFrom(1, 2, 4095, 4096, null);
const entries = fc.dictionary(fc.constantFrom('net_uuid', 'tag', 'theirs'), fc.constantFrom('1', '2'), { maxKeys: 2 });

const makeBridge: Transaction = () => {
  const bridge = newRow('bridge');
  return [insert('Bridge', { name: 'br-x' }, bridge), addMembers('Open_vSwitch', 'every', 'bridges', [bridge])];
};

const plugging = fc.record({ name, entries }).map(({ name, entries }): Transaction => () => {
  const [port, device] = [newRow('port'), newRow('device')];
  return [
    insert('Interface', { name, type: 'internal', external_ids: entries }, device),
    insert('Port', { name, interfaces: [device], other_config: entries }, port),
    addMembers('Bridge', { name: 'br-x' }, 'ports', [port]),
  ];
});
const unplugging = name.map((name): Transaction => (ovsdb) => {
  const port = [...(ovsdb.database?.Port.values() ?? [])].find((row) => row.name === name);
  return port === undefined ? [] : [removeMembers('Bridge', { name: 'br-x' }, 'ports', [port.uuid])];
});
const tagging = fc.record({ name, tag }).map(({ name, tag }): Transaction => () => [update('Port', { name }, { tag })]);
const changing = fc
  .record({ name, set: entries, remove: fc.subarray(['net_uuid', 'theirs', 'absent']) })
  .map(({ name, set, remove }): Transaction => () => [changeKeys('Port', { name }, 'other_config', { set, remove })]);
const dangling = fc.constant<Transaction>(() => [
  addMembers('Bridge', { name: 'br-x' }, 'ports', ['00000000-0000-4000-8000-00000000dead']),
]);
const transactions = fc.array(fc.oneof(plugging, unplugging, tagging, changing, dangling), { maxLength: 12 });

const clear: Transaction = (ovsdb) => {
  const [bridge] = ovsdb.database?.Bridge.values() ?? [];
  return bridge === undefined ? [] : [removeMembers('Open_vSwitch', 'every', 'bridges', [bridge.uuid])];
};

/** Whether each was accepted, and what there is in the end. */
async function run(ovsdb: Ovsdb, sequence: readonly Transaction[]): Promise<unknown> {
  const accepted: boolean[] = [];
  for (const transaction of [clear, makeBridge, ...sequence]) {
    try {
      await ovsdb.transact(transaction(ovsdb));
      accepted.push(true);
    } catch (error) {
      if (!(error instanceof OvsdbRefused)) throw error;
      accepted.push(false);
    }
  }
  const { database } = ovsdb;
  if (database === null) throw new Error('the connection was lost');
  const nameOf = (uuid: string): string | undefined =>
    database.Port.get(uuid)?.name ?? database.Interface.get(uuid)?.name;
  const [bridge] = database.Bridge.values();
  return {
    accepted,
    bridge: { name: bridge?.name, ports: bridge?.ports.map(nameOf).toSorted() },
    ports: [...database.Port.values()]
      .map((row) => ({ name: row.name, tag: row.tag, config: row.other_config, devices: row.interfaces.map(nameOf) }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    devices: [...database.Interface.values()]
      .map((row) => ({ name: row.name, type: row.type, ids: row.external_ids }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

describe.skipIf(missingForLab().length > 0)('the fake database', () => {
  let host: LabHost;
  let real: OvsdbClient;

  beforeAll(async () => {
    host = await LabHost.start();
    // Only the database: what ovs-vswitchd makes of it is not compared.
    await host.killDaemon('ovs-vswitchd');
    real = new OvsdbClient({ socketPath: host.switch.dbSocket, clock: systemClock, random: systemRandom });
    await real.connected();
  });
  afterAll(async () => {
    real?.close();
    await host?.dispose();
  });

  it('accepts, refuses and keeps what the real one does', async () => {
    await fc.assert(
      fc.asyncProperty(transactions, async (sequence) => {
        expect(await run(new FakeOvsdb(), sequence)).toEqual(await run(real, sequence));
      }),
      { numRuns: 150 },
    );
  });
});
