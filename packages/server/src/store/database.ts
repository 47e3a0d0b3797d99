// The tables as types. Those of declared resources follow from the declarations; the rest is written out here. Flags
// are 0 and 1 and JSON is text in both databases.

import type { NetworkType } from '@neutronium/model/host-view';
import type { AnyResource, Stored } from '@neutronium/model/resource';
import type { AddressGroupAddress, addressGroup } from '@neutronium/model/resources/address-group';
import type { addressScope } from '@neutronium/model/resources/address-scope';
import type { agent } from '@neutronium/model/resources/agent';
import type { conntrackHelper } from '@neutronium/model/resources/conntrack-helper';
import type { defaultSecurityGroupRule } from '@neutronium/model/resources/default-security-group-rule';
import type { defaultStatefulness } from '@neutronium/model/resources/default-statefulness';
import type { flavor } from '@neutronium/model/resources/flavor';
import type { floatingip } from '@neutronium/model/resources/floatingip';
import type { localIp } from '@neutronium/model/resources/local-ip';
import type { log } from '@neutronium/model/resources/log';
import type { meteringLabel } from '@neutronium/model/resources/metering-label';
import type { meteringLabelRule } from '@neutronium/model/resources/metering-label-rule';
import type { ndpProxy } from '@neutronium/model/resources/ndp-proxy';
import type { network } from '@neutronium/model/resources/network';
import type { networkSegmentRange } from '@neutronium/model/resources/network-segment-range';
import type { port } from '@neutronium/model/resources/port';
import type { PortBinding } from '@neutronium/model/resources/port-binding';
import type { portForwarding } from '@neutronium/model/resources/port-forwarding';
import type { qosPolicy } from '@neutronium/model/resources/qos-policy';
import type { qosRules } from '@neutronium/model/resources/qos-rules';
import type { rbacPolicy } from '@neutronium/model/resources/rbac-policy';
import type { router, RouterPortRole } from '@neutronium/model/resources/router';
import type { securityGroup } from '@neutronium/model/resources/security-group';
import type { securityGroupRule } from '@neutronium/model/resources/security-group-rule';
import type { serviceProfile } from '@neutronium/model/resources/service-profile';
import type { subnet } from '@neutronium/model/resources/subnet';
import type { subnetpool } from '@neutronium/model/resources/subnetpool';
import type { trunk } from '@neutronium/model/resources/trunk';
import type { HaState } from '@neutronium/model/watch-protocol';
import type { IpAddress } from '@neutronium/net/ip';
import type { Mac } from '@neutronium/net/mac';
import type { Generated } from 'kysely';
import type { IdentityTables } from '../identity/tables.ts';

