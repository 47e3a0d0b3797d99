import type { AddressSetMemberView, HostObject, SecurityGroupView } from '@neutronium/model/host-view';
import type { PortRecord } from '@neutronium/model/resources/port';
import type { SecurityGroupRuleRecord } from '@neutronium/model/resources/security-group-rule';
import { portRecord, ruleRecord, securityGroupRecord } from '@neutronium/testkit/records';
import { cidr } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import { mac } from '@neutronium/net/mac';
import { describe, expect, it } from 'vitest';
import { Topology, type LoggedObject } from './topology.ts';

/** What is there, written into a topology step by step. */
class World {
  readonly topology = new Topology('example.org.');
  readonly #now = new Map<string, LoggedObject['after']>();
  readonly entries: LoggedObject[] = [];

  put(kind: string, id: string, after: LoggedObject['after']): ReturnType<Topology['apply']> {
    const entry = { kind, id, before: this.#now.get(`${kind}/${id}`) ?? null, after };
    this.#now.set(`${kind}/${id}`, after);
    this.entries.push(entry);
    return this.topology.apply(entry);
  }

  group(...ids: readonly string[]): this {
    for (const id of ids) this.put('security_group', id, securityGroupRecord({ id, name: `name of ${id}` }));
    return this;
  }

  rule(id: string, group: string, more: Partial<SecurityGroupRuleRecord> = {}) {
    return this.put('security_group_rule', id, ruleRecord({ id, security_group_id: group, ...more }));
  }

  noRule(id: string) {
    return this.put('security_group_rule', id, null);
  }

  port(id: string, host: string, groups: readonly string[], more: Partial<PortRecord> = {}) {
    const record = portRecord({
      id,
      network_id: 'n',
      fixed_ips: [{ subnet_id: 's', ip_address: ip('10.0.0.4') }],
      security_groups: groups,
      'binding:host_id': host,
      'binding:vif_type': host === '' ? 'unbound' : 'ovs',
      ...more,
    });
    return this.put('port', id, { ...record, mac_address: mac('fa:16:3e:00:00:04') });
  }

  noPort(id: string) {
    return this.put('port', id, null);
  }

  address(group: string, address: string) {
    return this.put('address_group_address', `${group}/${address}`, {
      address_group_id: group,
      address: cidr(address),
    });
  }

  groupsOf(host: string): readonly SecurityGroupView[] {
    return this.topology.objectsOf(host).filter((object) => object.section === 'security_groups');
  }

  membersOf(host: string): readonly string[] {
    return members(this.topology.objectsOf(host))
      .map(({ id }) => id)
      .toSorted();
  }
}

const members = (objects: readonly HostObject[]): readonly AddressSetMemberView[] =>
  objects.filter((object) => object.section === 'address_set_members');

const names = (affected: ReturnType<Topology['apply']>, host: string): readonly string[] =>
  affected
    .of(host)
    .map(({ section, id }) => `${section} ${id}`)
    .toSorted();

describe('what a host is told of security groups', () => {
  it('are the groups of the ports that are bound to it, with their rules in the order of their ids', () => {
    const world = new World().group('web', 'db');
    world.rule('r2', 'web', { protocol: 'tcp', port_range_min: 22, port_range_max: 22 });
    world.rule('r1', 'web', { direction: 'egress', ethertype: 'IPv6' });
    world.port('p1', 'h1', ['web']);
    world.port('p2', 'h2', ['db']);
    world.port('p3', '', ['db']);
    expect(world.groupsOf('h1')).toEqual([
      {
        section: 'security_groups',
        id: 'web',
        name: 'name of web',
        stateful: true,
        rules: [
          {
            id: 'r1',
            direction: 'egress',
            ethertype: 'IPv6',
            protocol: null,
            port_range_min: null,
            port_range_max: null,
            remote: { kind: 'any' },
          },
          {
            id: 'r2',
            direction: 'ingress',
            ethertype: 'IPv4',
            protocol: 6,
            port_range_min: 22,
            port_range_max: 22,
            remote: { kind: 'any' },
          },
        ],
      },
    ]);
  });

  it('are the members of the sets that rules of those groups name: ports wherever they are, and addresses', () => {
    const world = new World().group('web', 'db', 'other');
    world.rule('r1', 'web', { remote_group_id: 'db' });
    world.rule('r2', 'web', { remote_address_group_id: 'friends' });
    world.rule('r3', 'other', { remote_group_id: 'other' });
    world.address('friends', '192.0.2.1/32');
    world.port('p1', 'h1', ['web']);
    world.port('p2', 'h2', ['db', 'other']);
    world.port('p3', '', ['db'], { status: 'DOWN' });
    world.port('p4', 'h2', ['other']);
    expect(world.membersOf('h1')).toEqual(['db/p2', 'db/p3', 'friends/192.0.2.1/32']);
    expect(world.membersOf('h2')).toEqual(['other/p2', 'other/p4']);
  });

  it('is no group of a port without port security', () => {
    const world = new World().group('web');
    world.port('p1', 'h1', ['web'], { port_security_enabled: false });
    expect(world.groupsOf('h1')).toEqual([]);
  });

  it.each<[Partial<SecurityGroupRuleRecord>, object]>([
    [{ protocol: null }, { protocol: null }],
    [{ protocol: '0' }, { protocol: null }],
    [{ protocol: '112' }, { protocol: 112 }],
    [{ protocol: 'sctp' }, { protocol: 132 }],
    [{ protocol: 'icmp' }, { protocol: 1 }],
    [{ protocol: 'icmp', ethertype: 'IPv6' }, { protocol: 58 }],
    [{ protocol: '1', ethertype: 'IPv6' }, { protocol: 58 }],
    [{ protocol: 'ipv6-icmp', ethertype: 'IPv6' }, { protocol: 58 }],
    [
      { remote_ip_prefix: '10.0.0.7/24', normalized_cidr: cidr('10.0.0.0/24') },
      { remote: { kind: 'prefix', cidr: '10.0.0.0/24' } },
    ],
    [{ remote_group_id: 'db' }, { remote: { kind: 'set', id: 'db' } }],
    [{ remote_address_group_id: 'friends' }, { remote: { kind: 'set', id: 'friends' } }],
  ])('is of a rule with %j: %j', (record, view) => {
    const world = new World().group('web');
    world.rule('r', 'web', record);
    world.port('p1', 'h1', ['web']);
    expect(world.groupsOf('h1')[0]?.rules[0]).toMatchObject(view);
  });

  it('is of a member: its fixed IPs and pairs, each once, and the MAC address where a pair is for every address', () => {
    const world = new World().group('web');
    world.rule('r', 'web', { remote_group_id: 'web' });
    const pair = (mac_address: string, ip_address: string) => ({
      mac_address: mac(mac_address),
      ip_address: cidr(ip_address),
    });
    world.port('p1', 'h1', ['web'], {
      allowed_address_pairs: [
        { mac_address: mac('fa:16:3e:00:00:77'), ip_address: ip('10.0.0.4') },
        pair('fa:16:3e:00:00:77', '10.0.9.0/24'),
        pair('fa:16:3e:00:00:78', '10.0.9.0/24'),
        pair('fa:16:3e:00:00:77', '10.0.0.9/32'),
        pair('fa:16:3e:00:00:77', '0.0.0.0/0'),
        pair('fa:16:3e:00:00:78', '0.0.0.0/0'),
      ],
    });
    expect(members(world.topology.objectsOf('h1'))[0]?.addresses).toEqual([
      { ip: '10.0.0.4', mac: null },
      { ip: '10.0.9.0/24', mac: null },
      { ip: '10.0.0.9', mac: null },
      { ip: '0.0.0.0/0', mac: 'fa:16:3e:00:00:77' },
      { ip: '0.0.0.0/0', mac: 'fa:16:3e:00:00:78' },
    ]);
  });
});

describe('a change costs a host', () => {
  /** Two hosts with a port each in a group that admits itself and the many ports that are elsewhere. */
  function crowd(size: number): World {
    const world = new World().group('web', 'many');
    world.rule('r', 'web', { remote_group_id: 'many' });
    for (let number = 0; number < size; number += 1) world.port(`m${number}`, 'h9', ['many']);
    world.port('p1', 'h1', ['web']);
    world.port('p2', 'h1', ['web']);
    world.port('q', 'h2', []);
    return world;
  }

  it('one object for a rule, and nothing where nobody has the group', () => {
    const world = crowd(50);
    const affected = world.rule('r22', 'web', { protocol: 'tcp', port_range_min: 22, port_range_max: 22 });
    expect([...affected.hosts]).toEqual(['h1']);
    expect(names(affected, 'h1')).toEqual(['security_groups web']);
    expect(names(world.noRule('r22'), 'h1')).toEqual(['security_groups web']);
  });

  it('one object for a member that comes, changes its address or its pairs, and goes', () => {
    const world = crowd(50);
    const more = { fixed_ips: [{ subnet_id: 's', ip_address: ip('10.0.0.8') }] };
    for (const affected of [
      world.port('new', 'h9', ['many']),
      world.port('new', 'h9', ['many'], more),
      world.port('new', 'h9', []),
      world.port('new', 'h9', ['many']),
      world.noPort('new'),
    ]) {
      expect(names(affected, 'h1')).toEqual(['address_set_members many/new']);
      expect(names(affected, 'h2')).toEqual([]);
    }
  });

  it('one object for an address of an address group', () => {
    const world = crowd(1);
    world.rule('ra', 'web', { remote_address_group_id: 'friends' });
    expect(names(world.address('friends', '192.0.2.0/24'), 'h1')).toEqual(['address_set_members friends/192.0.2.0/24']);
  });

  it('nothing of the set for a second port with the group, or a second rule that names it', () => {
    const world = crowd(50);
    expect(names(world.port('p3', 'h1', ['web']), 'h1').filter((name) => name.includes('many/'))).toEqual([]);
    expect(names(world.rule('r2', 'web', { remote_group_id: 'many' }), 'h1')).toEqual(['security_groups web']);
    expect(names(world.noRule('r'), 'h1')).toEqual(['security_groups web']);
  });

  it('the whole set with the first rule that names it, and again with the last', () => {
    const world = crowd(50);
    const left = world.noRule('r');
    expect(left.of('h1')).toHaveLength(51);
    expect(world.membersOf('h1')).toEqual([]);
    expect(world.rule('r', 'web', { remote_group_id: 'many' }).of('h1')).toHaveLength(51);
    expect(world.membersOf('h1')).toHaveLength(50);
  });

  it('what it has seen all the time only where it came back after something else', () => {
    const world = crowd(50);
    const seen = world.entries.length;
    world.rule('r22', 'web');
    world.port('p2', 'h1', ['web'], { admin_state_up: false });
    world.port('new', 'h9', ['many']);
    const since = world.topology.changedSince('h1', world.entries.slice(seen));
    expect(
      since
        .filter(({ section }) => section === 'address_set_members')
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(['many/new', 'web/p2']);
  });
});
