import type { HostObject, ObjectKey, SegmentView } from '@neutronium/model/host-view';
import { agentRecord, networkRecord, portRecord } from '@neutronium/testkit/records';
import { ip } from '@neutronium/net/ip';
import { mac } from '@neutronium/net/mac';
import { nameOf, topologyOf } from '@neutronium/testkit/mirror';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Topology, type LoggedObject } from './topology.ts';

const hosts = ['h1', 'h2', 'h3'];
const pick = (prefix: string, count: number) => fc.integer({ min: 1, max: count }).map((n) => `${prefix}${n}`);

type Record = LoggedObject['after'];

/** One write of one object, or its removal (`record` null). */
type Write = Pick<LoggedObject, 'kind' | 'id'> & { readonly record: Record };

const segment = (network_type: SegmentView['network_type'], number = 7): SegmentView => ({
  id: 's',
  network_type,
  physical_network: null,
  segmentation_id: number,
});

const networkWrites = fc
  .record({ id: pick('n', 3), type: fc.constantFrom('local', 'vxlan', 'gre', 'vxlan' as const), gone: fc.boolean() })
  .map(({ id, type, gone }): Write => ({
    kind: 'network',
    id,
    record: gone ? null : networkRecord({ id, segments: [segment(type)] }),
  }));

const portWrites = fc
  .record({
    id: pick('p', 6),
    host: fc.constantFrom('', ...hosts),
    bound: fc.boolean(),
    name: fc.constantFrom('a', 'b'),
    last: fc.integer({ min: 1, max: 2 }),
    gone: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
  })
  .map(({ id, host, bound, name, last, gone }): Write => ({
    kind: 'port',
    id,
    record: gone
      ? null
      : portRecord({
          id,
          network_id: `n${(Number(id.slice(1)) % 3) + 1}`,
          name,
          mac_address: mac(`fa:16:3e:00:00:0${id.slice(1)}`),
          fixed_ips: [{ subnet_id: 's', ip_address: ip(`10.0.0.${last}`) }],
          'binding:host_id': host,
          'binding:vif_type': host !== '' && bound ? 'ovs' : 'unbound',
        }),
  }));

const agentWrites = fc
  .record({
    host: fc.constantFrom(...hosts),
    life: pick('a', 2),
    address: fc.constantFrom(1, 2, null),
    gone: fc.boolean(),
  })
  .map(({ host, life, address, gone }): Write => {
    const configurations = { tunneling_ip: address === null ? null : `192.0.2.${address}`, tunnel_types: ['vxlan'] };
    const id = `${life}-${host}`;
    return { kind: 'agent', id, record: gone ? null : agentRecord({ id, host, configurations }) };
  });

const histories = fc.array(fc.oneof(networkWrites, agentWrites, { weight: 3, arbitrary: portWrites }), {
  maxLength: 40,
});

/** The writes as the log tells them, each with what was there before. */
function logged(writes: readonly Write[]): readonly LoggedObject[] {
  const current = new Map<string, Record>();
  return writes.map(({ kind, id, record }) => {
    const before = current.get(`${kind}/${id}`) ?? null;
    current.set(`${kind}/${id}`, record);
    return { kind, id, before, after: record };
  });
}

