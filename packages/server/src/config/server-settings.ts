// Everything that the API server can be told, with its defaults. Where Neutron has an option for the same thing, the
// key is Neutron's name for it.

import { filePath, flag, integer, listOf, oneOf, optional, text, written } from '@neutronium/model/setting-kinds';
import { section, setting, type SettingValues } from '@neutronium/model/settings';
import { cidr, cidrFamily, parseCidr, type Cidr } from '@neutronium/net/cidr';
import { refuse, trusted } from '@neutronium/net/parsed';
import { mac } from '@neutronium/net/mac';
import { databaseUrl } from './database-url.ts';
import { baseMac, physicalNetworkMtu, tunnelIdRange, vlanRange } from './network-ranges.ts';

const tcpPort = integer({ min: 0, max: 65_535 });
const mtu = integer({ min: 0, max: 65_535 });
const count = integer({ min: 0, max: 1_000_000 });
const seconds = integer({ min: 1, max: 10 * 365 * 24 * 3600 });
const quota = integer({ min: -1, max: 2_147_483_647 });
const ipv4Prefix = written<Cidr>({
  placeholder: 'PREFIX',
  parse: (text) => {
    const parsed = parseCidr(text);
    return parsed.ok && cidrFamily(parsed.value) !== 4 ? refuse(`${text} is not a prefix of IPv4`) : parsed;
  },
  render: String,
});
const networkType = oneOf('local', 'flat', 'vlan', 'gre', 'vxlan', 'geneve');

