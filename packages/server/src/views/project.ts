// Records as the parts of them that a host must know.

import type { NetworkView, PortView, SubnetView } from '@neutronium/model/host-view';
import type { NetworkRecord } from '@neutronium/model/resources/network';
import type { PortRecord } from '@neutronium/model/resources/port';
import type { SubnetRecord } from '@neutronium/model/resources/subnet';
import { isPlugged } from '../binding/bind-port.ts';
import { dnsAssignment } from '../resources/port/dns-assignment.ts';
import { reservedDhcpPort } from '../scheduling/dhcp-device-id.ts';

export function networkView(record: NetworkRecord, dnsDomain: string): NetworkView {
  return {
    section: 'networks',
    id: record.id,
    project_id: record.project_id,
    mtu: record.mtu,
    admin_state_up: record.admin_state_up,
    segments: record.segments,
    dns_domain: dnsDomain.replace(/\.$/, ''),
    ...qosPolicyOf(record),
  };
}

export function subnetView(record: SubnetRecord, addressScopeId: string | null): SubnetView {
  return {
    section: 'subnets',
    id: record.id,
    network_id: record.network_id,
    ip_version: record.ip_version,
    cidr: record.cidr,
    gateway_ip: record.gateway_ip,
    enable_dhcp: record.enable_dhcp,
    dns_nameservers: record.dns_nameservers,
    host_routes: record.host_routes,
    address_scope_id: addressScopeId,
    ipv6_ra_mode: record.ipv6_ra_mode,
    ipv6_address_mode: record.ipv6_address_mode,
  };
}

/** A port whose binding failed has no host: nothing may be wired that no driver has agreed to. */
export function portView(record: PortRecord, dnsDomain: string): PortView {
  return {
    section: 'ports',
    id: record.id,
    network_id: record.network_id,
    project_id: record.project_id,
    host: isPlugged(record['binding:vif_type']) ? record['binding:host_id'] : '',
    mac_address: record.mac_address,
    admin_state_up: record.admin_state_up,
    device_owner: record.device_owner,
    device_id: record.device_id,
    fixed_ips: record.fixed_ips,
    allowed_address_pairs: record.allowed_address_pairs,
    port_security_enabled: record.port_security_enabled,
    security_groups: record.port_security_enabled ? record.security_groups : [],
    dns_assignment: dnsAssignment(record, dnsDomain),
    ...(record.dns_zone === '' ? {} : { dns_zone: record.dns_zone }),
    extra_dhcp_opts: record.extra_dhcp_opts,
    ...qosPolicyOf(record),
    ...steeringOf(record),
    revision_number: record.revision_number,
  };
}

/** The QoS policy of something, where it has one: most things have none, and what is absent is not sent. */
export function qosPolicyOf({ qos_policy_id }: { readonly qos_policy_id: string | null }): { qos_policy_id?: string } {
  return qos_policy_id === null ? {} : { qos_policy_id };
}

function steeringOf({ hints }: PortRecord): Pick<PortView, 'tx_steering'> {
  const steering = hints?.openvswitch?.other_config?.['tx-steering'];
  return steering === undefined ? {} : { tx_steering: steering };
}

/** The host that `port` serves the DHCP of its network on, if that is what it is for. */
export function dhcpHostOf(port: PortView): string | undefined {
  const serves = port.device_owner === 'network:dhcp' && port.device_id !== reservedDhcpPort;
  return serves && port.host !== '' ? port.host : undefined;
}
