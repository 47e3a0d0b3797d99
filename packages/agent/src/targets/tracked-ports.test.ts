import type { TrackedPort } from '@neutronium/dataplane/host-plan';
import { ip } from '@neutronium/net/ip';
import { expect, it } from 'vitest';
import { FakeOpenFlow } from '#effects/openflow/openflow.fake';
import { newRow } from '#effects/ovsdb/column';
import { addMembers, insert, update } from '#effects/ovsdb/operation';
import { FakeOvsdb } from '#effects/ovsdb/ovsdb.fake';
import { converge } from './converge.fake.ts';
import { OvsBridges } from './ovs-bridges.ts';
import { TrackedPorts } from './tracked-ports.ts';

const deadVlan = 4095;

/** A switch with the devices of those ports, on the dead VLAN. */
async function switchWith(...portIds: readonly string[]) {
  const [ovsdb, openflow] = [new FakeOvsdb(), new FakeOpenFlow()];
  openflow.makeBridge('br-int');
  const configuration = { ourBridges: ['br-int'], datapathType: 'netdev' } as const;
  await converge(new OvsBridges({ ovsdb, configuration }), [
    { name: 'br-int', failMode: 'secure', ours: false, patches: [] },
  ]);
  for (const portId of portIds) {
    const [port, device] = [newRow('p'), newRow('i')];
    ovsdb.devices.add(portId);
    await ovsdb.transact([
      insert('Interface', { name: portId, external_ids: { 'iface-id': portId } }, device),
      insert('Port', { name: portId, interfaces: [device], tag: deadVlan }, port),
      addMembers('Bridge', { name: 'br-int' }, 'ports', [port]),
    ]);
  }
  const newTarget = () => new TrackedPorts({ ovsdb, openflow, integrationBridge: 'br-int' });
  const connect = (name: string, tag: number) => ovsdb.transact([update('Port', { name }, { tag })]);
  return { openflow, newTarget, connect, forgotten: () => openflow.forgotten.splice(0) };
}

const tracked = (portId: string, zone: number, ...addresses: readonly string[]): TrackedPort => ({
  portId,
  zone,
  addresses: addresses.map(ip),
});

it('forgets what was known of the addresses of a port before it is connected, each time', async () => {
  const { newTarget, connect, forgotten } = await switchWith('a');
  const target = newTarget();
  const desired = [tracked('a', 1, '10.0.0.5', 'fd00::5')];
  await converge(target, desired);
  expect(forgotten()).toEqual(['10.0.0.5 in 1', 'fd00::5 in 1']);
  await converge(target, desired);
  expect(forgotten()).toEqual(['10.0.0.5 in 1', 'fd00::5 in 1']);
  await connect('a', 1);
  expect(await converge(target, desired)).toEqual([]);
  // While it may not speak, others may.
  await connect('a', deadVlan);
  await converge(target, desired);
  expect(forgotten()).toEqual(['10.0.0.5 in 1', 'fd00::5 in 1']);
});

it('forgets what was known of an address that a port gets, and of no other', async () => {
  const { newTarget, connect, forgotten } = await switchWith('a', 'b');
  const target = newTarget();
  await converge(target, [tracked('a', 1, '10.0.0.5'), tracked('b', 1, '10.0.0.6')]);
  await connect('a', 1);
  await connect('b', 1);
  forgotten();
  await converge(target, [tracked('a', 1), tracked('b', 1, '10.0.0.5', '10.0.0.6')]);
  expect(forgotten()).toEqual(['10.0.0.5 in 1']);
  await converge(target, [tracked('a', 1), tracked('b', 1, '10.0.0.5')]);
  expect(forgotten()).toEqual([]);
});

it('leaves the connections of ports that an earlier agent has connected', async () => {
  const { newTarget, connect, forgotten } = await switchWith('a');
  await connect('a', 1);
  const target = newTarget();
  await converge(target, [tracked('a', 1, '10.0.0.5')]);
  expect(forgotten()).toEqual([]);
  await converge(target, [tracked('a', 1, '10.0.0.5', '10.0.0.7')]);
  expect(forgotten()).toEqual(['10.0.0.7 in 1']);
});
