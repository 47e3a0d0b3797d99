import { applyChange, viewOf, type HostObject } from '@neutronium/model/host-view';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deadVlan } from '../bridges/dead-vlan.ts';
import { compile } from '../compile.ts';
import { id, inventory, network, plugged, port } from '../sample-host.ts';

const trunkId = 'ffff0001-0000-4000-8000-000000000000';
const bridge = `tbr-${trunkId}`.slice(0, 14);
const joint = (letter: string, digits: number): { readonly trunkEnd: string; readonly integrationEnd: string } => ({
  trunkEnd: `${letter}pt-${id('port', digits)}`.slice(0, 14),
  integrationEnd: `${letter}pi-${id('port', digits)}`.slice(0, 14),
});
const [parentJoint, redJoint, blueJoint] = [joint('t', 61), joint('s', 62), joint('s', 63)];

const subport = (digits: number, segmentation_id: number): HostObject => ({
  section: 'subports',
  id: id('port', digits),
  trunk_id: trunkId,
  segmentation_id,
});
const objects: readonly HostObject[] = [
  network(1),
  network(2),
  port(61),
  port(62, { network_id: id('network', 2), device_owner: 'trunk:subport' }),
  port(63, { network_id: id('network', 2), device_owner: 'trunk:subport' }),
  { section: 'trunks', id: trunkId, port_id: id('port', 61) },
  subport(62, 101),
  subport(63, 102),
];
const view = viewOf(1, objects);
const trunkDevices = new Map([[id('port', 61), bridge]]);

describe('a trunk', () => {
  it('has its bridge before the device of its parent, and its joints with it', () => {
    const bridgesOf = (devices: ReadonlyMap<string, string>) =>
      compile(view, inventory([], { trunkDevices: devices })).bridges.filter(({ name }) => name === bridge);
    expect(bridgesOf(new Map())).toEqual([{ name: bridge, failMode: 'standalone', ours: true, patches: [] }]);
    expect(bridgesOf(trunkDevices)).toMatchObject([
      {
        patches: [
          { name: parentJoint.trunkEnd, peer: parentJoint.integrationEnd, tag: 0 },
          { name: redJoint.trunkEnd, peer: redJoint.integrationEnd, tag: 101 },
          { name: blueJoint.trunkEnd, peer: blueJoint.integrationEnd, tag: 102 },
        ],
      },
    ]);
  });

  it('is not wired for a device that is plugged elsewhere', () => {
    const elsewhere = new Map([[id('port', 61), 'tbr-of-another']]);
    expect(compile(view, inventory([], { trunkDevices: elsewhere })).ports).toEqual([]);
  });

  it('has the ends of its joints for the devices of its ports, each on its own network', () => {
    const seen = inventory(
      [plugged(61, 161), plugged(62, 162), plugged(63, 163)].map((device, index) => ({
        ...device,
        device: [parentJoint, redJoint, blueJoint][index]?.integrationEnd ?? '',
      })),
      { trunkDevices },
    );
    expect(compile(view, seen).ports).toMatchObject([
      { device: parentJoint.integrationEnd, tag: 1, plug: { otherEnd: { bridge, peer: parentJoint.trunkEnd } } },
      { device: redJoint.integrationEnd, tag: 2, plug: { otherEnd: { bridge, peer: redJoint.trunkEnd } } },
      { device: blueJoint.integrationEnd, tag: 2, plug: { otherEnd: { bridge, peer: blueJoint.trunkEnd } } },
    ]);
  });

  it('leaves a port behind it silent that may not speak', () => {
    const off = applyChange(view, {
      revision: 2,
      set: [port(62, { network_id: id('network', 2), admin_state_up: false })],
      remove: [],
    });
    const red = compile(off, inventory([], { trunkDevices })).ports.find(({ portId }) => portId === id('port', 62));
    expect(red).toMatchObject({ tag: deadVlan, deadBecause: 'its admin state is down' });
  });

  it('that filters by iptables leaves guarded ports silent: no Linux bridge is before them', () => {
    const seen = inventory([{ ...plugged(62, 162), device: redJoint.integrationEnd }], {
      trunkDevices,
      firewallDriver: 'iptables_hybrid',
    });
    const red = compile(view, seen).ports.find(({ portId }) => portId === id('port', 62));
    expect(red?.deadBecause).toContain('is not behind a Linux bridge');
  });

  it('is planned the same whatever the order in which its ports came', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...objects], { minLength: objects.length }), (shuffled) => {
        const seen = inventory([], { trunkDevices });
        expect(compile(viewOf(1, shuffled), seen)).toEqual(compile(view, seen));
      }),
    );
  });
});
