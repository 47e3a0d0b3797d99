// The change log, networks, subnets, ports, subnet pools, agents and what belongs to them. Unique constraints are named
// indexes, so that both databases report a violation by the same name.

import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { databaseKind } from '../dialect.ts';
import { portableTypes } from './portable.ts';

export const foundation: Migration = {
  async up(db) {
    const { text, integer, serial } = portableTypes(db);

    await sql`create table change_log (
      entry ${serial},
      revision ${integer},
      kind ${text} not null,
      object_id ${text} not null,
      project_id ${text},
      op ${text} not null,
      actor ${text},
      request_id ${text} not null,
      at ${text} not null,
      before ${text},
      after ${text}
    )`.execute(db);
    await sql`create table change_log_head (revision ${integer} not null)`.execute(db);
    await sql`insert into change_log_head (revision) values (0)`.execute(db);
    if (databaseKind(db) === 'postgres') {
      // SQLite's revision is the entry itself.
      await sql`create unique index change_log_revision on change_log (revision)`.execute(db);
      await sql`create index change_log_unnumbered on change_log (entry) where revision is null`.execute(db);
    }

    await sql`create table tags (object_id ${text} not null, tag ${text} not null, primary key (object_id, tag))`.execute(
      db,
    );
    await sql`create index tags_tag on tags (tag)`.execute(db);

    await sql`create table rbac_entries (
      id ${text} not null primary key,
      project_id ${text} not null,
      object_type ${text} not null,
      object_id ${text} not null,
      action ${text} not null,
      target_project ${text} not null
    )`.execute(db);
    await sql`create unique index rbac_entries_object_id_action_target_project
                on rbac_entries (object_id, action, target_project)`.execute(db);
    await sql`create index rbac_entries_target on rbac_entries (object_type, target_project)`.execute(db);

    await sql`create table networks (
      id ${text} not null primary key,
      project_id ${text} not null,
      name ${text} not null,
      admin_state_up ${integer} not null,
      status ${text} not null,
      mtu ${integer} not null,
      port_security_enabled ${integer} not null,
      dns_domain ${text} not null,
      availability_zone_hints ${text} not null,
      description ${text} not null,
      created_at ${text} not null,
      updated_at ${text} not null,
      revision_number ${integer} not null
    )`.execute(db);
    await sql`create index networks_project on networks (project_id)`.execute(db);
    await sql`create index networks_name on networks (name)`.execute(db);

    await sql`create table network_segments (
      id ${text} not null primary key,
      network_id ${text} not null references networks (id),
      position ${integer} not null,
      network_type ${text} not null,
      physical_network ${text},
      segmentation_id ${integer}
    )`.execute(db);
    await sql`create index network_segments_network on network_segments (network_id, position)`.execute(db);

    await sql`create table subnetpools (
      id ${text} not null primary key,
      project_id ${text} not null,
      name ${text} not null,
      prefixes ${text} not null,
      ip_version ${integer} not null,
      min_prefixlen ${integer} not null,
      default_prefixlen ${integer} not null,
      max_prefixlen ${integer} not null,
      default_quota ${integer},
      is_default ${integer} not null,
      description ${text} not null,
      created_at ${text} not null,
      updated_at ${text} not null,
      revision_number ${integer} not null
    )`.execute(db);
    await sql`create index subnetpools_project on subnetpools (project_id)`.execute(db);
    await sql`create index subnetpools_name on subnetpools (name)`.execute(db);

    await sql`create table subnets (
      id ${text} not null primary key,
      project_id ${text} not null,
      name ${text} not null,
      network_id ${text} not null references networks (id),
      ip_version ${integer} not null,
      cidr ${text} not null,
      subnetpool_id ${text} references subnetpools (id),
      gateway_ip ${text},
      allocation_pools ${text} not null,
      enable_dhcp ${integer} not null,
      dns_nameservers ${text} not null,
      host_routes ${text} not null,
      ipv6_ra_mode ${text},
      ipv6_address_mode ${text},
      service_types ${text} not null,
      description ${text} not null,
      created_at ${text} not null,
      updated_at ${text} not null,
      revision_number ${integer} not null
    )`.execute(db);
    await sql`create index subnets_project on subnets (project_id)`.execute(db);
    await sql`create index subnets_name on subnets (name)`.execute(db);
    await sql`create index subnets_network on subnets (network_id)`.execute(db);
    await sql`create index subnets_subnetpool on subnets (subnetpool_id)`.execute(db);

    await sql`create table ports (
      id ${text} not null primary key,
      project_id ${text} not null,
      name ${text} not null,
      network_id ${text} not null references networks (id),
      mac_address ${text} not null,
      admin_state_up ${integer} not null,
      status ${text} not null,
      device_id ${text} not null,
      device_owner ${text} not null,
      "binding:host_id" ${text} not null,
      "binding:vnic_type" ${text} not null,
      "binding:profile" ${text} not null,
      "binding:vif_type" ${text} not null,
      "binding:vif_details" ${text} not null,
      port_security_enabled ${integer} not null,
      allowed_address_pairs ${text} not null,
      extra_dhcp_opts ${text} not null,
      dns_name ${text} not null,
      dns_domain ${text} not null,
      ip_allocation ${text} not null,
      data_plane_status ${text},
      device_profile ${text},
      numa_affinity_policy ${text},
      propagate_uplink_status ${integer} not null,
      description ${text} not null,
      created_at ${text} not null,
      updated_at ${text} not null,
      revision_number ${integer} not null
    )`.execute(db);
    await sql`create unique index ports_network_id_mac_address on ports (network_id, mac_address)`.execute(db);
    await sql`create index ports_project on ports (project_id)`.execute(db);
    await sql`create index ports_name on ports (name)`.execute(db);
    await sql`create index ports_mac on ports (mac_address)`.execute(db);
    await sql`create index ports_device on ports (device_id)`.execute(db);
    await sql`create index ports_host on ports ("binding:host_id")`.execute(db);

    await sql`create table port_provisioning (
      port_id ${text} not null references ports (id) on delete cascade,
      part ${text} not null,
      host ${text} not null,
      primary key (port_id, part, host)
    )`.execute(db);

    await sql`create table ip_allocations (
      network_id ${text} not null,
      ip_address ${text} not null,
      subnet_id ${text} not null references subnets (id),
      port_id ${text} not null,
      address_key ${text} not null,
      position ${integer} not null
    )`.execute(db);
    await sql`create unique index ip_allocations_network_id_ip_address
                on ip_allocations (network_id, ip_address)`.execute(db);
    await sql`create index ip_allocations_port on ip_allocations (port_id, position)`.execute(db);
    await sql`create index ip_allocations_subnet on ip_allocations (subnet_id, address_key)`.execute(db);
    await sql`create index ip_allocations_address on ip_allocations (ip_address)`.execute(db);

    await sql`create table agents (
      id ${text} not null primary key,
      agent_type ${text} not null,
      "binary" ${text} not null,
      topic ${text} not null,
      host ${text} not null,
      availability_zone ${text},
      admin_state_up ${integer} not null,
      description ${text},
      configurations ${text} not null,
      created_at ${text} not null,
      started_at ${text} not null,
      heartbeat_timestamp ${text} not null
    )`.execute(db);
    await sql`create unique index agents_agent_type_host on agents (agent_type, host)`.execute(db);
    await sql`create index agents_host on agents (host)`.execute(db);

    await sql`create table network_dhcp_agents (
      network_id ${text} not null references networks (id) on delete cascade,
      agent_id ${text} not null references agents (id) on delete cascade,
      primary key (network_id, agent_id)
    )`.execute(db);
    await sql`create index network_dhcp_agents_agent on network_dhcp_agents (agent_id)`.execute(db);

    await sql`create table quota_limits (
      project_id ${text} not null,
      resource ${text} not null,
      "limit" ${integer} not null,
      primary key (project_id, resource)
    )`.execute(db);
  },
};
