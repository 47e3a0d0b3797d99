import type { PortCreate } from '@neutronium/model/resources/port';

/** A request for a port of the network service itself: plain in everything that is not given. */
export function servicePort(
  given: Pick<PortCreate, 'project_id' | 'network_id' | 'device_owner'> & Partial<PortCreate>,
): PortCreate {
  return {
    name: '',
    description: '',
    admin_state_up: true,
    device_id: '',
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
    ...given,
  };
}
