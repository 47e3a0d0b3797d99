import { inactivePortBinding } from '@neutronium/model/resources/port-binding';
import { histories, hosts } from '@neutronium/testkit/arbitraries/histories';
import { portRecord } from '@neutronium/testkit/records';
import { comparable, Mirror, nameOf, topologyOf } from '@neutronium/testkit/mirror';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Topology } from './topology.ts';

describe('the topology', () => {
  it('tells each host of every difference, entry by entry', () => {
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

  it('depends on what there is, not on how it came about', () => {
    fc.assert(
      fc.property(histories, (entries) => {
        const last = new Map(entries.map((entry) => [`${entry.kind}/${entry.id}`, entry]));
        const fresh = topologyOf(last.values());
        const grown = topologyOf(entries);
        for (const host of hosts) {
          expect(comparable(grown.objectsOf(host))).toEqual(comparable(fresh.objectsOf(host)));
        }
      }),
    );
  });

  it('names for a host that was away everything that changed meanwhile', () => {
    fc.assert(
      fc.property(histories, fc.nat(50), (entries, seen) => {
        const before = topologyOf(entries.slice(0, seen));
        const after = topologyOf(entries);
        for (const host of hosts) {
          const mirror = new Mirror();
          for (const object of before.objectsOf(host)) mirror.objects.set(nameOf(object), object);
          mirror.take(after, host, after.changedSince(host, entries.slice(seen)));
          expect(comparable(mirror.objects.values())).toEqual(comparable(after.objectsOf(host)));
        }
      }),
    );
  });

  it('does not mind entries that it has already taken in', () => {
    fc.assert(
      fc.property(histories, fc.nat(50), (entries, from) => {
        const twice = topologyOf([...entries, ...entries.slice(from)]);
        const once = topologyOf(entries);
        for (const host of hosts) {
          expect(comparable(twice.objectsOf(host))).toEqual(comparable(once.objectsOf(host)));
        }
      }),
    );
  });

  it('does not trouble a host with the status that it has reported itself', () => {
    const record = portRecord({ network_id: 'n', 'binding:host_id': 'h1', 'binding:vif_type': 'ovs' });
    const topology = topologyOf([{ kind: 'port', id: record.id, before: null, after: record }]);
    const after = { ...record, status: 'ACTIVE', revision_number: 2 };
    const affected = topology.apply({ kind: 'port', id: record.id, before: record, after });
    expect([...affected.hosts]).toEqual([]);
  });

  it('tells both hosts of a port that moves, and no host of where one is about to be', () => {
    fc.assert(
      fc.property(histories, fc.constantFrom(...hosts), fc.constantFrom(...hosts), (entries, from, to) => {
        const topology = topologyOf(entries);
        const on = (host: string) =>
          portRecord({ id: 'moving', network_id: 'n1', 'binding:host_id': host, 'binding:vif_type': 'ovs' });
        topology.apply({ kind: 'port', id: 'moving', before: null, after: on(from) });
        const binding = { host: to, vnic_type: 'normal', profile: {}, vif_type: 'ovs', vif_details: {} };
        const about = topology.apply({ kind: inactivePortBinding, id: `moving/${to}`, before: null, after: binding });
        expect([...about.hosts]).toEqual([]);
        const moved = topology.apply({ kind: 'port', id: 'moving', before: on(from), after: on(to) });
        for (const host of from === to ? [] : [from, to]) {
          expect(moved.of(host)).toContainEqual({ section: 'ports', id: 'moving' });
        }
        expect(topology.object(to, { section: 'ports', id: 'moving' })).toBeDefined();
      }),
    );
  });

  it('shows a host no port that is bound to another', () => {
    const record = portRecord({ network_id: 'n', 'binding:host_id': 'h2', 'binding:vif_type': 'ovs' });
    const topology = topologyOf([{ kind: 'port', id: record.id, before: null, after: record }]);
    expect(topology.objectsOf('h1')).toEqual([]);
    expect(topology.object('h1', { section: 'ports', id: record.id })).toBeUndefined();
  });
});
