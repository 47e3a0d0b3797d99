// What one host must know, and nothing more: the contract between server and agent. The server derives a HostView
// for each host from its tables; the agent turns it into a HostPlan. A view is a flat set of objects, each named by
// (section, id), so that a change to it is a set of objects to put and a set of names to remove, whatever the section.

import type { Cidr } from '@neutronium/net/cidr';
import type { IpAddress } from '@neutronium/net/ip';
import type { Mac } from '@neutronium/net/mac';

/** Raised when a message or object changes its meaning; server and agent refuse to talk across different versions. */
export const contractVersion = 1;

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
 * A port that the host has to know of: one bound to it, or any port of a network whose DHCP it serves. It is wired
 * only where `host` is the reader's own name.
 */
export interface PortView {
  readonly section: 'ports';
  readonly id: string;
  readonly network_id: string;
  /** binding:host_id; empty for a port that is bound nowhere. */
  readonly host: string;
  readonly mac_address: Mac;
  readonly admin_state_up: boolean;
  readonly device_owner: string;
  readonly device_id: string;
  readonly fixed_ips: readonly FixedIp[];
  readonly allowed_address_pairs: readonly AddressPair[];
  readonly port_security_enabled: boolean;
  readonly dns_assignment: readonly DnsAssignment[];
  readonly extra_dhcp_opts: readonly ExtraDhcpOption[];
  /** The port's revision_number: a status report names the revision that it speaks of. */
  readonly revision_number: number;
}

/** A network whose DHCP this host serves, through one port of its own (device_owner network:dhcp). */
export interface DhcpServiceView {
  readonly section: 'dhcp';
  /** The network's id: a host serves a network at most once. */
  readonly id: string;
  readonly port_id: string;
}

export type HostObject = NetworkView | SubnetView | PortView | DhcpServiceView;
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
  readonly dhcp: ReadonlyMap<string, DhcpServiceView>;
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
  dhcp: new Map(),
};

/** The view after `change`. Sections that the change does not touch are shared with `view`, not copied. */
export function applyChange(view: HostView, change: ViewChange): HostView {
  const sections: Record<Section, Map<string, HostObject> | undefined> = {
    networks: undefined,
    subnets: undefined,
    ports: undefined,
    dhcp: undefined,
  };
  const writable = (section: Section): Map<string, HostObject> =>
    (sections[section] ??= new Map<string, HostObject>(view[section]));
  for (const key of change.remove) writable(key.section).delete(key.id);
  for (const object of change.set) writable(object.section).set(object.id, object);
  return { ...view, ...definedOnly(sections), revision: change.revision };
}

/** The view that holds exactly `objects`. */
export function viewOf(revision: number, objects: readonly HostObject[]): HostView {
  return applyChange(emptyView, { revision, set: objects, remove: [] });
}

function definedOnly(sections: Record<Section, Map<string, HostObject> | undefined>): Partial<HostView> {
  return Object.fromEntries(Object.entries(sections).filter(([, map]) => map !== undefined));
}
