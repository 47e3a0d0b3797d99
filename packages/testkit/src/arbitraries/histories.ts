// Histories of networks, subnets, ports, trunks, local IPs, security groups, QoS policies, their rules and addresses, few enough of each that things meet.

import type { ChangeEntry } from '@neutronium/server/store/store';
import { inactivePortBinding } from '@neutronium/model/resources/port-binding';
import { cidr } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import { mac } from '@neutronium/net/mac';
import fc from 'fast-check';
import { networkRecord, portRecord, ruleRecord, securityGroupRecord, subnetRecord, trunkRecord } from '../records.ts';

/** What an entry of the change log says of one object. */
export type LoggedWrite = Pick<ChangeEntry, 'kind' | 'id' | 'before' | 'after'>;

/** One write of one object, or its removal (`record` null). */
type Write = Pick<LoggedWrite, 'kind' | 'id'> & { readonly record: LoggedWrite['after'] };

/** The hosts that ports are bound to. */
export const hosts = ['h1', 'h2', 'h3'];

const pick = (prefix: string, count: number) => fc.integer({ min: 1, max: count }).map((n) => `${prefix}${n}`);

const anyPolicy = fc.oneof(fc.constant(null), pick('q', 2));

const networkWrites = fc
  .record({ id: pick('n', 3), mtu: fc.constantFrom(1400, 1500), qos_policy_id: anyPolicy, gone: fc.boolean() })
  .map(({ id, gone, ...more }): Write => ({
    kind: 'network',
    id,
    record: gone ? null : networkRecord({ id, ...more }),
  }));

const subnetWrites = fc
  .record({ id: pick('s', 4), enable_dhcp: fc.boolean(), gone: fc.boolean() })
  .map(({ id, enable_dhcp, gone }): Write => {
    const network_id = `n${(Number(id.slice(1)) % 3) + 1}`;
    return { kind: 'subnet', id, record: gone ? null : subnetRecord({ id, network_id, enable_dhcp }) };
  });

const groupId = pick('g', 4);

const portWrites = fc
  .record({
    id: pick('p', 6),
    host: fc.constantFrom('', ...hosts),
    bound: fc.boolean(),
    dhcp: fc.boolean(),
    status: fc.constantFrom('ACTIVE', 'DOWN' as const),
    groups: fc.uniqueArray(groupId, { maxLength: 3 }),
    portSecurity: fc.boolean(),
    address: fc.constantFrom('10.0.0.4', '10.0.0.5', 'fd00::4'),
    qos_policy_id: anyPolicy,
    pair: fc.constantFrom(null, '10.9.0.0/24', '0.0.0.0/0'),
    gone: fc.boolean(),
  })
  .map(({ id, host, bound, dhcp, status, groups, portSecurity, address, pair, qos_policy_id, gone }): Write => {
    const network_id = `n${(Number(id.slice(1)) % 3) + 1}`;
    const record = portRecord({
      id,
      network_id,
      status,
      fixed_ips: [{ subnet_id: 's1', ip_address: ip(address) }],
      allowed_address_pairs: pair === null ? [] : [{ mac_address: mac('fa:16:3e:00:00:77'), ip_address: cidr(pair) }],
      security_groups: groups,
      qos_policy_id,
      port_security_enabled: portSecurity,
      'binding:host_id': host,
      'binding:vif_type': host !== '' && bound ? 'ovs' : 'unbound',
      ...(dhcp ? { device_owner: 'network:dhcp', device_id: `dhcp-${host}` } : {}),
    });
    return { kind: 'port', id, record: gone ? null : record };
  });

/** Where a port is about to be, which concerns no host until it is there. */
const inactiveBindingWrites = fc
  .record({ port: pick('p', 6), host: fc.constantFrom(...hosts), gone: fc.boolean() })
  .map(({ port, host, gone }): Write => ({
    kind: inactivePortBinding,
    id: `${port}/${host}`,
    record: gone ? null : { host, vnic_type: 'normal', profile: {}, vif_type: 'ovs', vif_details: {} },
  }));

/** Each trunk has a parent of its own, and others' ports are never behind it. */
const trunkWrites = fc
  .record({
    number: fc.integer({ min: 1, max: 2 }),
    tags: fc.array(fc.constantFrom(null, 101, 102), { minLength: 2, maxLength: 2 }),
    gone: fc.boolean(),
  })
  .map(({ number, tags, gone }): Write => {
    const sub_ports = tags.flatMap((tag, index) => {
      const port_id = `p${2 + 2 * index + number}`;
      return tag === null ? [] : [{ port_id, segmentation_type: 'vlan', segmentation_id: tag } as const];
    });
    const id = `t${number}`;
    return { kind: 'trunk', id, record: gone ? null : trunkRecord({ id, port_id: `p${number}`, sub_ports }) };
  });

