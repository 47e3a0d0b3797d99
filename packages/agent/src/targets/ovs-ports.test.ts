import * as fc from 'fast-check';
import type { SwitchPortPlan } from '@neutronium/dataplane/host-plan';
import { describe, expect, it } from 'vitest';
import { newRow } from '#effects/ovsdb/column';
import { addMembers, insert } from '#effects/ovsdb/operation';
import { FakeOvsdb } from '#effects/ovsdb/ovsdb.fake';
import { converge } from './converge.fake.ts';
import { OvsBridges } from './ovs-bridges.ts';
import { type ObservedSwitchPort, OvsPorts } from './ovs-ports.ts';

const deadVlan = 4095;

async function switchWith(foreignDevices: readonly string[]): Promise<{ ovsdb: FakeOvsdb; target: OvsPorts }> {
  const ovsdb = new FakeOvsdb();
  const configuration = { ourBridges: ['br-int'], datapathType: 'netdev' } as const;
  await converge(new OvsBridges({ ovsdb, configuration }), [
    { name: 'br-int', failMode: 'secure', ours: false, patches: [] },
  ]);
  for (const device of ['tapx', 'tapy', 'tapz']) ovsdb.devices.add(device);
  for (const device of foreignDevices) await plugInstance(ovsdb, device);
  return { ovsdb, target: new OvsPorts({ ovsdb, integrationBridge: 'br-int' }) };
}

/** As Nova does it: no tag, and the port's id on the interface. */
async function plugInstance(ovsdb: FakeOvsdb, name: string): Promise<void> {
  const [port, device] = [newRow('p'), newRow('i')];
  ovsdb.devices.add(name);
  await ovsdb.transact([
    insert('Interface', { name, external_ids: { 'iface-id': `id-${name}` } }, device),
    insert('Port', { name, interfaces: [device], other_config: { theirs: 'kept' } }, port),
    addMembers('Bridge', { name: 'br-int' }, 'ports', [port]),
  ]);
}

const steerings: Readonly<Record<number, 'hash' | 'thread'>> = { 2: 'hash', 3: 'thread' };

function planOf(device: string, tag: number, plugged: 'by us' | 'by others'): SwitchPortPlan {
  const portId = `id-${device}`;
  return {
    portId,
    device,
    tag,
    deadBecause: tag === deadVlan ? 'for a test' : null,
    txSteering: steerings[tag] ?? null,
    behindNetfilter: false,
    otherConfig: tag === deadVlan ? {} : { net_uuid: `net-${tag}`, tag: String(tag), network_type: 'local' },
    plug:
      plugged === 'by us'
        ? {
            externalIds: { 'iface-id': portId, 'iface-status': 'active' },
            otherEnd: { kind: 'namespace', namespace: `qdhcp-${device}` },
          }
        : null,
  };
}

const foreign = ['tapa', 'tapb'];
const anyTag = fc.constantFrom(1, 2, 3, deadVlan);
const anyPlan = fc
  .record({ foreign: fc.tuple(anyTag, anyTag), own: fc.dictionary(fc.constantFrom('tapx', 'tapy', 'tapz'), anyTag) })
  .map(({ foreign: tags, own }) => [
    ...foreign.map((device, i) => planOf(device, tags[i] ?? deadVlan, 'by others')),
    ...Object.entries(own).map(([device, tag]) => planOf(device, tag, 'by us')),
  ]);

/** One round plugs, and the next, which knows the new port's number and has made its flows, connects. */
async function settle(target: OvsPorts, desired: readonly SwitchPortPlan[]): Promise<void> {
  await converge(target, desired);
  await converge(target, desired);
}

const find = (ports: readonly ObservedSwitchPort[], device: string): ObservedSwitchPort | undefined =>
  ports.find((port) => port.device === device);

