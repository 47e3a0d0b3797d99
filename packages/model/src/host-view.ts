// What one host must know, and nothing more: the contract between server and agent. The server derives a HostView
// for each host from its tables; the agent turns it into a HostPlan. A view is a flat set of objects, each named by
// (section, id), so that a change to it is a set of objects to put and a set of names to remove, whatever the section.

import type { Cidr } from '@neutronium/net/cidr';
import type { IpAddress } from '@neutronium/net/ip';
import type { Mac } from '@neutronium/net/mac';
import type { TunnelType } from '@neutronium/net/vni';
import type { TxSteering } from './kinds/port-hints.ts';

/** Raised when a message or object changes its meaning; server and agent refuse to talk across different versions. */
export const contractVersion = 4;

export type NetworkType = 'local' | 'flat' | 'vlan' | 'gre' | 'vxlan' | 'geneve';

/** One broadcast domain that carries a network (Networking API: multi-provider segments). */
export interface SegmentView {
  readonly id: string;
  readonly network_type: NetworkType;
  /** The operator's label of the wire, null for local and tunnelled segments. */
  readonly physical_network: string | null;
  /** VLAN id, GRE key or VNI; null where the type has none. */
  readonly segmentation_id: number | null;
}

export interface NetworkView {
  readonly section: 'networks';
  readonly id: string;
  readonly project_id: string;
  /** Bytes of the largest IP packet. */
  readonly mtu: number;
  readonly admin_state_up: boolean;
  readonly segments: readonly SegmentView[];
  /** The domain that DHCP hands out, without a trailing dot. */
  readonly dns_domain: string;
  /** The QoS policy of its ports, floating IPs and ways out that have none of their own; absent where it has none. */
  readonly qos_policy_id?: string;
}

export type Ipv6Mode = 'slaac' | 'dhcpv6-stateful' | 'dhcpv6-stateless';

export interface HostRoute {
  readonly destination: Cidr;
  readonly nexthop: IpAddress;
}

export interface SubnetView {
  readonly section: 'subnets';
  readonly id: string;
  readonly network_id: string;
  readonly ip_version: 4 | 6;
  readonly cidr: Cidr;
  readonly gateway_ip: IpAddress | null;
  readonly enable_dhcp: boolean;
  readonly dns_nameservers: readonly IpAddress[];
  readonly host_routes: readonly HostRoute[];
  /** The address scope of its pool: routers let packets pass without NAT within a scope only. Null where it has none. */
  readonly address_scope_id: string | null;
  readonly ipv6_ra_mode: Ipv6Mode | null;
  readonly ipv6_address_mode: Ipv6Mode | null;
}

export interface FixedIp {
  readonly subnet_id: string;
  readonly ip_address: IpAddress;
}

export interface AddressPair {
  readonly mac_address: Mac;
  /** A host address or a prefix. */
  readonly ip_address: IpAddress | Cidr;
}

export interface ExtraDhcpOption {
  readonly opt_name: string;
  readonly opt_value: string;
  readonly ip_version: 4 | 6;
}

export interface DnsAssignment {
  readonly ip_address: IpAddress;
  readonly hostname: string;
  /** Fully qualified, with its trailing dot. */
  readonly fqdn: string;
}

/**
 * A port that the host has to know of: one bound to it, a port of a router that it has, or any port of a network whose
 * DHCP it serves or that lies behind a router of its own, where the metadata service looks instances up by their
 * addresses. It is wired only where `host` is the reader's own name.
 */
export interface PortView {
  readonly section: 'ports';
  readonly id: string;
  readonly network_id: string;
  /** The metadata service names it to Nova together with the instance. */
  readonly project_id: string;
  /**
   * binding:host_id; empty for a port that is bound nowhere. Of a highly available router's ports, the reader's own name
   * where it hosts the router, and empty elsewhere: which host is active is not the server's to say. An interface of a
   * distributed router is a port of each host that routes for it, and has the reader's own name there.
   */
  readonly host: string;
  readonly mac_address: Mac;
  readonly admin_state_up: boolean;
  readonly device_owner: string;
  readonly device_id: string;
  readonly fixed_ips: readonly FixedIp[];
  readonly allowed_address_pairs: readonly AddressPair[];
  readonly port_security_enabled: boolean;
  /** Ids of the security groups whose rules admit its traffic; none where nothing is admitted, or nothing filtered. */
  readonly security_groups: readonly string[];
  readonly dns_assignment: readonly DnsAssignment[];
  /** A domain, with its trailing dot, in which it is known by its name besides; absent where there is none. */
  readonly dns_zone?: string;
  readonly extra_dhcp_opts: readonly ExtraDhcpOption[];
  /** Its own QoS policy; absent where it has none. */
  readonly qos_policy_id?: string;
  /** How Open vSwitch shall choose the queue of a DPDK device for a packet; absent where the port does not say. */
  readonly tx_steering?: TxSteering;
  /** The port's revision_number: a status report names the revision that it speaks of. */
  readonly revision_number: number;
}

