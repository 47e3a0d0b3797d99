import type { PortForwardingRecord } from '@neutronium/model/resources/port-forwarding';
import { ip } from '@neutronium/net/ip';
import { mac } from '@neutronium/net/mac';
import {
  agentRecord,
  floatingIpRecord,
  networkRecord,
  portRecord,
  routerRecord,
  subnetPoolRecord,
  subnetRecord,
} from '@neutronium/testkit/records';
import { comparable, Mirror, nameOf, topologyOf } from '@neutronium/testkit/mirror';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RouterPortRow } from './routers.ts';
import { Topology, type LoggedObject } from './topology.ts';

const hosts = ['h1', 'h2', 'h3'];
const pick = (prefix: string, count: number) => fc.integer({ min: 1, max: count }).map((n) => `${prefix}${n}`);

/** One write of one object, or its removal (`record` null). */
type Write = Omit<LoggedObject, 'before' | 'after'> & { readonly record: LoggedObject['after'] };

/** Two agents of the first host, one after the other. */
const hostOf = (id: string): string => hosts[(Number(id.slice(1)) - 1) % hosts.length] ?? 'h1';

/** Each id is always of one network, as ports and subnets are. */
const networkOf = (id: string): string => `n${(Number(id.slice(1)) % 3) + 1}`;

function port(id: string, host: string, device_owner = 'compute:nova'): ReturnType<typeof portRecord> {
  return portRecord({
    id,
    device_owner,
    network_id: networkOf(id),
    mac_address: mac('fa:16:3e:00:00:01'),
    'binding:host_id': host,
    'binding:vif_type': host === '' ? 'unbound' : 'ovs',
  });
}

function routerPort(
  port_id: string,
  role: RouterPortRow['role'],
  given: Partial<RouterPortRow> = {},
): LoggedObject['after'] {
  return { router_id: 'r1', position: 0, enable_snat: role === 'gateway' ? true : null, ...given, port_id, role };
}

function portForwarding(id: string, floatingip_id: string, external: string): PortForwardingRecord {
  return {
    id,
    floatingip_id,
    protocol: 'tcp',
    external_port_range: external,
    internal_port_id: 'p1',
    internal_ip_address: ip('10.0.0.5'),
    internal_port_range: '22:22',
    description: '',
  };
}

