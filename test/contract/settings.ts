// What our server is configured with beside the reference: the same as reference_neutron.py writes.

export const comparedSettings: Readonly<Record<string, string>> = {
  'auth.mode': 'noauth',
  // Agents are heard of once, and alive throughout.
  'agents.agent_down_time': '100000',
  // Neutron 21 looks at what is in use only when it is asked to.
  'quotas.check_limit_default': 'false',
  'log.level': 'error',
  'networks.tenant_network_types': 'vxlan',
  'networks.network_vlan_ranges': 'physnet1:1000:1099,physnet2:150:199',
  'ports.dns_domain': 'contract.example.',
  // Above every id that a sequence asks for: what a server draws by itself must not be what a request names later.
  'networks.vni_ranges': '10000:19999',
  'networks.tunnel_id_ranges': '10000:19999',
};
