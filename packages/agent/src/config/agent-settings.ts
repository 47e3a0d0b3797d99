// What the agent can be told from outside.

import { firewallDrivers } from '@neutronium/dataplane/host-plan';
import { l3Modes } from '@neutronium/model/l3-mode';
import { filePath, flag, integer, listOf, optional, oneOf, text, written } from '@neutronium/model/setting-kinds';
import { section, setting } from '@neutronium/model/settings';
import type { SettingValues } from '@neutronium/model/settings';
import { parseIp } from '@neutronium/net/ip';
import { accept, refuse } from '@neutronium/net/parsed';

export interface BridgeMapping {
  readonly physicalNetwork: string;
  readonly bridge: string;
}

const bridgeMapping = written<BridgeMapping>({
  placeholder: 'PHYSICAL_NETWORK:BRIDGE',
  parse: (text) => {
    const [physicalNetwork = '', bridge = '', ...rest] = text.split(':');
    if (physicalNetwork === '' || bridge === '' || rest.length > 0) {
      return refuse(`'${text}' is not a physical network and a bridge, such as physnet1:br-ex`);
    }
    return bridge.length > longestBridge
      ? refuse(`'${bridge}': with int- or phy- before it, a patch port's name may be ${longestDevice} characters long`)
      : accept({ physicalNetwork, bridge });
  },
  render: ({ physicalNetwork, bridge }) => `${physicalNetwork}:${bridge}`,
});

const ipAddress = written({ placeholder: 'ADDRESS', parse: parseIp, render: String });

/** IFNAMSIZ less the final zero (linux/if.h). */
const longestDevice = 15;
const longestBridge = longestDevice - 'int-'.length;

export const agentSettings = {
  agent: section('This host, and the server that it takes its orders from.', {
    server_url: setting(text, 'http://127.0.0.1:9696', 'The API server.'),
    secret_file: setting(
      filePath,
      '/var/lib/neutronium/agent-secret',
      'Holds the secret that agents and server share.',
    ),
    host: setting(optional(text), null, "This host's name, as ports are bound to it; the machine's own when not set."),
    state_dir: setting(filePath, '/var/lib/neutronium/agent', 'Files of the services that run here, such as DHCP.'),
    availability_zone: setting(text, 'nova', 'Availability zone of the DHCP service of this host.'),
    agent_mode: setting(
      oneOf(...l3Modes),
      'legacy',
      'legacy hosts whole routers; dvr_snat those, centres of distributed ones, and its part of them; dvr its part only; ' +
        'dvr_no_external its part, with floating IPs by the centre.',
    ),
    report_interval: setting(integer({ min: 1, max: 3600 }), 30, 'Seconds between two reports to the server.'),
    check_interval: setting(
      integer({ min: 1, max: 86_400 }),
      60,
      'Seconds between two full comparisons of the host with what it should be.',
    ),
    tunnel_types: setting(
      listOf(oneOf('gre', 'vxlan', 'geneve')),
      [],
      'The types of tunnels that join this host to others; each needs ovs.local_ip.',
    ),
    vxlan_udp_port: setting(
      integer({ min: 1, max: 65_535 }),
      4789,
      'UDP port of VXLAN tunnels, the same on all hosts.',
    ),
    log_level: setting(oneOf('debug', 'info', 'warn', 'error'), 'info', 'The least severe messages that are logged.'),
  }),
  ovs: section('Open vSwitch.', {
    run_dir: setting(filePath, '/var/run/openvswitch', "Folder of ovs-vswitchd's sockets."),
    database: setting(optional(filePath), null, 'Socket of ovsdb-server; db.sock in the folder above when not set.'),
    integration_bridge: setting(text, 'br-int', 'The bridge that instances are plugged into; made when missing.'),
    tunnel_bridge: setting(text, 'br-tun', 'The bridge of the tunnels; made when missing, and filled by us alone.'),
    local_ip: setting(
      optional(ipAddress),
      null,
      'The address of this host at which its tunnels end. Other hosts must reach it.',
    ),
    bridge_mappings: setting(listOf(bridgeMapping), [], 'The bridge that leads to each physical network.'),
    datapath_type: setting(
      oneOf('system', 'netdev'),
      'system',
      'system forwards in the kernel, netdev in ovs-vswitchd for kernels without the openvswitch module.',
    ),
  }),
  securitygroup: section('The firewall around every port.', {
    firewall_driver: setting(
      oneOf(...firewallDrivers),
      'openvswitch',
      'openvswitch filters by flows; iptables_hybrid by iptables on a Linux bridge between the instance and br-int.',
    ),
  }),
  l3: section('Routers.', {
    ha_vrrp_advert_int: setting(
      integer({ min: 1, max: 255 }),
      2,
      'Seconds between two words of the host on which a highly available router is active; the same on all hosts.',
    ),
  }),
  network_log: section('What is written down of the traffic of ports that logs are about.', {
    rate_limit: setting(integer({ min: 100, max: 1_000_000 }), 100, 'Packets in each second, of all ports together.'),
    burst_limit: setting(integer({ min: 25, max: 1_000_000 }), 25, 'How many of them may come at once.'),
    local_output_log_base: setting(
      optional(filePath),
      null,
      "The file that they are written to, one line each; the agent's own log when not set.",
    ),
  }),
  metadata: section('What instances ask at 169.254.169.254 about themselves.', {
    shared_secret_file: setting(
      optional(filePath),
      null,
      "Holds Nova's metadata_proxy_shared_secret, by which it knows who relays; no metadata service when not set.",
    ),
    nova_metadata_host: setting(text, '127.0.0.1', 'Where Nova answers requests for metadata.'),
    nova_metadata_port: setting(integer({ min: 1, max: 65_535 }), 8775, 'Its TCP port.'),
    nova_metadata_protocol: setting(oneOf('http', 'https'), 'http', 'How it is spoken to.'),
    auth_ca_cert: setting(
      optional(filePath),
      null,
      'Certificates (PEM) of the authorities that vouch for it with https; those that Node.js knows when not set.',
    ),
    nova_metadata_insecure: setting(
      flag,
      false,
      'Whether anybody is taken for Nova with https, whatever his certificate says.',
    ),
    nova_client_cert: setting(optional(filePath), null, 'The certificate (PEM) that we show to Nova.'),
    nova_client_priv_key: setting(optional(filePath), null, 'The private key (PEM) of that certificate.'),
    enable_isolated_metadata: setting(
      flag,
      false,
      'Whether networks with a subnet that no router serves answer in the namespace of their DHCP server.',
    ),
    force_metadata: setting(flag, false, 'Whether all networks answer there.'),
  }),
};

export type AgentConfig = SettingValues<typeof agentSettings>;
