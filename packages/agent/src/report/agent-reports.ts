// What the agent says of itself, in the words of the agents that operators know (Networking API: agents). One process
// does the work of several of them and reports each.

import type { FirewallDriver, TunnelSettings } from '@neutronium/dataplane/host-plan';
import type { HostView } from '@neutronium/model/host-view';
import type { L3Mode } from '@neutronium/model/l3-mode';
import type { AgentReport } from '@neutronium/model/watch-protocol';

/** The part of the agent's configuration that the server and operators are told. */
export interface ReportedConfiguration {
  readonly integrationBridge: string;
  /** Bridge by physical network. */
  readonly bridgeMappings: Readonly<Record<string, string>>;
  readonly datapathType: string;
  readonly firewallDriver: FirewallDriver;
  readonly ovsRunDir: string;
  readonly availabilityZone: string;
  readonly agentMode: L3Mode;
  /** Null where the host has no tunnels. */
  readonly tunnels: Pick<TunnelSettings, 'localIp' | 'types'> | null;
  /** Null where there is no metadata service. */
  readonly metadata: {
    readonly proxySocket: string;
    readonly novaHost: string;
    readonly novaPort: number;
  } | null;
}

export interface SwitchCapabilities {
  readonly datapath_types: readonly string[];
  readonly iface_types: readonly string[];
}

export interface ReportedState {
  /** Null until the server has sent a view. */
  readonly view: HostView | null;
  /** Devices of the view's ports that are plugged here. */
  readonly devices: number;
  readonly capabilities: SwitchCapabilities;
}

/** Seconds for which an address is leased, as dnsmasq is told. */
const leaseSeconds = 86_400;

const noInventory = { allocation_ratio: 1, min_unit: 1, step_size: 1, reserved: 0 } as const;

/** The reports of the agents in this process. */
export function agentReports(configuration: ReportedConfiguration, state: ReportedState): readonly AgentReport[] {
  const { metadata } = configuration;
  return [
    switchAgent(configuration, state),
    dhcpAgent(configuration, state.view),
    l3Agent(configuration, state.view),
    ...(metadata === null ? [] : [metadataAgent(metadata)]),
  ];
}

function switchAgent(configuration: ReportedConfiguration, state: ReportedState): AgentReport {
  const routes = configuration.agentMode !== 'legacy';
  return {
    agent_type: 'Open vSwitch agent',
    binary: 'neutron-openvswitch-agent',
    topic: 'N/A',
    availability_zone: null,
    configurations: {
      // Where frames go and who has an address is what the server says, for every network that tunnels carry.
      arp_responder_enabled: configuration.tunnels !== null,
      baremetal_smartnic: false,
      bridge_mappings: configuration.bridgeMappings,
      datapath_type: configuration.datapathType,
      devices: state.devices,
      // What parts of distributed routers here send from to other hosts; ours, Neutron shows it nowhere.
      dvr_mac_address: [...(state.view?.distributed_routing.values() ?? [])][0]?.mac_address ?? null,
      enable_distributed_routing: routes,
      extensions: [],
      in_distributed_mode: routes,
      integration_bridge: configuration.integrationBridge,
      l2_population: configuration.tunnels !== null,
      log_agent_heartbeats: false,
      ovs_capabilities: state.capabilities,
      ovs_hybrid_plug: configuration.firewallDriver === 'iptables_hybrid',
      resource_provider_bandwidths: {},
      resource_provider_hypervisors: {},
      resource_provider_inventory_defaults: noInventory,
      resource_provider_packet_processing_inventory_defaults: noInventory,
      resource_provider_packet_processing_with_direction: {},
      resource_provider_packet_processing_without_direction: {},
      tunnel_types: configuration.tunnels?.types ?? [],
      tunneling_ip: configuration.tunnels?.localIp ?? null,
      vhostuser_socket_dir: configuration.ovsRunDir,
    },
  };
}

function dhcpAgent(configuration: ReportedConfiguration, view: HostView | null): AgentReport {
  const served = view?.dhcp ?? new Map<string, unknown>();
  const inServed = (object: { readonly network_id: string }): boolean => served.has(object.network_id);
  return {
    agent_type: 'DHCP agent',
    binary: 'neutron-dhcp-agent',
    topic: 'dhcp_agent',
    availability_zone: configuration.availabilityZone,
    configurations: {
      dhcp_driver: 'neutron.agent.linux.dhcp.Dnsmasq',
      dhcp_lease_duration: leaseSeconds,
      log_agent_heartbeats: false,
      networks: served.size,
      ports: [...(view?.ports.values() ?? [])].filter(inServed).length,
      subnets: [...(view?.subnets.values() ?? [])].filter(inServed).length,
    },
  };
}

function l3Agent(configuration: ReportedConfiguration, view: HostView | null): AgentReport {
  const routers = [...(view?.routers.values() ?? [])];
  return {
    agent_type: 'L3 agent',
    binary: 'neutron-l3-agent',
    topic: 'l3_agent',
    availability_zone: configuration.availabilityZone,
    configurations: {
      agent_mode: configuration.agentMode,
      ex_gw_ports: routers.flatMap(({ gateways }) => gateways).length,
      extensions: ['port_forwarding', 'conntrack_helper', 'ndp_proxy'],
      floating_ips: view?.floating_ips.size ?? 0,
      handle_internal_only_routers: true,
      interface_driver: 'openvswitch',
      interfaces: routers.reduce((sum, router) => sum + router.interface_ports.length, 0),
      log_agent_heartbeats: false,
      routers: routers.length,
    },
  };
}

function metadataAgent(metadata: NonNullable<ReportedConfiguration['metadata']>): AgentReport {
  return {
    agent_type: 'Metadata agent',
    binary: 'neutron-metadata-agent',
    topic: 'N/A',
    availability_zone: null,
    configurations: {
      log_agent_heartbeats: false,
      metadata_proxy_socket: metadata.proxySocket,
      nova_metadata_host: metadata.novaHost,
      nova_metadata_port: metadata.novaPort,
    },
  };
}
