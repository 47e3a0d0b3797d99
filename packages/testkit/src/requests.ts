// Create requests as they are once they have been read: complete, unremarkable, and different only where the test says
// so. And the configuration that they meet.

import { readSettings } from '@neutronium/model/settings';
import type { PortCreate } from '@neutronium/model/resources/port';
import type { SubnetCreate } from '@neutronium/model/resources/subnet';
import { cidr } from '@neutronium/net/cidr';
import { serverSettings, type ServerConfig } from '@neutronium/server/config/server-settings';

/** The defaults; `overrides` is `section.key` to text. */
export function serverConfig(overrides: Readonly<Record<string, string>> = {}): ServerConfig {
  const read = readSettings(serverSettings, { environment: {}, overrides });
  if (!read.ok) throw new Error(`settings of a test: ${read.problems.join('; ')}`);
  return read.values;
}

export function subnetRequest(network_id: string, more: Partial<SubnetCreate> = {}): SubnetCreate {
  return {
    network_id,
    project_id: 'project',
    name: '',
    description: '',
    ip_version: 4,
    cidr: cidr('10.0.0.0/24'),
    enable_dhcp: true,
    dns_nameservers: [],
    host_routes: [],
    service_types: [],
    dns_publish_fixed_ip: false,
    segment_id: null,
    use_default_subnetpool: false,
    ...more,
  };
}

export function portRequest(network_id: string, more: Partial<PortCreate> = {}): PortCreate {
  return {
    network_id,
    project_id: 'project',
    name: '',
    description: '',
    admin_state_up: true,
    device_id: '',
    device_owner: '',
    'binding:host_id': '',
    'binding:vnic_type': 'normal',
    'binding:profile': {},
    allowed_address_pairs: [],
    extra_dhcp_opts: [],
    dns_name: '',
    dns_domain: '',
    device_profile: null,
    numa_affinity_policy: null,
    hints: null,
    propagate_uplink_status: true,
    qos_policy_id: null,
    tags: [],
    ...more,
  };
}