const gone = fc.boolean();
const anyProject = fc.constantFrom('a', 'b');
const anyPolicy = fc.oneof(fc.constant(null), pick('q', 2));
const writes: fc.Arbitrary<Write> = fc
  .oneof(
    fc.record({ id: pick('n', 3), gone }).map((w) => ({ ...w, kind: 'network', record: networkRecord({ id: w.id }) })),
    fc
      .record({ id: pick('s', 4), subnetpool_id: fc.option(pick('o', 2)), gone })
      .map(({ id, subnetpool_id, gone: isGone }) => ({
        id,
        gone: isGone,
        kind: 'subnet',
        record: subnetRecord({ id, network_id: networkOf(id), subnetpool_id }),
      })),
    fc
      .record({ id: pick('o', 2), address_scope_id: fc.constantFrom(null, 'inner', 'outer'), gone })
      .map(({ id, address_scope_id, gone: isGone }) => ({
        id,
        gone: isGone,
        kind: 'subnetpool',
        record: subnetPoolRecord({ id, address_scope_id }),
      })),
    fc
      .record({
        id: pick('p', 6),
        host: fc.constantFrom('', ...hosts),
        owner: fc.constantFrom('compute:nova', 'network:dhcp', 'network:router_interface_distributed'),
        gone,
      })
      .map((w) => ({ ...w, kind: 'port', record: port(w.id, w.host, w.owner) })),
    fc
      .record({
        id: pick('r', 3),
        admin_state_up: fc.boolean(),
        distributed: fc.boolean(),
        qos_policy_id: anyPolicy,
        project_id: anyProject,
        gone,
      })
      .map(({ gone: isGone, ...more }) => ({ id: more.id, gone: isGone, kind: 'router', record: routerRecord(more) })),
    fc.record({ id: pick('q', 2), gone }).map((w) => ({ ...w, kind: 'policy', record: { id: w.id } })),
    fc
      .record({ id: pick('l', 3), project_id: anyProject, shared: fc.boolean(), gone })
      .map(({ gone: isGone, ...w }) => ({
        id: w.id,
        gone: isGone,
        kind: 'metering_label',
        record: { name: '', description: '', ...w },
      })),
    fc
      .record({ id: pick('m', 4), prefix: fc.constantFrom(null, '10.0.0.7/24'), gone })
      .map(({ id, prefix, gone: isGone }) => ({
        id,
        gone: isGone,
        kind: 'metering_label_rule',
        record: {
          id,
          metering_label_id: `l${(Number(id.slice(1)) % 3) + 1}`,
          direction: 'egress',
          remote_ip_prefix: prefix,
          source_ip_prefix: prefix === null ? '10.0.0.0/8' : null,
          destination_ip_prefix: null,
          excluded: false,
        },
      })),
    fc
      .record({ id: pick('a', 4), agent_mode: fc.constantFrom('dvr', 'dvr_snat', 'legacy'), gone })
      .map(({ id, agent_mode, gone: isGone }) => ({
        id,
        gone: isGone,
        kind: 'agent',
        record: agentRecord({ id, agent_type: 'L3 agent', host: hostOf(id), configurations: { agent_mode } }),
      })),
    fc.record({ id: fc.constantFrom(...hosts), gone }).map((w) => ({
      ...w,
      kind: 'dvr_host_mac',
      record: { host: w.id, mac_address: mac('fa:16:3f:00:00:01') },
    })),
    fc.record({ number: fc.nat(3), gone }).map(({ number, gone: isGone }) => ({
      // One for a network and a host.
      id: `g${number}`,
      gone: isGone,
      kind: 'agent_gateway',
      record: { port_id: `g${number}`, network_id: `n${(number % 2) + 1}`, host: `h${(number >> 1) + 1}` },
    })),
    fc
      .record({
        id: pick('p', 6),
        router_id: pick('r', 3),
        role: fc.constantFrom('interface', 'interface', 'gateway', 'snat', 'ha' as const),
        position: fc.nat(2),
        enable_snat: fc.boolean(),
        gone,
      })
      .map(({ gone: isGone, id, role, ...row }) => ({
        id,
        gone: isGone,
        kind: 'router_port',
        record: routerPort(id, role, row),
      })),
    fc.record({ id: pick('r', 3), vr_id: fc.integer({ min: 1, max: 255 }), gone }).map(({ gone: isGone, ...w }) => ({
      id: w.id,
      gone: isGone,
      kind: 'virtual_router',
      record: { router_id: w.id, network_id: 'n1', vr_id: w.vr_id },
    })),
    fc
      .record({
        id: pick('f', 3),
        router_id: fc.option(pick('r', 3)),
        port_id: fc.option(pick('p', 6)),
        network: pick('n', 2),
        status: fc.constantFrom('ACTIVE', 'DOWN' as const),
        qos_policy_id: anyPolicy,
        gone,
      })
      .map(({ id, router_id, port_id, network, status, qos_policy_id, gone: isGone }) => ({
        id,
        gone: isGone,
        kind: 'floatingip',
        record: floatingIpRecord({
          qos_policy_id,
          id,
          router_id,
          port_id,
          status,
          floating_network_id: network,
          floating_ip_address: ip('192.0.2.7'),
        }),
      })),
    fc
      .record({ id: pick('w', 3), floatingIp: pick('f', 3), external: fc.constantFrom('80:80', '90:92'), gone })
      .map((w) => ({ ...w, kind: 'port_forwarding', record: portForwarding(w.id, w.floatingIp, w.external) })),
    fc.record({ id: pick('c', 2), router_id: pick('r', 3), gone }).map((w) => ({
      ...w,
      kind: 'conntrack_helper',
      record: { id: w.id, router_id: w.router_id, protocol: 'tcp', port: 21, helper: 'ftp' },
    })),
  )
  .map(({ kind, id, record, gone: isGone }) => ({ kind, id, record: isGone ? null : record }));