const localIpWrites = fc.record({ id: pick('l', 2), gone: fc.boolean() }).map(({ id, gone }): Write => ({
  kind: 'local_ip',
  id,
  record: gone ? null : { id, local_ip_address: ip(`10.0.0.9${id.slice(1)}`), ip_mode: 'translate' },
}));

/** With addresses that the ports have now and then. */
const associationWrites = fc
  .record({
    local: pick('l', 2),
    port: pick('p', 3),
    address: fc.constantFrom('10.0.0.4', 'fd00::4'),
    gone: fc.boolean(),
  })
  .map(({ local, port, address, gone }): Write => ({
    kind: 'port_association',
    id: `${local}/${port}`,
    record: gone ? null : { local_ip_id: local, fixed_port_id: port, fixed_ip: ip(address) },
  }));

const groupWrites = fc
  .record({ id: groupId, name: fc.constantFrom('web', 'db'), gone: fc.boolean() })
  .map(({ id, name, gone }): Write => ({
    kind: 'security_group',
    id,
    record: gone ? null : securityGroupRecord({ id, name }),
  }));

const addressGroupId = pick('a', 2);

const ruleWrites = fc
  .record({
    id: pick('r', 8),
    group: groupId,
    remote: fc.oneof(fc.constant(null), groupId, addressGroupId),
    port: fc.constantFrom(22, 80),
    gone: fc.boolean(),
  })
  .map(({ id, group, remote, port, gone }): Write => {
    const record = ruleRecord({
      id,
      security_group_id: group,
      protocol: 'tcp',
      port_range_min: port,
      port_range_max: port,
      remote_group_id: remote?.startsWith('g') === true ? remote : null,
      remote_address_group_id: remote?.startsWith('a') === true ? remote : null,
    });
    return { kind: 'security_group_rule', id, record: gone ? null : record };
  });

const addressWrites = fc
  .record({
    group: addressGroupId,
    address: fc.constantFrom('192.0.2.1/32', '198.51.100.0/24', '2001:db8::/64'),
    gone: fc.boolean(),
  })
  .map(({ group, address, gone }): Write => ({
    kind: 'address_group_address',
    id: `${group}/${address}`,
    record: gone ? null : { address_group_id: group, address: cidr(address) },
  }));

const policyWrites = fc
  .record({ id: pick('q', 2), gone: fc.boolean() })
  .map(({ id, gone }): Write => ({ kind: 'policy', id, record: gone ? null : { id, name: id } }));

/** Of one type that hosts enforce, and of one that they do not. */
const policyRuleWrites = fc
  .record({
    number: fc.integer({ min: 1, max: 4 }),
    kind: fc.constantFrom('bandwidth_limit_rule', 'minimum_bandwidth_rule'),
    kbps: fc.constantFrom(1000, 2000),
    gone: fc.boolean(),
  })
  .map(({ number, kind, kbps, gone }): Write => {
    const id = `${kind}${number}`;
    const record = { id, qos_policy_id: `q${1 + (number % 2)}`, direction: 'egress', max_kbps: kbps, min_kbps: kbps };
    return { kind, id, record: gone ? null : record };
  });

/** About a port, the ports of a group, or those of the one project. */
const logWrites = fc
  .record({
    id: pick('l', 3),
    resource_id: fc.oneof(fc.constant(null), groupId),
    target_id: fc.oneof(fc.constant(null), pick('p', 6)),
    enabled: fc.boolean(),
    gone: fc.boolean(),
  })
  .map(({ id, gone, ...more }): Write => ({
    kind: 'log',
    id,
    record: gone ? null : { id, project_id: 'project', event: 'ALL', resource_type: 'security_group', ...more },
  }));

/** Writes as the log tells them, each with what was there before. */
export const histories: fc.Arbitrary<readonly LoggedWrite[]> = fc
  .array(
    fc.oneof(
      networkWrites,
      subnetWrites,
      { weight: 4, arbitrary: portWrites },
      inactiveBindingWrites,
      trunkWrites,
      localIpWrites,
      { weight: 2, arbitrary: associationWrites },
      groupWrites,
      { weight: 2, arbitrary: ruleWrites },
      policyWrites,
      { weight: 2, arbitrary: policyRuleWrites },
      addressWrites,
      logWrites,
    ),
    { maxLength: 50 },
  )
  .map(logged);

function logged(writes: readonly Write[]): readonly LoggedWrite[] {
  const current = new Map<string, LoggedWrite['after']>();
  return writes.map(({ kind, id, record }) => {
    const before = current.get(`${kind}/${id}`) ?? null;
    current.set(`${kind}/${id}`, record);
    return { kind, id, before, after: record };
  });
}
