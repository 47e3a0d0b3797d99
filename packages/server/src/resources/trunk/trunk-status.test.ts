import { describe, expect, it } from 'vitest';
import { decideTrunkStatus } from './trunk-status.ts';

type TrunkPort = Parameters<typeof decideTrunkStatus>[0];

const wired: TrunkPort = { status: 'ACTIVE', admin_state_up: true, 'binding:vif_type': 'ovs' };
const down: TrunkPort = { ...wired, status: 'DOWN' };
const building: TrunkPort = { ...wired, status: 'BUILD' };
const failed: TrunkPort = { ...down, 'binding:vif_type': 'binding_failed' };
const unbound: TrunkPort = { ...down, 'binding:vif_type': 'unbound' };
const off: TrunkPort = { ...down, admin_state_up: false };

describe('the status of a trunk', () => {
  it.each<[string, TrunkPort, readonly TrunkPort[], string]>([
    ['its parent has no host', unbound, [], 'DOWN'],
    ['nothing can wire its parent', failed, [wired], 'DOWN'],
    ['its parent has no device yet', down, [down], 'DOWN'],
    ['its parent is being wired', building, [wired], 'BUILD'],
    ['only its parent is wired, which is all there is', wired, [], 'ACTIVE'],
    ['all are wired', wired, [wired, wired], 'ACTIVE'],
    ['one is being wired', wired, [wired, building], 'BUILD'],
    ['one is not wired', wired, [wired, building, down], 'DEGRADED'],
    ['one was switched off, and the others are wired', wired, [wired, off], 'ACTIVE'],
    ['its host cannot wire one of them', wired, [wired, failed], 'ERROR'],
  ])('where %s', (_, parent, subPorts, status) => {
    expect(decideTrunkStatus(parent, subPorts)).toBe(status);
  });
});
