import { compile } from '@neutronium/dataplane/compile';
import {
  floatingIp,
  haObjects,
  haRouter,
  router,
  routerId,
  surroundings,
} from '@neutronium/dataplane/routers/sample-router';
import { id, inventory, plugged, port } from '@neutronium/dataplane/sample-host';
import { viewOf, type HostObject } from '@neutronium/model/host-view';
import type { HaState } from '@neutronium/model/watch-protocol';
import { ip } from '@neutronium/net/ip';
import { describe, expect, it } from 'vitest';
import { floatingIpStates } from './floating-ip-states.ts';

const well = {
  failures: [],
  broken: new Set<string>(),
  blocked: new Set<string>(),
  steps: 0,
  drift: new Map(),
  aborted: false,
};

/** An instance of this host, port 18, and one of another, port 28, each with a floating IP. */
const instances: readonly HostObject[] = [
  port(28, { host: 'beta', fixed_ips: [{ subnet_id: id('subnet', 1), ip_address: ip('10.0.0.28') }] }),
  floatingIp(21),
  floatingIp(22, { port_id: id('port', 28), fixed_ip_address: ip('10.0.0.28') }),
  port(99, { network_id: id('network', 9), device_owner: 'network:floatingip_agent_gateway' }),
  { section: 'agent_gateways', id: id('network', 9), port_id: id('port', 99) },
];

/** What this host, on which the router is `state`, says of each floating IP. */
function saidOf(objects: readonly HostObject[], state: HaState): Readonly<Record<string, string>> {
  const devices = [1, 19, 40, 99].map((digits, index) => plugged(digits, index + 1));
  const view = viewOf(1, [...surroundings, ...haObjects, ...instances, ...objects]);
  const found = inventory(devices, { haStates: new Map([[routerId, state]]) });
  const ports = devices.map(({ portId }) => ({
    id: portId,
    revision: 1,
    state: 'wired' as const,
    why: '',
    isOfService: false,
  }));
  const states = floatingIpStates({ view, inventory: found, hostPlan: compile(view, found) }, well, ports);
  return Object.fromEntries(states.map((each) => [each.id, each.status]));
}
const [own, other] = [floatingIp(21).id, floatingIp(22).id];

describe('of a highly available router', () => {
  it('speaks the host on which it is active, and no other', () => {
    expect(saidOf([haRouter], 'active')).toEqual({ [own]: 'ACTIVE', [other]: 'ACTIVE' });
    expect(saidOf([haRouter], 'standby')).toEqual({});
  });
});

describe('of a distributed router whose centre several hosts share', () => {
  const shared = router({ ...haRouter, distributed: true });

  it('speaks the host on which the centre is active, but for what is reached without it', () => {
    expect(saidOf([shared], 'active')).toEqual({ [own]: 'ACTIVE', [other]: 'ACTIVE' });
    expect(saidOf([shared], 'standby')).toEqual({ [own]: 'ACTIVE' });
  });
});
