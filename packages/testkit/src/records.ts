// Records for tests of what stores and reads them: complete, unremarkable, and different only where the test says so.

import { randomUUID } from 'node:crypto';
import type { AgentRecord } from '@neutronium/model/resources/agent';
import type { FloatingIpRecord } from '@neutronium/model/resources/floatingip';
import type { NetworkRecord } from '@neutronium/model/resources/network';
import type { PortRecord } from '@neutronium/model/resources/port';
import type { RouterRecord } from '@neutronium/model/resources/router';
import type { SecurityGroupRecord } from '@neutronium/model/resources/security-group';
import type { SecurityGroupRuleRecord } from '@neutronium/model/resources/security-group-rule';
import type { SubnetRecord } from '@neutronium/model/resources/subnet';
import type { SubnetPoolRecord } from '@neutronium/model/resources/subnetpool';
import type { TrunkRecord } from '@neutronium/model/resources/trunk';
import { cidr } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import { parseMac } from '@neutronium/net/mac';

/** What the store sets, for records that have not been through one. */
const fresh = { created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z', revision_number: 1 };

export function networkRecord(more: Partial<NetworkRecord> = {}): NetworkRecord {
  return {
    ...fresh,
    id: randomUUID(),
    project_id: 'project',
    name: '',
    admin_state_up: true,
    status: 'ACTIVE',
    shared: false,
    mtu: 1500,
    segments: [],
    'router:external': false,
    is_default: false,
    port_security_enabled: true,
    dns_domain: '',
    availability_zone_hints: [],
    description: '',
    qos_policy_id: null,
    tags: [],
    ...more,
  };
}

export function subnetRecord(more: Partial<SubnetRecord> & Pick<SubnetRecord, 'network_id'>): SubnetRecord {
  return {
    ...fresh,
    id: randomUUID(),
    project_id: 'project',
    name: '',
    ip_version: 4,
    cidr: cidr('10.0.0.0/24'),
    subnetpool_id: null,
    gateway_ip: ip('10.0.0.1'),
    allocation_pools: [{ start: ip('10.0.0.2'), end: ip('10.0.0.254') }],
    enable_dhcp: true,
    dns_nameservers: [],
    host_routes: [],
    ipv6_ra_mode: null,
    ipv6_address_mode: null,
    service_types: [],
    dns_publish_fixed_ip: false,
    segment_id: null,
    description: '',
    tags: [],
    ...more,
  };
}

let macs = 0;

export function portRecord(more: Partial<PortRecord> & Pick<PortRecord, 'network_id'>): PortRecord {
  macs += 1;
  return {
    ...fresh,
    id: randomUUID(),
    project_id: 'project',
    name: '',
    mac_address: macOf(macs),
    fixed_ips: [],
    admin_state_up: true,
    status: 'DOWN',
    device_id: '',
    device_owner: '',
    'binding:host_id': '',
    'binding:vnic_type': 'normal',
    'binding:profile': {},
    'binding:vif_type': 'unbound',
    'binding:vif_details': {},
    port_security_enabled: true,
    allowed_address_pairs: [],
    security_groups: [],
    extra_dhcp_opts: [],
    dns_name: '',
    dns_domain: '',
    ip_allocation: 'immediate',
    data_plane_status: null,
    device_profile: null,
    numa_affinity_policy: null,
    hints: null,
    hardware_offload_type: null,
    trusted: null,
    dns_zone: '',
    propagate_uplink_status: true,
    description: '',
    qos_policy_id: null,
    tags: [],
    ...more,
  };
}

export function securityGroupRecord(more: Partial<SecurityGroupRecord> = {}): SecurityGroupRecord {
  return {
    ...fresh,
    id: randomUUID(),
    project_id: 'project',
    name: '',
    stateful: true,
    shared: false,
    description: '',
    tags: [],
    ...more,
  };
}

export function ruleRecord(
  more: Partial<SecurityGroupRuleRecord> & Pick<SecurityGroupRuleRecord, 'security_group_id'>,
): SecurityGroupRuleRecord {
  return {
    ...fresh,
    id: randomUUID(),
    project_id: 'project',
    direction: 'ingress',
    ethertype: 'IPv4',
    protocol: null,
    port_range_min: null,
    port_range_max: null,
    remote_ip_prefix: null,
    normalized_cidr: null,
    remote_group_id: null,
    remote_address_group_id: null,
    belongs_to_default_sg: false,
    description: '',
    ...more,
  };
}

export function agentRecord(more: Partial<AgentRecord> = {}): AgentRecord {
  return {
    id: randomUUID(),
    agent_type: 'Open vSwitch agent',
    binary: 'neutron-openvswitch-agent',
    topic: 'N/A',
    host: 'host-1',
    availability_zone: null,
    admin_state_up: true,
    description: null,
    configurations: {},
    created_at: '2026-01-01 00:00:00',
    started_at: '2026-01-01 00:00:00',
    heartbeat_timestamp: '2026-01-01 00:00:00',
    ...more,
  };
}

function macOf(number: number): PortRecord['mac_address'] {
  const parsed = parseMac(`fa163e${number.toString(16).padStart(6, '0')}`.replaceAll(/(..)(?=.)/g, '$1:'));
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value;
}

export function routerRecord(more: Partial<RouterRecord> = {}): RouterRecord {
  return {
    ...fresh,
    id: randomUUID(),
    project_id: 'project',
    name: '',
    admin_state_up: true,
    status: 'ACTIVE',
    routes: [],
    availability_zone_hints: [],
    distributed: false,
    ha: false,
    enable_ndp_proxy: false,
    flavor_id: null,
    enable_default_route_ecmp: false,
    description: '',
    qos_policy_id: null,
    tags: [],
    ...more,
  };
}

export function floatingIpRecord(
  more: Partial<FloatingIpRecord> & Pick<FloatingIpRecord, 'floating_network_id'>,
): FloatingIpRecord {
  return {
    ...fresh,
    id: randomUUID(),
    project_id: 'project',
    floating_ip_address: ip('172.24.4.21'),
    floating_port_id: randomUUID(),
    port_id: null,
    fixed_ip_address: null,
    router_id: null,
    status: 'DOWN',
    dns_name: '',
    dns_domain: '',
    description: '',
    qos_policy_id: null,
    tags: [],
    ...more,
  };
}

export function subnetPoolRecord(more: Partial<SubnetPoolRecord> = {}): SubnetPoolRecord {
  return {
    ...fresh,
    id: randomUUID(),
    project_id: 'project',
    name: '',
    prefixes: [cidr('10.0.0.0/8')],
    default_quota: null,
    ip_version: 4,
    default_prefixlen: 24,
    min_prefixlen: 8,
    max_prefixlen: 32,
    is_default: false,
    address_scope_id: null,
    shared: false,
    description: '',
    tags: [],
    ...more,
  };
}

export function trunkRecord(more: Partial<TrunkRecord> & Pick<TrunkRecord, 'port_id'>): TrunkRecord {
  return {
    ...fresh,
    id: randomUUID(),
    project_id: 'project',
    name: '',
    admin_state_up: true,
    status: 'DOWN',
    sub_ports: [],
    description: '',
    tags: [],
    ...more,
  };
}