/** The writes as the log tells them, each with what was there before. */
const histories = fc.array(writes, { maxLength: 50, size: '+1' }).map((all): readonly LoggedObject[] => {
  const current = new Map<string, LoggedObject['after']>();
  return all.map(({ kind, id, record }) => {
    const before = current.get(`${kind}/${id}`) ?? null;
    current.set(`${kind}/${id}`, record);
    return { kind, id, before, after: record };
  });
});

describe('the routers of the topology', () => {
  it('are told to each host with every difference, entry by entry', () => {
    fc.assert(
      fc.property(histories, (entries) => {
        const topology = new Topology('example.org.');
        const mirrors = new Map(hosts.map((host) => [host, new Mirror()]));
        for (const entry of entries) {
          const affected = topology.apply(entry);
          for (const [host, mirror] of mirrors) {
            mirror.take(topology, host, affected.of(host));
            expect(comparable(mirror.objects.values())).toEqual(comparable(topology.objectsOf(host)));
          }
        }
      }),
    );
  });

  it('depend on what there is, not on how it came about', () => {
    fc.assert(
      fc.property(histories, (entries) => {
        const last = new Map(entries.map((entry) => [`${entry.kind}/${entry.id}`, entry]));
        const [fresh, grown] = [topologyOf(last.values()), topologyOf(entries)];
        for (const host of hosts) {
          expect(comparable(grown.objectsOf(host))).toEqual(comparable(fresh.objectsOf(host)));
        }
      }),
    );
  });

  it('are named for a host that was away, as far as they changed meanwhile', () => {
    fc.assert(
      fc.property(histories, fc.nat(50), (entries, seen) => {
        const [before, after] = [topologyOf(entries.slice(0, seen)), topologyOf(entries)];
        for (const host of hosts) {
          const mirror = new Mirror();
          for (const object of before.objectsOf(host)) mirror.objects.set(nameOf(object), object);
          mirror.take(after, host, after.changedSince(host, entries.slice(seen)));
          expect(comparable(mirror.objects.values())).toEqual(comparable(after.objectsOf(host)));
        }
      }),
    );
  });
});

describe('a host', () => {
  const world = (): LoggedObject[] =>
    [
      { kind: 'router', id: 'r1', after: routerRecord({ id: 'r1' }) },
      { kind: 'network', id: 'n1', after: networkRecord({ id: 'n1' }) },
      { kind: 'network', id: 'n2', after: networkRecord({ id: 'n2' }) },
      { kind: 'port', id: 'p3', after: port('p3', 'h1') },
      { kind: 'router_port', id: 'p3', after: routerPort('p3', 'interface') },
      { kind: 'port', id: 'p4', after: port('p4', 'h1') },
      { kind: 'router_port', id: 'p4', after: routerPort('p4', 'gateway') },
      // One instance behind the router, and another outside, both elsewhere.
      { kind: 'port', id: 'p6', after: port('p6', 'h2') },
      { kind: 'port', id: 'p7', after: port('p7', 'h2') },
    ].map((entry) => ({ ...entry, before: null }));

  it('sees its routers, and of the networks behind them every port, but not of those outside', () => {
    const names = topologyOf(world()).objectsOf('h1').map(nameOf).toSorted();
    expect(names).toEqual(['networks/n1', 'networks/n2', 'ports/p3', 'ports/p4', 'ports/p6', 'routers/r1']);
    expect(topologyOf(world()).object('h2', { section: 'routers', id: 'r1' })).toBeUndefined();
  });

  it('sees the ways out of a router in their order, whichever came first', () => {
    const topology = topologyOf([
      ...world(),
      {
        kind: 'router_port',
        id: 'p6',
        before: null,
        after: routerPort('p6', 'gateway', { position: 2 }),
      },
      {
        kind: 'router_port',
        id: 'p7',
        before: null,
        after: routerPort('p7', 'gateway', { position: 1, enable_snat: false }),
      },
    ]);
    expect(topology.object('h1', { section: 'routers', id: 'r1' })).toMatchObject({
      gateways: [
        { port_id: 'p4', enable_snat: true },
        { port_id: 'p7', enable_snat: false },
        { port_id: 'p6', enable_snat: true },
      ],
    });
  });

  it('is told of one object when one floating IP changes, and of none when only its status does', () => {
    const topology = topologyOf(world());
    const record = (status: 'ACTIVE' | 'DOWN', fixed: string) =>
      floatingIpRecord({
        id: 'f1',
        router_id: 'r1',
        status,
        floating_network_id: 'n2',
        floating_ip_address: ip('192.0.2.7'),
        fixed_ip_address: ip(fixed),
      });
    const put = (after: LoggedObject['after']) => topology.apply({ kind: 'floatingip', id: 'f1', before: null, after });
    expect(put(record('DOWN', '10.0.0.5')).of('h1')).toEqual([{ section: 'floating_ips', id: 'f1' }]);
    expect(put(record('ACTIVE', '10.0.0.5')).of('h1')).toEqual([]);
    expect(put(record('ACTIVE', '10.0.0.6')).of('h1')).toEqual([{ section: 'floating_ips', id: 'f1' }]);
  });
});