/**
 * A trunk whose parent port is bound to this host. The ports behind the parent are objects of their own that name it, so
 * that one more of them costs the same whatever a trunk has already.
 */
export interface TrunkView {
  readonly section: 'trunks';
  readonly id: string;
  /** The parent port, whose device the instance has. */
  readonly port_id: string;
}

/** A port behind the parent of a trunk: the instance's frames with its tag are the port's. */
export interface SubportView {
  readonly section: 'subports';
  /** The port's id. */
  readonly id: string;
  readonly trunk_id: string;
  /** VLAN id, 1 to 4094. */
  readonly segmentation_id: number;
}

/**
 * An association of a local IP with a port of this host: what instances of the host send on the port's network to the
 * local IP is for the port.
 */
export interface LocalIpView {
  readonly section: 'local_ips';
  /** `<id of the local IP>/<id of the port>`. */
  readonly id: string;
  readonly port_id: string;
  /** Of IPv4, as is the other. */
  readonly local_ip_address: IpAddress;
  /** The address of the port that takes its place. */
  readonly fixed_ip: IpAddress;
  /** Whether packets get the address of the port (`translate`) or keep the local IP (`passthrough`). */
  readonly ip_mode: 'translate' | 'passthrough';
}

/** A network whose DHCP this host serves, through one port of its own (device_owner network:dhcp). */
export interface DhcpServiceView {
  readonly section: 'dhcp';
  /** The network's id: a host serves a network at most once. */
  readonly id: string;
  readonly port_id: string;
}

/**
 * A router of which the host carries a part. What is attached to it - floating IPs, port forwardings, helpers, proxies -
 * are objects of their own that name it, so that one more of them costs the same whatever a router has already. Several
 * hosts may have the view of one router.
 */
export interface RouterView {
  readonly section: 'routers';
  readonly id: string;
  readonly project_id: string;
  readonly admin_state_up: boolean;
  /**
   * Its ways out. The first is the one of `external_gateway_info`, and the one that packets leave by which nothing else
   * leads to another.
   */
  readonly gateways: readonly RouterGateway[];
  /**
   * Whether every host with a port behind it routes by itself. Its interfaces are then ports of all those hosts, with the
   * same addresses, and one host has its centre, or several share it.
   */
  readonly distributed: boolean;
  /** Ids of its ports in networks behind it (device_owner network:router_interface), in their order. */
  readonly interface_ports: readonly string[];
  /**
   * Ids of the ports at which the centre of a distributed router takes what leaves without a floating IP
   * (device_owner network:router_centralized_snat), in their order.
   */
  readonly snat_ports: readonly string[];
  readonly routes: readonly HostRoute[];
  /** Whether connections that are bound to no way out are spread over all of them. */
  readonly enable_default_route_ecmp: boolean;
  /** Whether it answers for the addresses of its NDP proxies on the external network. */
  readonly enable_ndp_proxy: boolean;
  /** The QoS policy of what goes by its own addresses outside; absent where it has none. */
  readonly qos_policy_id?: string;
  /** Null for a router that this host alone has, and for a distributed one whose centre it has no share in. */
  readonly ha: HaRouterView | null;
}

/**
 * How this host and others settle among themselves which of them a highly available router is active on (RFC 3768). Of a
 * distributed router it is the centre that they share.
 */
export interface HaRouterView {
  /** The port by which this host hears the others (device_owner network:router_ha_interface). */
  readonly port_id: string;
  /** The id of the virtual router on the network of that port, 1..255. */
  readonly vr_id: number;
  /** 1..254, and no other host's: of two that would be active, the one with the greater is. */
  readonly priority: number;
}