describe('the ports of the integration bridge', () => {
  it('come from any state to any other, even when interrupted on the way', async () => {
    await fc.assert(
      fc.asyncProperty(anyPlan, anyPlan, fc.nat(12), async (before, desired, stopAfter) => {
        const { target } = await switchWith(foreign);
        await settle(target, before);
        await converge(target, desired, { stopAfter });
        await settle(target, desired);
        expect(await converge(target, desired)).toEqual([]);
        const reached = (await target.observe())
          .filter(({ portId }) => portId !== '')
          .map(({ device, tag, txSteering }) => [device, { tag, txSteering }]);
        expect(Object.fromEntries(reached)).toEqual(
          Object.fromEntries(desired.map(({ device, tag, txSteering }) => [device, { tag, txSteering }])),
        );
      }),
    );
  });

  it('are connected only after all that cuts off has been done', async () => {
    await fc.assert(
      fc.asyncProperty(anyPlan, anyPlan, async (before, desired) => {
        const { target } = await switchWith(foreign);
        await settle(target, before);
        const kinds = (await converge(target, desired)).map(({ kind }) => kind);
        const firstConnection = kinds.indexOf('connect');
        const rest = firstConnection < 0 ? [] : kinds.slice(firstConnection);
        expect(rest.filter((kind) => kind !== 'connect' && kind !== 'confirm')).toEqual([]);
      }),
    );
  });

  it('pass through the dead VLAN when they have just come or change their network', async () => {
    const { target } = await switchWith(['tapa']);
    const steps = (vlan: number) => converge(target, [planOf('tapa', vlan, 'by others')]);
    expect((await steps(1)).map(({ kind }) => kind)).toEqual(['isolate', 'connect', 'confirm']);
    expect((await steps(2)).map(({ kind }) => kind)).toEqual(['isolate', 'connect', 'confirm']);
    expect((await steps(deadVlan)).map(({ kind }) => kind)).toEqual(['isolate', 'confirm']);
    expect((await steps(2)).map(({ kind }) => kind)).toEqual(['connect', 'confirm']);
  });

  it('of our own wait on the dead VLAN for the round that knows their number', async () => {
    const { target } = await switchWith([]);
    const plug = (): Promise<readonly { readonly kind: string }[]> => converge(target, [planOf('tapx', 1, 'by us')]);
    expect((await plug()).map(({ kind }) => kind)).toEqual(['plug', 'confirm']);
    expect(await target.observe()).toMatchObject([{ device: 'br-int' }, { device: 'tapx', tag: deadVlan }]);
    expect((await plug()).map(({ kind }) => kind)).toEqual(['connect', 'confirm']);
  });

  it('stay on the dead VLAN for as long as their device cannot be opened', async () => {
    const { ovsdb, target } = await switchWith([]);
    const desired = [planOf('taplate', 1, 'by us')];
    await settle(target, desired);
    expect(find(await target.observe(), 'taplate')).toMatchObject({ tag: deadVlan, numbered: false });
    expect(await converge(target, desired)).toEqual([]);
    ovsdb.devices.add('taplate');
    await ovsdb.transact([]);
    await settle(target, desired);
    expect(find(await target.observe(), 'taplate')).toMatchObject({ tag: 1 });
  });

  it('are plugged anew when another device has taken the place of theirs', async () => {
    const { ovsdb, target } = await switchWith(['tapa']);
    const desired = [planOf('tapa', 1, 'by others'), planOf('tapx', 1, 'by us')];
    await settle(target, desired);
    await ovsdb.remakeDevice('tapa');
    expect(await converge(target, desired)).toEqual([]);
    await ovsdb.remakeDevice('tapx');
    expect((await converge(target, desired)).map(({ kind }) => kind)).toEqual(['replug', 'confirm']);
    expect((await converge(target, desired)).map(({ kind }) => kind)).toEqual(['connect', 'confirm']);
    expect(await converge(target, desired)).toEqual([]);
  });

  it('keep what others wrote on them, and lose what we no longer say', async () => {
    const { ovsdb, target } = await switchWith(['tapa']);
    await converge(target, [planOf('tapa', 1, 'by others')]);
    await converge(target, [planOf('tapa', deadVlan, 'by others')]);
    const row = [...(ovsdb.database?.Port.values() ?? [])].find(({ name }) => name === 'tapa');
    expect(row?.other_config).toEqual({ theirs: 'kept' });
  });

  it('are ours to unplug only where we have plugged them', async () => {
    const { target } = await switchWith(['tapa']);
    await converge(target, [planOf('tapa', 1, 'by others'), planOf('tapx', 1, 'by us')]);
    await converge(target, []);
    const left = await target.observe();
    expect(find(left, 'tapx')).toBe(undefined);
    expect(find(left, 'tapa')).toMatchObject({ tag: 1 });
  });

  it('are left alone by a restarted agent', async () => {
    const { ovsdb, target } = await switchWith(['tapa']);
    const desired = [planOf('tapa', 1, 'by others'), planOf('tapx', 1, 'by us')];
    await settle(target, desired);
    const { changes } = ovsdb;
    await converge(new OvsPorts({ ovsdb, integrationBridge: 'br-int' }), desired);
    expect(ovsdb.changes).toBe(changes);
  });
});