describe('a router that several hosts share', () => {
  const shared = (more: readonly LoggedObject[] = []) =>
    topologyOf([
      { kind: 'network', id: 'n1', before: null, after: networkRecord({ id: 'n1' }) },
      { kind: 'network', id: 'n2', before: null, after: networkRecord({ id: 'n2' }) },
      { kind: 'network', id: 'n3', before: null, after: networkRecord({ id: 'n3' }) },
      { kind: 'router', id: 'r1', before: null, after: routerRecord({ id: 'r1', ha: true }) },
      virtualRouter(7),
      // p1 is on n2, p2 and p5 are on n3, p4 is on n2.
      ...[port('p1', 'h1'), port('p4', 'h2'), port('p2', ''), port('p5', 'h3')].map((record) => ({
        kind: 'port',
        id: record.id,
        before: null,
        after: record,
      })),
      { kind: 'router_port', id: 'p1', before: null, after: routerPort('p1', 'ha', { router_id: 'r1', position: 0 }) },
      { kind: 'router_port', id: 'p4', before: null, after: routerPort('p4', 'ha', { router_id: 'r1', position: 1 }) },
      { kind: 'router_port', id: 'p2', before: null, after: routerPort('p2', 'interface') },
      ...more,
    ]);
  const virtualRouter = (vr_id: number): LoggedObject => ({
    kind: 'virtual_router',
    id: 'r1',
    before: null,
    after: { router_id: 'r1', network_id: 'n2', vr_id },
  });

  it('is told to each of them with its own part of it', () => {
    const topology = shared();
    const seen = hosts.map((host) => topology.object(host, { section: 'routers', id: 'r1' }));
    expect(seen[0]).toMatchObject({ ha: { port_id: 'p1', vr_id: 7, priority: 240 }, interface_ports: ['p2'] });
    expect(seen[1]).toMatchObject({ ha: { port_id: 'p4', vr_id: 7, priority: 230 }, interface_ports: ['p2'] });
    expect(seen[2]).toBeUndefined();
  });

  it('has its ports on each of them, whichever is active, and the network behind it', () => {
    const topology = shared();
    for (const host of ['h1', 'h2']) {
      expect(topology.object(host, { section: 'ports', id: 'p2' })).toMatchObject({ host });
      expect(topology.object(host, { section: 'networks', id: 'n3' })).toBeDefined();
      expect(topology.object(host, { section: 'ports', id: 'p5' })).toBeDefined();
    }
    expect(topology.object('h3', { section: 'ports', id: 'p2' })).toBeUndefined();
  });

  it('troubles no host when another becomes active', () => {
    const topology = shared();
    for (const [before, after] of [
      ['', 'h1'],
      ['h1', 'h2'],
    ] as const) {
      const affected = topology.apply({ kind: 'port', id: 'p2', before: port('p2', before), after: port('p2', after) });
      expect([...affected.hosts]).toEqual([]);
    }
  });

  it('is no more on a host that has given up its part', () => {
    const row = routerPort('p4', 'ha', { router_id: 'r1', position: 1 });
    const topology = shared([{ kind: 'router_port', id: 'p4', before: row, after: null }]);
    expect(topology.object('h2', { section: 'routers', id: 'r1' })).toBeUndefined();
    expect(topology.object('h2', { section: 'ports', id: 'p2' })).toBeUndefined();
  });
});
