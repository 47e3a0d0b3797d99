import type { HostPlan, Inventory, PluggedPort, ServicePlan, SwitchPortPlan } from '@neutronium/dataplane/host-plan';
import { viewOf } from '@neutronium/model/host-view';
import type { FloatingIpView, PortView } from '@neutronium/model/host-view';
import type { AgentMessage, HaState } from '@neutronium/model/watch-protocol';
import { ip } from '@neutronium/net/ip';
import { mac } from '@neutronium/net/mac';
import { describe, expect, it } from 'vitest';
import { TestClock } from '#effects/clock.fake';
import type { PlannedHost } from '#plan/planner';
import type { RoundOutcome } from '#reconcile/round';
import { subjects } from '../subjects.ts';
import { Reporter } from './reporter.ts';

function port(id: string, revision = 1, host = 'h1'): PortView {
  return {
    section: 'ports',
    id,
    network_id: 'n',
    project_id: 'p',
    host,
    mac_address: mac('fa:16:3e:00:00:01'),
    admin_state_up: true,
    device_owner: 'compute:nova',
    device_id: '',
    fixed_ips: [],
    allowed_address_pairs: [],
    port_security_enabled: true,
    security_groups: [],
    dns_assignment: [],
    extra_dhcp_opts: [],
    revision_number: revision,
  };
}

interface World {
  readonly ports: readonly PortView[];
  readonly plugged?: readonly string[];
  readonly dead?: Readonly<Record<string, string>>;
  readonly reserved?: readonly string[];
  readonly revision?: number;
  readonly floatingIps?: readonly (FloatingIpView & { readonly planned: boolean })[];
}

/** A plan as compile would make it, as far as the report looks at it. */
function planned({
  ports,
  plugged = [],
  dead = {},
  reserved = [],
  revision = 1,
  floatingIps = [],
}: World): PlannedHost {
  const devices = new Map(
    plugged.map((id): [string, PluggedPort] => [id, { portId: id, device: id, ofport: 1, ifindex: 1 }]),
  );
  const inventory: Inventory = {
    host: 'h1',
    integrationBridge: 'br-int',
    plugged: devices,
    trunkDevices: new Map(),
    localVlans: new Map(),
    bridgeMappings: new Map(),
    patchPorts: new Map(),
    tunnels: null,
    tunnelPorts: new Map(),
    firewallDriver: 'openvswitch',
    conntrackZones: new Map(),
    metadataProxies: 'none',
    vrrpAdvertInt: 2,
    loggedPackets: { rate: 100, burst: 25 },
    haStates: new Map(),
    stateDir: '/state',
  };
  const hostPlan: HostPlan = {
    revision,
    bridges: [],
    tunnels: [],
    flows: new Map(),
    meters: new Map(),
    namespaces: [],
    services: [],
    routerWatches: [],
    ports: plugged.map((id): SwitchPortPlan => ({
      portId: id,
      device: id,
      tag: 1,
      deadBecause: dead[id] ?? null,
      behindNetfilter: false,
      otherConfig: {},
      txSteering: null,
      plug: null,
    })),
    netfilter: [],
    translations: [],
    trackedPorts: [],
    floatingIps: floatingIps
      .filter((each) => each.planned)
      .map(({ id, floating_ip_address: floating, fixed_ip_address: fixed }) => ({
        id,
        floating,
        fixed,
        namespace: 'qrouter-r',
        gatewayPortId: 'gw',
      })),
    connections: [],
    dhcp: [
      {
        networkId: 'n',
        namespace: 'qdhcp-n',
        device: 'tap',
        directory: '/state/dhcp/n',
        files: new Map(),
        args: [],
        served: [],
        reservations: reserved.map((id) => ({ mac: mac('fa:16:3e:00:00:01'), ip: ip('10.0.0.5'), portId: id })),
      },
    ],
  };
  return { view: viewOf(revision, [...ports, ...floatingIps]), inventory, hostPlan };
}

const well: RoundOutcome = {
  failures: [],
  broken: new Set(),
  blocked: new Set(),
  steps: 0,
  drift: new Map(),
  aborted: false,
};

function rig() {
  const said: AgentMessage[] = [];
  const clock = new TestClock();
  const made = { connected: true, said, clock };
  const reporter = new Reporter({
    send(message) {
      if (made.connected) said.push(message);
      return made.connected;
    },
    agents: () => [],
    clock,
    intervalMs: 30_000,
  });
  return Object.assign(made, { reporter });
}

