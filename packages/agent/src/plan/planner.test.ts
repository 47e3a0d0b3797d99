import { viewOf } from '@neutronium/model/host-view';
import type { HostView, NetworkView } from '@neutronium/model/host-view';
import { describe, expect, it } from 'vitest';
import type { SwitchInventory } from '../inventory.ts';
import { Planner } from './planner.ts';

const network = (id: string): NetworkView => ({
  section: 'networks',
  id,
  project_id: 'p',
  mtu: 1500,
  admin_state_up: true,
  segments: [],
  dns_domain: '',
});
const empty: SwitchInventory = {
  plugged: new Map(),
  trunkDevices: new Map(),
  patchPorts: new Map(),
  tunnelPorts: new Map(),
  rememberedVlans: new Map(),
};

function rig(view: HostView | null, inventory: SwitchInventory | null) {
  const sources = { view, inventory, zones: new Map<string, number>(), haStates: new Map() };
  const planner = new Planner({
    view: () => sources.view,
    inventory: () => sources.inventory,
    zones: () => sources.zones,
    haStates: () => sources.haStates,
    configured: {
      host: 'h1',
      integrationBridge: 'br-int',
      bridgeMappings: new Map(),
      tunnels: null,
      firewallDriver: 'openvswitch',
      metadataProxies: 'none',
      vrrpAdvertInt: 2,
      loggedPackets: { rate: 100, burst: 25 },
      stateDir: '/state',
    },
  });
  return { sources, planner };
}

describe('the planner', () => {
  it('plans nothing before the server and the switch have both spoken', () => {
    expect(rig(null, empty).planner.current()).toBeNull();
    expect(rig(viewOf(1, []), null).planner.current()).toBeNull();
    expect(rig(viewOf(1, []), empty).planner.current()?.hostPlan.revision).toBe(1);
  });

  it('gives the same plan for as long as nothing has changed', () => {
    const { sources, planner } = rig(viewOf(1, [network('a')]), empty);
    const first = planner.current();
    expect(planner.current()).toBe(first);
    sources.view = viewOf(2, [network('a')]);
    expect(planner.current()).not.toBe(first);
  });

  it('keeps the local VLAN of a network that no port carries yet, whatever networks come and go', () => {
    const { sources, planner } = rig(viewOf(1, [network('b')]), empty);
    const before = planner.current()?.inventory.localVlans.get('b');
    sources.view = viewOf(2, [network('a'), network('b')]);
    expect(planner.current()?.inventory.localVlans.get('b')).toBe(before);
    expect(planner.current()?.inventory.localVlans.get('a')).not.toBe(before);
  });

  it('takes over the local VLANs that an earlier agent has given out', () => {
    const { planner } = rig(viewOf(1, [network('a'), network('b')]), {
      ...empty,
      rememberedVlans: new Map([['b', 1]]),
    });
    expect(planner.current()?.inventory.localVlans).toEqual(
      new Map([
        ['a', 2],
        ['b', 1],
      ]),
    );
  });
});