/** A way out of a router (Networking API: external_gateways). */
export interface RouterGateway {
  /** The port in the external network (device_owner network:router_gateway). */
  readonly port_id: string;
  /** Whether packets from networks behind the router leave with the address of its gateway. */
  readonly enable_snat: boolean;
}

/** What the host is to distributed routers. */
export interface DistributedRoutingView {
  readonly section: 'distributed_routing';
  /** The host's own name: of others it need not know. */
  readonly id: string;
  /**
   * What its parts of distributed routers send from to other hosts. The addresses of all hosts have their first three
   * octets in common, and no port has one of those.
   */
  readonly mac_address: Mac;
}

/**
 * The host's port on an external network, by which it is reached for the floating IPs of its instances that distributed
 * routers lead to (device_owner network:floatingip_agent_gateway).
 */
export interface AgentGatewayView {
  readonly section: 'agent_gateways';
  /** The network's id. */
  readonly id: string;
  readonly port_id: string;
}

/** An address of an external network by which one of a router's networks is reached. */
export interface FloatingIpView {
  readonly section: 'floating_ips';
  readonly id: string;
  readonly router_id: string;
  /** The network that it is an address of: the router is reached there by one of its ports. */
  readonly floating_network_id: string;
  readonly floating_ip_address: IpAddress;
  /** The address that it stands for; null for one that only port forwardings use. */
  readonly fixed_ip_address: IpAddress | null;
  /** The port that has the fixed address. */
  readonly port_id: string | null;
  /** Its own QoS policy; absent where it has none. */
  readonly qos_policy_id?: string;
}

export interface PortRange {
  readonly first: number;
  /** Included. */
  readonly last: number;
}

/** Ports of a floating IP that stand for ports of an instance. */
export interface PortForwardingView {
  readonly section: 'port_forwardings';
  readonly id: string;
  readonly floatingip_id: string;
  readonly router_id: string;
  /** A name that iptables(8) takes: tcp, udp, sctp, dccp. */
  readonly protocol: string;
  readonly external_ports: PortRange;
  readonly internal_ip_address: IpAddress;
  /** As many as the external ports, or one that all of them lead to. */
  readonly internal_ports: PortRange;
}

/** A helper of connection tracking for what goes through a router to one port, such as the data connections of FTP. */
export interface ConntrackHelperView {
  readonly section: 'conntrack_helpers';
  readonly id: string;
  readonly router_id: string;
  /** A name that iptables(8) takes. */
  readonly protocol: string;
  readonly port: number;
  /** Name of the kernel's helper: ftp, tftp, sip … */
  readonly helper: string;
}

/** An IPv6 address behind a router for which it answers neighbour solicitations on the external network. */
export interface NdpProxyView {
  readonly section: 'ndp_proxies';
  readonly id: string;
  readonly router_id: string;
  /** The port that has the address. */
  readonly port_id: string;
  readonly ip_address: IpAddress;
}

/** The far end of a rule's traffic: its source where the rule is about ingress, its destination where about egress. */
export type RemoteEnd =
  | { readonly kind: 'any' }
  | { readonly kind: 'prefix'; readonly cidr: Cidr }
  /** The addresses of a security group's ports, or of an address group: what the address set with that id holds. */
  | { readonly kind: 'set'; readonly id: string };

/** One kind of traffic that a group admits. What no rule of a port's groups admits is dropped. */
export interface SecurityGroupRuleView {
  readonly id: string;
  readonly direction: 'ingress' | 'egress';
  readonly ethertype: 'IPv4' | 'IPv6';
  /** IANA's protocol number; null admits all of them. ICMP for IPv6 is 58, whatever it was called in the request. */
  readonly protocol: number | null;
  /** First destination port, or the ICMP type; null admits all. */
  readonly port_range_min: number | null;
  /** Last destination port, or the ICMP code; null with an ICMP type admits all codes of the type. */
  readonly port_range_max: number | null;
  readonly remote: RemoteEnd;
}

/** A security group that a port of this host has. */
export interface SecurityGroupView {
  readonly section: 'security_groups';
  readonly id: string;
  /** For people who ask where a flow or a chain comes from; nothing is decided by it. */
  readonly name: string;
  /** Stateful groups admit the answers to what they admit; all groups of a port are alike in this. */
  readonly stateful: boolean;
  /** In the order of their ids. */
  readonly rules: readonly SecurityGroupRuleView[];
}