/** One row for each object that one transaction changed. */
export interface ChangeLogTable {
  /** In the order of writing. On SQLite, whose writers take turns, it is the revision. */
  readonly entry: Generated<number>;
  /** On PostgreSQL: null until the sequencer has seen the entry committed. On SQLite: always null. */
  readonly revision: number | null;
  readonly kind: string;
  readonly object_id: string;
  readonly project_id: string | null;
  readonly op: 'create' | 'update' | 'delete';
  readonly actor: string | null;
  readonly request_id: string;
  readonly at: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** One row: the last revision given, on PostgreSQL. */
export interface ChangeLogHeadTable {
  readonly revision: number;
}

/** An address that a port has (its fixed_ips), or that the transaction has claimed for a port it is about to write. */
export interface IpAllocationsTable {
  readonly network_id: string;
  readonly ip_address: IpAddress;
  readonly subnet_id: string;
  readonly port_id: string;
  /** Orders the addresses of a family as text: see addressKey in child-tables.ts. */
  readonly address_key: string;
  /** Place in fixed_ips. */
  readonly position: number;
}

export interface TagsTable {
  readonly object_id: string;
  readonly tag: string;
}

/** Which ports have a security group. */
export interface PortSecurityGroupsTable {
  readonly port_id: string;
  readonly security_group_id: string;
  /** Place in the port's security_groups. */
  readonly position: number;
}

/** How a network is carried: one row, or several for a multi-provider network. */
export interface NetworkSegmentsTable {
  readonly id: string;
  readonly network_id: string;
  readonly position: number;
  readonly network_type: NetworkType;
  readonly physical_network: string | null;
  readonly segmentation_id: number | null;
}

/** What people say of a segment. */
export interface SegmentNotesTable {
  readonly segment_id: string;
  readonly network_id: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly revision_number: number;
}

/** Which DHCP agents serve a network. */
export interface NetworkDhcpAgentsTable {
  readonly network_id: string;
  readonly agent_id: string;
}

/** Which ports a router has, and what each is to it. */
export interface RouterPortsTable {
  readonly port_id: string;
  readonly router_id: string;
  readonly role: RouterPortRole;
  /** Its place among the router's ways out; 0 for what is none. */
  readonly position: Generated<number>;
  /** Whether what leaves by it gets its address (1) or not (0); null for what is no way out. */
  readonly enable_snat: number | null;
}

/** Which L3 agents host a router. */
export interface RouterL3AgentsTable {
  readonly router_id: string;
  readonly agent_id: string;
  /** What the agent last said of a highly available router; null until it has said anything, and for other routers. */
  readonly ha_state: Generated<HaState | null>;
}

/** The networks over which the agents of a project's highly available routers watch each other. */
export interface HaNetworksTable {
  readonly network_id: string;
  readonly project_id: string;
}

/** What a highly available router is known by on one of those networks. */
export interface VirtualRoutersTable {
  readonly router_id: string;
  readonly network_id: string;
  /** 1..255 (RFC 3768 section 5.3.3), and no other router's on the network. */
  readonly vr_id: number;
}

/** The address from which the distributed routers of a host send to others. */
export interface DvrHostMacsTable {
  readonly host: string;
  readonly mac_address: Mac;
}

/** The port on an external network by which floating IPs of a host's instances are reached. */
export interface AgentGatewaysTable {
  readonly port_id: string;
  readonly network_id: string;
  readonly host: string;
}

/** The network that a project was given with a way out, and the router of that way. */
export interface AutoAllocatedTopologiesTable {
  readonly project_id: string;
  readonly network_id: string;
  /** Null once somebody has removed the router. */
  readonly router_id: string | null;
}

/** What hosts have confirmed of ports: `l2` that the switch has its flows, `dhcp` that its reservation is loaded. */
export interface PortProvisioningTable {
  readonly port_id: string;
  readonly part: 'l2' | 'dhcp';
  readonly host: string;
}

/** Where a port is about to be. Objects are JSON. */
export interface InactivePortBindingsTable {
  readonly port_id: string;
  readonly host: string;
  readonly vnic_type: PortBinding['vnic_type'];
  readonly profile: string;
  readonly vif_type: string;
  readonly vif_details: string;
}

/** Which ports are behind the parent of a trunk, and by which tag. */
export interface SubportsTable {
  readonly trunk_id: string;
  readonly port_id: string;
  readonly segmentation_type: 'vlan';
  readonly segmentation_id: number;
}

/** Ports that a local IP leads to. */
export interface LocalIpPortAssociationsTable {
  readonly local_ip_id: string;
  readonly fixed_port_id: string;
  readonly fixed_ip: IpAddress;
}

/** Limits that differ from the configured ones; -1 is none. */
export interface QuotaLimitsTable {
  readonly project_id: string;
  readonly resource: string;
  readonly limit: number;
}

/** A wire and the network that has it. Where a type of wire has no label or id, '' and 0 stand for it. */
export interface SegmentAllocationsTable {
  readonly network_type: string;
  readonly physical_network: string;
  readonly segmentation_id: number;
  readonly network_id: string;
}

/** SQLite's own: the last number given to each table with a serial key. */
interface SqliteSequenceTable {
  readonly name: string;
  readonly seq: number;
}

type ColumnOf<T> = T extends boolean ? number : T extends string | number | null ? T : string;

/** The table of a declared resource; `Child` names its attributes that have tables of their own. */
export type DeclaredTable<R extends AnyResource, Child extends string = never> = {
  readonly [K in Exclude<keyof Stored<R>, Child>]: ColumnOf<Stored<R>[K]>;
};

export interface Database extends IdentityTables {
  readonly networks: DeclaredTable<typeof network, 'segments' | 'shared' | 'router:external' | 'tags'>;
  readonly subnets: DeclaredTable<typeof subnet, 'tags'>;
  readonly ports: DeclaredTable<typeof port, 'fixed_ips' | 'security_groups' | 'tags'>;
  readonly trunks: DeclaredTable<typeof trunk, 'sub_ports' | 'tags'>;
  readonly subports: SubportsTable;
  readonly subnetpools: DeclaredTable<typeof subnetpool, 'shared' | 'tags'>;
  readonly security_groups: DeclaredTable<typeof securityGroup, 'shared' | 'tags'>;
  readonly security_group_rules: DeclaredTable<typeof securityGroupRule>;
  readonly default_security_group_rules: DeclaredTable<typeof defaultSecurityGroupRule>;
  readonly security_groups_default_statefulness: DeclaredTable<typeof defaultStatefulness>;
  readonly address_groups: DeclaredTable<typeof addressGroup, 'shared'>;
  readonly address_group_addresses: AddressGroupAddress;
  readonly port_security_groups: PortSecurityGroupsTable;
  readonly rbac_policies: DeclaredTable<typeof rbacPolicy>;
  readonly policies: DeclaredTable<typeof qosPolicy, 'shared' | 'tags'>;
  readonly bandwidth_limit_rules: DeclaredTable<typeof qosRules.bandwidth_limit>;
  readonly dscp_marking_rules: DeclaredTable<typeof qosRules.dscp_marking>;
  readonly minimum_bandwidth_rules: DeclaredTable<typeof qosRules.minimum_bandwidth>;
  readonly minimum_packet_rate_rules: DeclaredTable<typeof qosRules.minimum_packet_rate>;
  readonly packet_rate_limit_rules: DeclaredTable<typeof qosRules.packet_rate_limit>;
  readonly metering_labels: DeclaredTable<typeof meteringLabel>;
  readonly metering_label_rules: DeclaredTable<typeof meteringLabelRule>;
  readonly logs: DeclaredTable<typeof log>;
  readonly agents: DeclaredTable<typeof agent>;
  readonly change_log: ChangeLogTable;
  readonly change_log_head: ChangeLogHeadTable;
  readonly ip_allocations: IpAllocationsTable;
  readonly tags: TagsTable;
  readonly network_segments: NetworkSegmentsTable;
  readonly network_segment_ranges: DeclaredTable<typeof networkSegmentRange, 'tags'>;
  readonly segment_notes: SegmentNotesTable;
  readonly network_dhcp_agents: NetworkDhcpAgentsTable;
  readonly address_scopes: DeclaredTable<typeof addressScope, 'shared'>;
  readonly routers: DeclaredTable<typeof router, 'tags'>;
  readonly router_ports: RouterPortsTable;
  readonly router_l3_agents: RouterL3AgentsTable;
  readonly ha_networks: HaNetworksTable;
  readonly virtual_routers: VirtualRoutersTable;
  readonly dvr_host_macs: DvrHostMacsTable;
  readonly agent_gateways: AgentGatewaysTable;
  readonly floatingips: DeclaredTable<typeof floatingip, 'tags'>;
  readonly port_forwardings: DeclaredTable<typeof portForwarding>;
  readonly conntrack_helpers: DeclaredTable<typeof conntrackHelper>;
  readonly ndp_proxies: DeclaredTable<typeof ndpProxy>;
  readonly local_ips: DeclaredTable<typeof localIp>;
  readonly local_ip_port_associations: LocalIpPortAssociationsTable;
  readonly flavors: DeclaredTable<typeof flavor>;
  readonly service_profiles: DeclaredTable<typeof serviceProfile>;
  readonly auto_allocated_topologies: AutoAllocatedTopologiesTable;
  readonly inactive_port_bindings: InactivePortBindingsTable;
  readonly port_provisioning: PortProvisioningTable;
  readonly quota_limits: QuotaLimitsTable;
  readonly segment_allocations: SegmentAllocationsTable;
  readonly sqlite_sequence: SqliteSequenceTable;
}