/** `a=wired b=absent +c` for a report, `ack 3` for an acknowledgement. */
function words(messages: readonly AgentMessage[]): readonly string[] {
  return messages.map((message) => {
    if (message.kind === 'ack') return `ack ${message.revision}`;
    if (message.kind === 'floating-ip-status') return message.ids.map(({ id, status }) => `${id}=${status}`).join(' ');
    if (message.kind === 'ha-router-status') return message.routers.map(({ id, state }) => `${id}=${state}`).join(' ');
    if (message.kind !== 'port-status') return message.kind;
    return [...message.ports.map(({ id, state }) => `${id}=${state}`), ...message.dhcp.map((id) => `+${id}`)].join(' ');
  });
}

describe('the report', () => {
  it('goes from absent over building to wired as a device comes, and back as it goes', () => {
    const { reporter, said } = rig();
    for (const plugged of [[], ['a'], []]) {
      const host = planned({ ports: [port('a')], plugged });
      reporter.beginning(host);
      reporter.finished(host, well);
    }
    expect(words(said)).toEqual(['a=absent', 'ack 1', 'a=building', 'a=wired', 'a=absent']);
  });

  it('speaks of this host’s ports only, and of many in one message', () => {
    const { reporter, said } = rig();
    const host = planned({
      ports: [port('a'), port('b'), port('c', 1, 'h2')],
      plugged: ['a', 'b'],
      reserved: ['a', 'c'],
    });
    reporter.finished(host, well);
    expect(words(said)).toEqual(['a=wired b=wired +a +c', 'ack 1']);
  });

  it('says nothing twice on one connection, and everything again on the next', () => {
    const made = rig();
    const host = planned({ ports: [port('a')], plugged: ['a'], reserved: ['a'] });
    made.reporter.finished(host, well);
    made.reporter.beginning(host);
    made.reporter.finished(host, well);
    made.reporter.connected();
    expect(words(made.said)).toEqual(['a=wired +a', 'ack 1', 'a=wired +a', 'ack 1']);
  });

  it('tells a new connection what became true while there was none', () => {
    const made = rig();
    made.connected = false;
    made.reporter.finished(planned({ ports: [port('a')], plugged: ['a'], revision: 4 }), well);
    made.connected = true;
    made.reporter.connected();
    expect(words(made.said)).toEqual(['a=wired', 'ack 4']);
  });

  it('speaks again of a port that has changed, and of one that has gone and come back', () => {
    const { reporter, said } = rig();
    for (const ports of [[port('a')], [port('a', 2)], [], [port('a', 2)]]) {
      reporter.finished(planned({ ports, plugged: ['a'] }), well);
    }
    expect(words(said)).toEqual(['a=wired', 'ack 1', 'a=wired', 'a=wired']);
  });

  it('says of a router’s port that it has had, and of no other, that it is there no more', () => {
    const { reporter, said } = rig();
    const side = { ...port('r'), device_owner: 'network:router_interface_distributed' };
    for (const ports of [[port('a'), side], [port('a')], [], [side]]) {
      reporter.finished(planned({ ports, plugged: ['a', 'r'] }), well);
    }
    expect(words(said)).toEqual(['a=wired r=wired', 'ack 1', 'r=absent', 'r=wired']);
  });

  it.each([
    ['its own step', subjects.port('a')],
    ['the flows of the integration bridge', subjects.flows('br-int')],
    ['the integration bridge', subjects.bridge('br-int')],
  ])('calls a port failed, and why, when %s failed', (_, subject) => {
    const { reporter, said } = rig();
    const failures = [{ stage: 's', subjects: [subject], what: 'trying', error: new Error('no') }];
    const outcome = { ...well, failures, broken: new Set([subject]) };
    reporter.finished(planned({ ports: [port('a')], plugged: ['a'] }), outcome);
    expect(said[0]).toMatchObject({ ports: [{ id: 'a', state: 'failed', why: 'trying: no' }] });
  });

  it('acknowledges nothing and calls no port wired while something could not be looked at', () => {
    const { reporter, said } = rig();
    const host = planned({ ports: [port('a')], plugged: ['a'], reserved: ['a'] });
    reporter.finished(host, { ...well, blocked: new Set(['flows']) });
    expect(words(said)).toEqual(['a=failed']);
    reporter.finished(host, well);
    expect(words(said)).toEqual(['a=failed', 'a=wired +a', 'ack 1']);
  });

  it('calls a port that may not speak absent, with the reason, and does not announce it', () => {
    const { reporter, said } = rig();
    const host = planned({ ports: [port('a')], plugged: ['a'], dead: { a: 'its admin state is down' } });
    reporter.beginning(host);
    reporter.finished(host, well);
    expect(said[0]).toMatchObject({ ports: [{ id: 'a', state: 'dead', why: 'its admin state is down' }] });
  });

  it('does not call reservations loaded that the DHCP server could not load', () => {
    const { reporter, said } = rig();
    reporter.finished(planned({ ports: [], reserved: ['a'] }), { ...well, broken: new Set([subjects.dhcp('n')]) });
    expect(words(said)).toEqual(['ack 1']);
  });

  it('sends a heartbeat each interval, with the repairs so far', () => {
    const { reporter, said, clock } = rig();
    const host = planned({ ports: [] });
    reporter.finished(host, { ...well, drift: new Map([['dhcp', 1]]) });
    reporter.finished(host, {
      ...well,
      drift: new Map([
        ['dhcp', 2],
        ['flows', 1],
      ]),
    });
    clock.advance(61_000);
    expect(said.filter(({ kind }) => kind === 'heartbeat')).toEqual([
      { kind: 'heartbeat', agents: [], drift: { dhcp: 3, flows: 1 } },
      { kind: 'heartbeat', agents: [], drift: { dhcp: 3, flows: 1 } },
    ]);
  });

  it('says what became of floating IPs: with their gateway’s port, with what fails, and anew when they have moved', () => {
    const { reporter, said } = rig();
    const floatingIp = (fixed: string, isPlanned = true) => ({
      section: 'floating_ips' as const,
      id: 'fip',
      router_id: 'r',
      floating_network_id: 'outside',
      floating_ip_address: ip('172.24.4.21'),
      fixed_ip_address: ip(fixed),
      port_id: 'vm',
      planned: isPlanned,
    });
    const told = (world: Partial<World>, outcome: RoundOutcome = well): readonly string[] => {
      const before = said.length;
      reporter.finished(planned({ ports: [port('gw')], ...world }), outcome);
      return words(said.slice(before)).filter((word) => word.includes('fip'));
    };
    expect(told({ floatingIps: [floatingIp('10.0.0.18', false)] })).toEqual(['fip=DOWN']);
    expect(told({ floatingIps: [floatingIp('10.0.0.18')] })).toEqual([]);
    expect(told({ floatingIps: [floatingIp('10.0.0.18')], plugged: ['gw'] })).toEqual(['fip=ACTIVE']);
    expect(told({ floatingIps: [floatingIp('10.0.0.20')], plugged: ['gw'] })).toEqual(['fip=ACTIVE']);
    const broken = new Set([subjects.netfilter('qrouter-r')]);
    expect(told({ floatingIps: [floatingIp('10.0.0.20')], plugged: ['gw'] }, { ...well, broken })).toEqual([
      'fip=ERROR',
    ]);
  });

  it('says what the host is to its highly available routers, again when that changes and on a new connection', () => {
    const { reporter, said } = rig();
    const watch: ServicePlan = {
      name: 'r',
      namespace: 'qrouter-r',
      program: 'keepalived',
      directory: '/state/ha_confs/r',
      files: new Map(),
      args: [],
      onNewFiles: 'reload',
    };
    const told = (haStates: ReadonlyMap<string, HaState>): readonly string[] => {
      const before = said.length;
      const host = planned({ ports: [] });
      const inventory = { ...host.inventory, haStates };
      reporter.finished({ ...host, inventory, hostPlan: { ...host.hostPlan, routerWatches: [watch] } }, well);
      return words(said.slice(before)).filter((word) => word.startsWith('r='));
    };
    expect(told(new Map())).toEqual(['r=standby']);
    expect(told(new Map([['r', 'active']]))).toEqual(['r=active']);
    expect(told(new Map([['r', 'active']]))).toEqual([]);
    reporter.connected();
    expect(words(said)).toContain('r=active');
    expect(words(said).filter((word) => word === 'r=active')).toHaveLength(2);
  });
});