export interface MemberAddress {
  /** Network address with its length; a host address has none. */
  readonly ip: IpAddress | Cidr;
  /**
   * The MAC address that an allowed address pair ties the address to. It counts only for an address of length 0: a
   * port that may send from everywhere does not make everyone else a member of its groups.
   */
  readonly mac: Mac | null;
}

/**
 * What one member brings into an address set: a port of a security group, or one address of an address group. A host
 * has the members of those sets that rules of its security groups name. Each member is an object of its own, so that
 * one that comes or goes costs the same whatever the size of the set.
 */
export interface AddressSetMemberView {
  readonly section: 'address_set_members';
  /** `<id of the set>/<id of the port, or the address>`. */
  readonly id: string;
  /** Id of the security group or of the address group. */
  readonly set_id: string;
  readonly addresses: readonly MemberAddress[];
}

/**
 * Another host to which this one needs tunnels, because both have ports of a network that tunnels carry. Hosts that
 * share no such network do not hear of each other.
 */
export interface TunnelEndpointView {
  readonly section: 'tunnel_endpoints';
  /** The other host's name. */
  readonly id: string;
  /** Where its tunnels end. */
  readonly ip_address: IpAddress;
  readonly tunnel_types: readonly TunnelType[];
}

/**
 * A port of a network that tunnels carry, on another host or several. From these a host knows where to send each frame, and which
 * questions it can answer itself; it has to learn nothing from traffic.
 */
export interface RemotePortView {
  readonly section: 'remote_ports';
  /** The port's id. */
  readonly id: string;
  readonly network_id: string;
  /**
   * The names of the other hosts that have it, in their order: the one that it is bound to, or all that host the highly
   * available router which has the port.
   */
  readonly hosts: readonly string[];
  /** Whether it is with whichever of the hosts is active, of which only its own frames tell. */
  readonly roams: boolean;
  readonly mac_address: Mac;
  readonly ip_addresses: readonly IpAddress[];
  /** MAC addresses of its allowed address pairs, its own left out: several ports may have the same. */
  readonly shared_mac_addresses: readonly Mac[];
}

/** A rule of a QoS policy that hosts enforce. Rates are upper limits; what is above them is dropped. */
export type QosRuleView =
  | {
      readonly type: 'bandwidth_limit';
      readonly id: string;
      /** `egress` is what the port sends, `ingress` what it gets. */
      readonly direction: 'ingress' | 'egress';
      readonly max_kbps: number;
      /** Kilobits; 0 leaves it to the host. */
      readonly max_burst_kbps: number;
    }
  | {
      readonly type: 'packet_rate_limit';
      readonly id: string;
      readonly direction: 'ingress' | 'egress';
      /** Thousands of packets in each second. */
      readonly max_kpps: number;
      /** Thousands of packets; 0 leaves it to the host. */
      readonly max_burst_kpps: number;
    }
  | {
      readonly type: 'dscp_marking';
      readonly id: string;
      /** The codepoint that what the port sends gets (RFC 2474 section 3). */
      readonly dscp_mark: number;
    };

/** A QoS policy that a port, a network, a router or a floating IP of this host has. */
export interface QosPolicyView {
  readonly section: 'qos_policies';
  readonly id: string;
  /** In the order of their ids. */
  readonly rules: readonly QosRuleView[];
}

/** Traffic of a router that a label counts, or leaves out. Both prefixes must hold; null holds for all addresses. */
export interface MeteringRuleView {
  readonly id: string;
  /** `ingress` comes in by a way out of the router, `egress` leaves by it. */
  readonly direction: 'ingress' | 'egress';
  /** Not counted, whatever the other rules say. */
  readonly excluded: boolean;
  readonly source: Cidr | null;
  readonly destination: Cidr | null;
}

/** A metering label that counts for routers of this host: those of its project, or all of them. */
export interface MeteringLabelView {
  readonly section: 'metering_labels';
  readonly id: string;
  /** For people. */
  readonly name: string;
  readonly project_id: string;
  readonly shared: boolean;
  /** In the order of their ids. */
  readonly rules: readonly MeteringRuleView[];
}

/** Traffic of ports of this host that it writes down. */
export interface LogView {
  readonly section: 'logs';
  readonly id: string;
  readonly project_id: string;
  /** What is admitted, what is dropped, or both. */
  readonly event: 'ACCEPT' | 'DROP' | 'ALL';
  /** The security group whose ports are meant, and what it admits; null for all groups. */
  readonly resource_id: string | null;
  /** The port that is meant; null for all ports that have the group, or where that is null too, for all of the project. */
  readonly target_id: string | null;
}