export const serverSettings = {
  api: section('Where the API answers.', {
    host: setting(text, '127.0.0.1', 'Address to listen on.'),
    port: setting(tcpPort, 9696, 'TCP port to listen on; 0 lets the system choose one.'),
    public_url: setting(
      optional(text),
      null,
      'URL under which clients reach the server, for the catalog and for links; without it, the listening address.',
    ),
    pagination_max_limit: setting(
      integer({ min: -1, max: 1_000_000 }),
      -1,
      'Most items on one page of a list, applied even when the client asks for no pages; -1 for no limit.',
    ),
    max_body_bytes: setting(
      integer({ min: 1024, max: 1_073_741_824 }),
      114_688 * 10,
      'Largest request body that is read; larger ones are answered with 413.',
    ),
  }),
  database: section('Where everything is kept.', {
    url: setting(
      databaseUrl,
      trusted(databaseUrl.parse('sqlite:/var/lib/neutronium/neutronium.sqlite')),
      'A file of the embedded SQLite, or a PostgreSQL server (15 or later).',
    ),
  }),
  history: section('How much of the change log is kept; agents that have missed what is gone are sent everything.', {
    max_age: setting(
      optional(integer({ min: 3600, max: 10 * 365 * 24 * 3600 })),
      90 * 24 * 3600,
      'Seconds for which changes are remembered.',
    ),
    max_entries: setting(
      optional(integer({ min: 10_000, max: 1_000_000_000 })),
      1_000_000,
      'Most changes that are remembered, the newest; each takes about 2 kB.',
    ),
  }),
  auth: section('Who may ask.', {
    mode: setting(
      oneOf('embedded', 'keystone', 'noauth'),
      'embedded',
      'embedded: the identity service of this server; keystone: an OpenStack Keystone; noauth: believe the X-User-Id, ' +
        'X-Project-Id and X-Roles headers (for tests on a private machine only).',
    ),
    keystone_url: setting(optional(text), null, 'URL of Keystone, with mode = keystone.'),
    token_lifetime: setting(seconds, 3600, 'Seconds for which a token of the embedded identity service is good.'),
    admin_password_file: setting(
      optional(filePath),
      null,
      'File with the password that the administrator is given when the embedded identity service is first started.',
    ),
    demo_password_file: setting(
      optional(filePath),
      null,
      'The same for an unprivileged user demo with a project demo, which are made only when this is set.',
    ),
  }),
  policy: section('Who may do what.', {
    file: setting(
      optional(filePath),
      null,
      'YAML file of oslo.policy rules that replace the built-in ones by name; read again when it changes.',
    ),
  }),
  agents: section('The agents on the hosts.', {
    secret_file: setting(
      optional(filePath),
      null,
      'File with the secret that agents show when they connect; without it no agent is let in.',
    ),
    agent_down_time: setting(seconds, 75, 'Seconds without a report after which an agent counts as dead.'),
    dhcp_agents_per_network: setting(integer({ min: 1, max: 100 }), 1, 'How many DHCP agents serve each network.'),
    default_availability_zones: setting(
      listOf(text),
      [],
      'Availability zones of networks that ask for none; empty for any.',
    ),
  }),
  routers: section('Routers and floating IPs.', {
    max_routes: setting(count, 30, 'Most extra routes of a router.'),
    enable_snat_by_default: setting(flag, true, 'Whether routers translate on their way out unless a request says.'),
    router_distributed: setting(flag, false, 'Whether routers are distributed unless a request says.'),
    dvr_base_mac: setting(
      baseMac,
      mac('fa:16:3f:00:00:00'),
      'First octets of the addresses from which distributed routers of hosts send; other than those of ports.',
    ),
    enable_default_route_ecmp: setting(
      flag,
      false,
      'Whether routers spread connections over their ways out unless a request says.',
    ),
    router_auto_schedule: setting(flag, true, 'Whether routers without an agent are given to one that arrives.'),
    allow_automatic_l3agent_failover: setting(
      flag,
      false,
      'Whether routers of an agent that is dead are given to another.',
    ),
    l3_ha: setting(
      flag,
      false,
      'Whether routers that are not distributed have several agents stand by unless a request says.',
    ),
    max_l3_agents_per_router: setting(
      count,
      3,
      'Most agents that are chosen for a highly available router; 0 for all there are.',
    ),
    l3_ha_net_cidr: setting(
      ipv4Prefix,
      cidr('169.254.192.0/18'),
      'The prefix of the networks over which the agents of a highly available router watch each other.',
    ),
    l3_ha_network_type: setting(
      optional(text),
      null,
      'The type of those networks; the first of networks.tenant_network_types when not set.',
    ),
    l3_ha_network_physical_name: setting(
      optional(text),
      null,
      'The physical network that carries them, where the type needs one.',
    ),
  }),
  networks: section('Kinds of networks and their ids.', {
    tenant_network_types: setting(
      listOf(networkType),
      ['local'],
      'Types that networks of tenants are given, the first with a free id first.',
    ),
    type_drivers: setting(
      listOf(networkType),
      ['local', 'flat', 'vlan', 'gre', 'vxlan', 'geneve'],
      'Types that exist at all.',
    ),
    flat_networks: setting(listOf(text), ['*'], 'Physical networks that may carry a flat network; * for any.'),
    network_vlan_ranges: setting(
      listOf(vlanRange),
      [],
      'VLAN ids for tenants on each physical network; a physical network without a range is for administrators.',
    ),
    tunnel_id_ranges: setting(listOf(tunnelIdRange('gre')), [], 'GRE keys for networks of tenants.'),
    vni_ranges: setting(
      listOf(tunnelIdRange('vxlan', 'geneve')),
      [],
      'Network identifiers for VXLAN and Geneve networks of tenants.',
    ),
    global_physnet_mtu: setting(mtu, 1500, 'Bytes of the largest IP packet on the physical networks.'),
    path_mtu: setting(mtu, 0, 'The same between the ends of tunnels; 0 for global_physnet_mtu.'),
    physical_network_mtus: setting(
      listOf(physicalNetworkMtu),
      [],
      'Physical networks whose largest IP packet is not global_physnet_mtu.',
    ),
    overlay_ip_version: setting(oneOf('4', '6'), '4', 'IP version of the tunnels between hosts.'),
    max_header_size: setting(
      integer({ min: 30, max: 256 }),
      30,
      'Bytes of a Geneve header with its options and the inner Ethernet header.',
    ),
  }),
  ports: section('Ports, subnets and names.', {
    base_mac: setting(
      baseMac,
      mac('fa:16:3e:00:00:00'),
      'First octets of generated MAC addresses: the first three, or four when the fourth is not 00.',
    ),
    dns_domain: setting(text, 'openstacklocal', 'Domain of the names of ports.'),
    max_dns_nameservers: setting(count, 5, 'Most name servers of a subnet.'),
    max_subnet_host_routes: setting(count, 20, 'Most host routes of a subnet.'),
    max_allowed_address_pair: setting(count, 10, 'Most address pairs of a port.'),
    dhcp_lease_duration: setting(
      integer({ min: -1, max: 4_294_967_295 }),
      86_400,
      'Seconds of a DHCP lease; -1 for leases that never end.',
    ),
  }),
  quotas: section('How much each project may have, unless its own quota says otherwise; -1 for any number.', {
    default_quota: setting(quota, -1, 'Of every kind that is not named below.'),
    check_limit_default: setting(
      flag,
      true,
      'Whether a limit below what is in use is refused unless the request forces it; Neutron 21 sets it.',
    ),
    network: setting(quota, 100, 'Networks.'),
    subnet: setting(quota, 100, 'Subnets.'),
    port: setting(quota, 500, 'Ports.'),
    subnetpool: setting(quota, -1, 'Subnet pools.'),
    router: setting(quota, 10, 'Routers.'),
    floatingip: setting(quota, 50, 'Floating IPs.'),
    security_group: setting(quota, 10, 'Security groups.'),
    security_group_rule: setting(quota, 100, 'Rules of security groups.'),
    rbac_policy: setting(quota, 10, 'RBAC policies.'),
  }),
  log: section('What is written to the log.', {
    level: setting(
      oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal'),
      'info',
      'Least important level that is written.',
    ),
  }),
} as const;

export type ServerConfig = SettingValues<typeof serverSettings>;
