// Most tests of the suites ask whether an extension is offered before they use it, and are skipped where it is not.
// Those below do not ask. Where what they need is absent they are left out of the run and counted as skipped, like the
// others; as soon as the alias is offered they run.

const needs: Readonly<Record<string, readonly string[]>> = {
  router: [
    'neutron_tempest_plugin.api.admin.test_floating_ips_admin_actions.FloatingIPAdminTestJSON',
    // The class looks for routers to take away after each of its tests.
    'neutron_tempest_plugin.api.test_dhcp_ipv6.NetworksTestDHCPv6',
    'neutron_tempest_plugin.api.test_routers.RoutersDeleteTest',
    'neutron_tempest_plugin.api.test_timestamp.TestTimeStampWithL3',
    'neutron_tempest_plugin.api.admin.test_external_network_extension.ExternalNetworksRBACTestJSON.test_delete_policies_while_tenant_attached_to_net',
    'neutron_tempest_plugin.api.admin.test_external_network_extension.ExternalNetworksRBACTestJSON.test_external_update_policy_from_wildcard_to_specific_tenant',
    'neutron_tempest_plugin.api.admin.test_external_network_extension.ExternalNetworksRBACTestJSON.test_policy_allows_tenant_to_allocate_floatingip',
    'neutron_tempest_plugin.api.admin.test_external_network_extension.ExternalNetworksRBACTestJSON.test_policy_allows_tenant_to_attach_ext_gw',
    'neutron_tempest_plugin.api.admin.test_external_network_extension.ExternalNetworksRBACTestJSON.test_regular_client_shares_with_another',
    'tempest.api.network.admin.test_external_network_extension.ExternalNetworksTestJSON.test_delete_external_networks_with_floating_ip',
    'tempest.api.network.admin.test_external_networks_negative.ExternalNetworksAdminNegativeTestJSON',
    'tempest.api.network.test_dhcp_ipv6.NetworksTestDHCPv6',
    'tempest.api.network.test_ports.PortsIpV6TestJSON.test_port_list_filter_by_router_id',
    'tempest.api.network.test_ports.PortsTestJSON.test_port_list_filter_by_router_id',
    // The class gives tags to a router among others.
    'tempest.api.network.test_tags.TagsExtTest',
  ],
  // Networks have is_default only with it.
  'auto-allocated-topology': [
    'neutron_tempest_plugin.api.admin.test_external_network_extension.ExternalNetworksRBACTestJSON.test_wildcard_policy_delete_blocked_on_default_ext',
  ],
};

export interface LeftOut {
  /** A test, or a class of tests. */
  readonly name: string;
  /** The extension that is needed and not offered. */
  readonly alias: string;
}

/** What a cloud with these extensions cannot run. */
export function leftOut(offered: Iterable<string>): readonly LeftOut[] {
  const aliases = new Set(offered);
  return Object.entries(needs).flatMap(([alias, names]) =>
    aliases.has(alias) ? [] : names.map((name) => ({ name, alias })),
  );
}

/** The file of `tempest run --exclude-list`: one regular expression for each line. */
export function renderExcludeList(left: readonly LeftOut[]): string {
  // A test's whole name ends in its attributes, `[id-…]`; a class's goes on with that of a test.
  return left.map(({ name }) => `^${name.replaceAll('.', String.raw`\.`)}[.\\[(]\n`).join('');
}