export type HostObject =
  | NetworkView
  | SubnetView
  | PortView
  | TrunkView
  | SubportView
  | LocalIpView
  | DhcpServiceView
  | SecurityGroupView
  | AddressSetMemberView
  | TunnelEndpointView
  | RemotePortView
  | RouterView
  | DistributedRoutingView
  | AgentGatewayView
  | FloatingIpView
  | PortForwardingView
  | ConntrackHelperView
  | NdpProxyView
  | QosPolicyView
  | MeteringLabelView
  | LogView;
export type Section = HostObject['section'];

/** The name of an object within a view. */
export interface ObjectKey {
  readonly section: Section;
  readonly id: string;
}

export interface HostView {
  /** The server's revision that this view reflects. */
  readonly revision: number;
  readonly networks: ReadonlyMap<string, NetworkView>;
  readonly subnets: ReadonlyMap<string, SubnetView>;
  readonly ports: ReadonlyMap<string, PortView>;
  readonly trunks: ReadonlyMap<string, TrunkView>;
  readonly subports: ReadonlyMap<string, SubportView>;
  readonly local_ips: ReadonlyMap<string, LocalIpView>;
  readonly dhcp: ReadonlyMap<string, DhcpServiceView>;
  readonly security_groups: ReadonlyMap<string, SecurityGroupView>;
  readonly address_set_members: ReadonlyMap<string, AddressSetMemberView>;
  readonly tunnel_endpoints: ReadonlyMap<string, TunnelEndpointView>;
  readonly remote_ports: ReadonlyMap<string, RemotePortView>;
  readonly routers: ReadonlyMap<string, RouterView>;
  readonly distributed_routing: ReadonlyMap<string, DistributedRoutingView>;
  readonly agent_gateways: ReadonlyMap<string, AgentGatewayView>;
  readonly floating_ips: ReadonlyMap<string, FloatingIpView>;
  readonly port_forwardings: ReadonlyMap<string, PortForwardingView>;
  readonly conntrack_helpers: ReadonlyMap<string, ConntrackHelperView>;
  readonly ndp_proxies: ReadonlyMap<string, NdpProxyView>;
  readonly qos_policies: ReadonlyMap<string, QosPolicyView>;
  readonly metering_labels: ReadonlyMap<string, MeteringLabelView>;
  readonly logs: ReadonlyMap<string, LogView>;
}

/** A difference between two revisions of a view. An object that is set replaces the one of its name whole. */
export interface ViewChange {
  readonly revision: number;
  readonly set: readonly HostObject[];
  readonly remove: readonly ObjectKey[];
}

export const emptyView: HostView = {
  revision: 0,
  networks: new Map(),
  subnets: new Map(),
  ports: new Map(),
  trunks: new Map(),
  subports: new Map(),
  local_ips: new Map(),
  dhcp: new Map(),
  security_groups: new Map(),
  address_set_members: new Map(),
  tunnel_endpoints: new Map(),
  remote_ports: new Map(),
  routers: new Map(),
  distributed_routing: new Map(),
  agent_gateways: new Map(),
  floating_ips: new Map(),
  port_forwardings: new Map(),
  conntrack_helpers: new Map(),
  ndp_proxies: new Map(),
  qos_policies: new Map(),
  metering_labels: new Map(),
  logs: new Map(),
};

// The keys of a view without its revision, which are its sections.
export const sectionNames = Object.keys(emptyView).filter((key): key is Section => key !== 'revision');

/** The view after `change`. Sections that the change does not touch are shared with `view`, not copied. */
export function applyChange(view: HostView, change: ViewChange): HostView {
  const sections: Partial<Record<Section, Map<string, HostObject>>> = {};
  const writable = (section: Section): Map<string, HostObject> =>
    (sections[section] ??= new Map<string, HostObject>(view[section]));
  for (const key of change.remove) writable(key.section).delete(key.id);
  for (const object of change.set) writable(object.section).set(object.id, object);
  // Each section's map was filled with objects of that section alone, by their own word.
  return { ...view, ...(sections as Partial<HostView>), revision: change.revision };
}

/** The view that holds exactly `objects`. */
export function viewOf(revision: number, objects: readonly HostObject[]): HostView {
  return applyChange(emptyView, { revision, set: objects, remove: [] });
}