/** What the host knows of other hosts, by name. */
function ofOthers(objects: Iterable<HostObject>): ReadonlyMap<string, HostObject> {
  const about = [...objects].filter(({ section }) => section === 'tunnel_endpoints' || section === 'remote_ports');
  const entries = about.map((object): [string, HostObject] => [nameOf(object), object]);
  return new Map(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** What a host holds that is told the objects of the given names as they are now. */
function tell(held: Map<string, HostObject>, topology: Topology, host: string, keys: readonly ObjectKey[]): void {
  for (const key of keys) {
    const object = topology.object(host, key);
    if (object === undefined) held.delete(nameOf(key));
    else held.set(nameOf(key), object);
  }
}

describe('what a host knows of others', () => {
  it('is told of every difference, entry by entry', () => {
    fc.assert(
      fc.property(histories, (writes) => {
        const topology = new Topology('example.org.');
        const held = new Map(hosts.map((host) => [host, new Map<string, HostObject>()]));
        for (const entry of logged(writes)) {
          const affected = topology.apply(entry);
          for (const [host, objects] of held) {
            tell(objects, topology, host, affected.of(host));
            expect(ofOthers(objects.values())).toEqual(ofOthers(topology.objectsOf(host)));
          }
        }
      }),
    );
  });

  it('depends on what there is, not on how it came about, nor on entries that are taken in again', () => {
    fc.assert(
      fc.property(histories, fc.nat(40), (writes, from) => {
        const entries = logged(writes);
        const last = new Map(entries.map((entry) => [`${entry.kind}/${entry.id}`, entry]));
        const fresh = topologyOf(last.values());
        const grown = topologyOf([...entries, ...entries.slice(from)]);
        for (const host of hosts) {
          expect(ofOthers(grown.objectsOf(host))).toEqual(ofOthers(fresh.objectsOf(host)));
        }
      }),
    );
  });

  it('can be made up for by a host that was away', () => {
    fc.assert(
      fc.property(histories, fc.nat(40), (writes, seen) => {
        const entries = logged(writes);
        const before = topologyOf(entries.slice(0, seen));
        const after = topologyOf(entries);
        for (const host of hosts) {
          const held = new Map(before.objectsOf(host).map((object) => [nameOf(object), object]));
          tell(held, after, host, after.changedSince(host, entries.slice(seen)));
          expect(ofOthers(held.values())).toEqual(ofOthers(after.objectsOf(host)));
        }
      }),
    );
  });

  const put = (kind: string, record: Record & { readonly id: string }): LoggedObject => ({
    kind,
    id: record.id,
    before: null,
    after: record,
  });
  const net = (id: string, type: SegmentView['network_type']) =>
    put('network', networkRecord({ id, segments: [segment(type)] }));
  const bound = (id: string, network_id: string, host: string) =>
    portRecord({ id, network_id, 'binding:host_id': host, 'binding:vif_type': 'ovs' });
  const agentOn = (host: string, last: number) =>
    put('agent', agentRecord({ host, configurations: { tunneling_ip: `192.0.2.${last}`, tunnel_types: ['vxlan'] } }));
  const second = bound('p2', 'n1', 'h2');
  const shared = [
    net('n1', 'vxlan'),
    put('port', bound('p1', 'n1', 'h1')),
    put('port', second),
    agentOn('h1', 1),
    agentOn('h2', 2),
    agentOn('h3', 3),
  ];

  it('is where tunnels to them end and which ports are there, as far as they share a tunnelled network', () => {
    const topology = topologyOf(shared);
    expect([...ofOthers(topology.objectsOf('h1')).values()]).toMatchObject([
      { section: 'remote_ports', id: 'p2', hosts: ['h2'] },
      { section: 'tunnel_endpoints', id: 'h2', ip_address: '192.0.2.2', tunnel_types: ['vxlan'] },
    ]);
    expect(topology.objectsOf('h3')).toEqual([]);
  });

  it('is nothing where they share only networks that need no tunnels', () => {
    const topology = topologyOf([net('n1', 'vlan'), ...shared.slice(1)]);
    expect(ofOthers(topology.objectsOf('h1')).size).toBe(0);
  });

  it('is not told again because a port has another name, nor to those whom it does not concern', () => {
    const topology = topologyOf([...shared, put('port', bound('p3', 'n2', 'h3'))]);
    expect(topology.apply(put('port', { ...second, name: 'other', dns_name: 'other' })).of('h1')).toEqual([]);
    expect([...topology.apply(put('port', bound('p4', 'n1', 'h2'))).hosts].toSorted()).toEqual(['h1', 'h2']);
  });

  it("has the MAC addresses that several ports may have apart from each port's own", () => {
    const pair = (address: string) => ({ mac_address: mac(address), ip_address: ip('10.0.0.100') });
    const own = mac('fa:16:3e:00:00:05');
    const port = {
      ...second,
      mac_address: own,
      allowed_address_pairs: [pair('00:00:5e:00:01:01'), pair(own)],
    };
    const topology = topologyOf([...shared, put('port', port)]);
    expect(topology.object('h1', { section: 'remote_ports', id: 'p2' })).toMatchObject({
      mac_address: own,
      shared_mac_addresses: ['00:00:5e:00:01:01'],
    });
  });
});
