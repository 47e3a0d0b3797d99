// The tempest.conf that describes us to Debian's tempest 33: an identity service, the Networking API, nothing else.

export interface TempestSettings {
  /** Scratch folder of the run. */
  readonly work: string;
  /** `http://…/identity/v3`. */
  readonly identity: string;
  readonly adminPassword: string;
  readonly publicNetworkId: string;
  /** Aliases that the endpoint itself lists: an extension that it does not offer is skipped and counted as such. */
  readonly extensions: readonly string[];
}

type Section = Readonly<Record<string, string | number | boolean>>;

export function renderTempestConfiguration(settings: TempestSettings): string {
  const sections: Readonly<Record<string, Section>> = {
    DEFAULT: { debug: false, log_dir: `${settings.work}/logs`, log_file: 'tempest.log', use_stderr: false },
    oslo_concurrency: { lock_path: `${settings.work}/lock` },
    auth: {
      use_dynamic_credentials: true,
      admin_username: 'admin',
      admin_password: settings.adminPassword,
      admin_project_name: 'admin',
      admin_domain_name: 'Default',
      create_isolated_networks: true,
    },
    identity: {
      uri_v3: settings.identity,
      auth_version: 'v3',
      region: 'RegionOne',
      v3_endpoint_type: 'public',
      disable_ssl_certificate_validation: true,
    },
    'identity-feature-enabled': { api_v3: true, api_v2: false },
    service_available: { neutron: true, nova: false, glance: false, cinder: false, swift: false },
    network: {
      endpoint_type: 'public',
      project_network_cidr: '10.100.0.0/16',
      project_network_mask_bits: 28,
      public_network_id: settings.publicNetworkId,
      floating_network_name: 'public',
      port_vnic_type: 'normal',
    },
    'network-feature-enabled': {
      ipv6: true,
      ipv6_subnet_attributes: true,
      // Suites ask for tags by an alias that Neutron 21 has given up too, in favour of standard-attr-tag.
      api_extensions: [...settings.extensions, 'tag'].join(','),
      port_security: true,
      floating_ips: true,
      qos_placement_physnet: 'public',
    },
    neutron_plugin_options: {
      provider_vlans: 'foo',
      available_type_drivers: 'local,flat,vlan,gre,vxlan,geneve',
      agent_availability_zone: 'nova',
      l3_agent_mode: 'legacy',
      q_agent: 'ovs',
      firewall_driver: 'openvswitch',
      max_networks_per_project: 4,
      create_shared_resources: true,
    },
    validation: { run_validation: false },
  };
  return Object.entries(sections)
    .map(([name, values]) => `[${name}]\n${lines(values)}`)
    .join('\n');
}

function lines(section: Section): string {
  return Object.entries(section)
    .map(([key, value]) => `${key} = ${value}\n`)
    .join('');
}
