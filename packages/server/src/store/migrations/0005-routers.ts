// Routers, floating IPs and what belongs to them, and the address scopes that routers look at.

import { sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import { portableTypes } from './portable.ts';

export const routers: Migration = {
  async up(db) {
    const { text, integer } = portableTypes(db);

    await sql`create table address_scopes (
      id ${text} not null primary key,
      project_id ${text} not null,
      name ${text} not null,
      ip_version ${integer} not null
    )`.execute(db);
    await sql`create index address_scopes_project on address_scopes (project_id)`.execute(db);
    await sql`alter table subnetpools add column address_scope_id ${text} references address_scopes (id)`.execute(db);
    await sql`create index subnetpools_address_scope on subnetpools (address_scope_id)`.execute(db);
    await sql`alter table networks add column is_default ${integer} not null default 0`.execute(db);

    await sql`create table routers (
      id ${text} not null primary key,
      project_id ${text} not null,
      name ${text} not null,
      admin_state_up ${integer} not null,
      status ${text} not null,
      routes ${text} not null,
      availability_zone_hints ${text} not null,
      distributed ${integer} not null,
      ha ${integer} not null,
      enable_ndp_proxy ${integer} not null,
      flavor_id ${text},
      enable_snat ${integer} not null,
      description ${text} not null,
      created_at ${text} not null,
      updated_at ${text} not null,
      revision_number ${integer} not null
    )`.execute(db);
    await sql`create index routers_project on routers (project_id)`.execute(db);
    await sql`create index routers_name on routers (name)`.execute(db);

    await sql`create table router_ports (
      port_id ${text} not null primary key references ports (id) on delete cascade,
      router_id ${text} not null references routers (id),
      role ${text} not null
    )`.execute(db);
    await sql`create index router_ports_router on router_ports (router_id)`.execute(db);

    await sql`create table router_l3_agents (
      router_id ${text} not null references routers (id) on delete cascade,
      agent_id ${text} not null references agents (id) on delete cascade,
      primary key (router_id, agent_id)
    )`.execute(db);
    await sql`create index router_l3_agents_agent on router_l3_agents (agent_id)`.execute(db);

    await sql`create table floatingips (
      id ${text} not null primary key,
      project_id ${text} not null,
      floating_network_id ${text} not null references networks (id),
      floating_ip_address ${text} not null,
      floating_port_id ${text} not null,
      port_id ${text},
      fixed_ip_address ${text},
      router_id ${text},
      status ${text} not null,
      dns_name ${text} not null,
      dns_domain ${text} not null,
      description ${text} not null,
      created_at ${text} not null,
      updated_at ${text} not null,
      revision_number ${integer} not null
    )`.execute(db);
    // Nulls are never equal here: any number of floating IPs stand for nothing.
    await sql`create unique index floatingips_floating_network_id_port_id_fixed_ip_address
                on floatingips (floating_network_id, port_id, fixed_ip_address)`.execute(db);
    await sql`create index floatingips_project on floatingips (project_id)`.execute(db);
    await sql`create index floatingips_port on floatingips (port_id)`.execute(db);
    await sql`create index floatingips_router on floatingips (router_id)`.execute(db);
    await sql`create index floatingips_floating_port on floatingips (floating_port_id)`.execute(db);

    await sql`create table port_forwardings (
      id ${text} not null primary key,
      floatingip_id ${text} not null references floatingips (id),
      protocol ${text} not null,
      external_port_range ${text} not null,
      internal_port_id ${text} not null,
      internal_ip_address ${text} not null,
      internal_port_range ${text} not null,
      description ${text} not null
    )`.execute(db);
    await sql`create index port_forwardings_floatingip on port_forwardings (floatingip_id)`.execute(db);
    await sql`create index port_forwardings_internal_port on port_forwardings (internal_port_id)`.execute(db);

    await sql`create table conntrack_helpers (
      id ${text} not null primary key,
      router_id ${text} not null references routers (id),
      protocol ${text} not null,
      port ${integer} not null,
      helper ${text} not null
    )`.execute(db);
    await sql`create unique index conntrack_helpers_router_id_protocol_port_helper
                on conntrack_helpers (router_id, protocol, port, helper)`.execute(db);

    await sql`create table ndp_proxies (
      id ${text} not null primary key,
      project_id ${text} not null,
      name ${text} not null,
      router_id ${text} not null references routers (id),
      port_id ${text} not null,
      ip_address ${text} not null,
      description ${text} not null,
      created_at ${text} not null,
      updated_at ${text} not null,
      revision_number ${integer} not null
    )`.execute(db);
    await sql`create index ndp_proxies_project on ndp_proxies (project_id)`.execute(db);
    await sql`create index ndp_proxies_port on ndp_proxies (port_id)`.execute(db);
    await sql`create unique index ndp_proxies_router_id_ip_address on ndp_proxies (router_id, ip_address)`.execute(db);

    await sql`create table flavors (
      id ${text} not null primary key,
      name ${text} not null,
      description ${text},
      service_type ${text} not null,
      enabled ${integer} not null,
      service_profiles ${text} not null
    )`.execute(db);
    await sql`create table service_profiles (
      id ${text} not null primary key,
      description ${text},
      driver ${text} not null,
      enabled ${integer} not null,
      metainfo ${text} not null
    )`.execute(db);

    await sql`create table auto_allocated_topologies (
      project_id ${text} not null primary key,
      network_id ${text} not null references networks (id) on delete cascade,
      router_id ${text} references routers (id) on delete set null
    )`.execute(db);
  },
};
