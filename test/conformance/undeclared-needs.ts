// Most tests of the suites ask whether an extension is offered before they use it, and are skipped where it is not.
// Those below do not ask. Where what they need is absent they are left out of the run and counted as skipped, like the
// others; as soon as the alias is offered they run.

const needs: Readonly<Record<string, readonly string[]>> = {
  'security-group': [
    'neutron_tempest_plugin.api.admin.test_floating_ips_admin_actions.FloatingIPAdminTestJSON.test_associate_floating_ip_with_port_from_another_project',
    'neutron_tempest_plugin.api.test_routers.RoutersDeleteTest',
    // A project that is made for a test loses its default security group first.
    'neutron_tempest_plugin.api.admin.test_quotas.QuotasTest',
    'neutron_tempest_plugin.api.admin.test_quotas_negative.QuotasAdminNegativeTestJSON',
    'neutron_tempest_plugin.api.test_extension_driver_port_security.PortSecTest.test_create_port_sec_with_security_group',
    'neutron_tempest_plugin.api.test_extension_driver_port_security.PortSecTest.test_port_sec_update_pass',
    'neutron_tempest_plugin.api.test_extension_driver_port_security.PortSecTest.test_port_sec_update_port_failed',
    'neutron_tempest_plugin.api.test_ports.PortsTestJSON.test_create_update_port_security',
    'neutron_tempest_plugin.api.test_ports_negative.PortsNegativeTestJSON.test_add_port_with_nonexist_security_groups_id',
    'neutron_tempest_plugin.api.test_security_groups.SecGroupProtocolIPv6Test',
    'neutron_tempest_plugin.api.test_security_groups.SecGroupProtocolTest',
    'neutron_tempest_plugin.api.test_security_groups_negative.NegativeSecGroupProtocolTest',
    'neutron_tempest_plugin.api.test_timestamp.TestTimeStampWithSecurityGroup',
    'tempest.api.network.admin.test_negative_quotas.QuotasNegativeTest',
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
