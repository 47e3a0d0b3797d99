// What a host should look like, as a value: the result of compile(HostView, Inventory) and the input of every target.
// It holds no decision that is still to be made; a target compares its part with what it observes and acts.

import type { Cidr } from '@neutronium/net/cidr';
import type { Family, IpAddress } from '@neutronium/net/ip';
import type { Mac } from '@neutronium/net/mac';
import type { TunnelType } from '@neutronium/net/vni';
import type { ConnectionPlan } from './firewall/hybrid/connections.ts';
import type { NetfilterPlan } from './netfilter/plan-netfilter.ts';
import type { PortRange } from '@neutronium/model/host-view';
import type { TxSteering } from '@neutronium/model/kinds/port-hints';
import type { HaState } from '@neutronium/model/watch-protocol';
import type { FlowSet } from './openflow/flow.ts';
import type { RateMeter } from './openflow/meter.ts';
import type { MetadataProxies } from './services/isolated-metadata.ts';

/** A device plugged into br-int by someone else, found by external_ids:iface-id. */
export interface PluggedPort {
  /** external_ids:iface-id, the API's port id. */
  readonly portId: string;
  readonly device: string;
  /** The OpenFlow port number; a device whose ofport is not yet known or negative is not in the inventory. */
  readonly ofport: number;
  /** The kernel's number of the device, null while the switch has not told: another device of that name has another. */
  readonly ifindex: number | null;
}

/** What filters the traffic of ports: flows of br-int, or iptables on a Linux bridge before it. */
export const firewallDrivers = ['openvswitch', 'iptables_hybrid'] as const;
export type FirewallDriver = (typeof firewallDrivers)[number];

/** How the host's tunnels are made, from the agent's configuration. */
export interface TunnelSettings {
  /** Name of the tunnel bridge, `br-tun` unless configured otherwise. */
  readonly bridge: string;
  /** Where tunnels end on this host. */
  readonly localIp: IpAddress;
  readonly types: readonly TunnelType[];
  readonly vxlanUdpPort: number;
}

/** What the agent observed or decided on the host before planning: numbers that only the host can give. */
export interface Inventory {
  readonly host: string;
  /** Name of the integration bridge, `br-int` unless configured otherwise. */
  readonly integrationBridge: string;
  /** br-int's plugged devices by port id. */
  readonly plugged: ReadonlyMap<string, PluggedPort>;
  /** Local VLAN by network id, 1..4094, kept across restarts in OVSDB. Every network of the view has one. */
  readonly localVlans: ReadonlyMap<string, number>;
  /** Bridge by physical network, from the agent's bridge_mappings. */
  readonly bridgeMappings: ReadonlyMap<string, string>;
  /** The bridge of a trunk into which the device of that port is plugged, by port id. */
  readonly trunkDevices: ReadonlyMap<string, string>;
  /** ofports of the patch ports, by port name (int-<bridge> on br-int, phy-<bridge> on the bridge). */
  readonly patchPorts: ReadonlyMap<string, number>;
  /** Null on a host that has no tunnels. */
  readonly tunnels: TunnelSettings | null;
  /** ofports of the tunnel bridge's tunnels, by port name. */
  readonly tunnelPorts: ReadonlyMap<string, number>;
  readonly firewallDriver: FirewallDriver;
  /**
   * Zone of connection tracking by port id, 4097..65535, kept across restarts in the rules that set it. Every port that
   * iptables filters has one, unless its groups are stateless.
   */
  readonly conntrackZones: ReadonlyMap<string, number>;
  /** Which of the routers and networks that this host serves have a metadata proxy here. */
  readonly metadataProxies: MetadataProxies;
  /**
   * Seconds between two words of the host on which a highly available router is active, the same on all hosts. After
   * three that have not come, another takes over (RFC 3768 section 6.1, Advertisement_Interval).
   */
  readonly vrrpAdvertInt: number;
  /** What this host is to those of its routers that are highly available; it stands by for those that are not named. */
  readonly haStates: ReadonlyMap<string, HaState>;
  /** How many packets of logged ports the switch sends us in each second, and how many at once. */
  readonly loggedPackets: { readonly rate: number; readonly burst: number };
  /** Where services keep their files: `<state>/dhcp/<network id>/…`, `<state>/services/<name>/…`. */
  readonly stateDir: string;
}

export interface HostPlan {
  /** The view's revision that this plan carries out. */
  readonly revision: number;
  readonly bridges: readonly BridgePlan[];
  /** Flows by bridge name. A bridge that is not here is left as it is: what its flows depend on is not known yet. */
  readonly flows: ReadonlyMap<string, FlowSet>;
  /** Meters by bridge name and number. Flows of the same bridge name them. */
  readonly meters: ReadonlyMap<string, ReadonlyMap<number, RateMeter>>;
  /** Tag and bookkeeping of every plugged port, and of the devices that we plug ourselves. */
  readonly ports: readonly SwitchPortPlan[];
  readonly tunnels: readonly TunnelPortPlan[];
  readonly namespaces: readonly NamespacePlan[];
  readonly dhcp: readonly DhcpPlan[];
  readonly services: readonly ServicePlan[];
  /** What settles on which host each highly available router is active; by router. */
  readonly routerWatches: readonly ServicePlan[];
  /** Chains and sets of addresses, one entry for each network namespace that has any. */
  readonly netfilter: readonly NetfilterPlan[];
  /** What routers translate, by which connections that are translated otherwise are found and ended. */
  readonly translations: readonly TranslationPlan[];
  /** The floating IPs that this host serves. */
  readonly floatingIps: readonly FloatingIpPlan[];
  /** What the switch's connection tracking knows the ports by that br-int filters. */
  readonly trackedPorts: readonly TrackedPort[];
  /** Ports whose tracked connections must be such as their rules admit. */
  readonly connections: readonly ConnectionPlan[];
}

/** A port by what its connections are known by. */
export interface TrackedPort {
  readonly portId: string;
  /** The zone of connection tracking of the port's network: its local VLAN. */
  readonly zone: number;
  /** Its own, in the order of their text. */
  readonly addresses: readonly IpAddress[];
}

export interface BridgePlan {
  readonly name: string;
  /** Whether it forwards by flows alone, or as an ordinary switch (ovs-vswitchd.conf.db(5), Bridge: fail_mode). */
  readonly failMode: 'secure' | 'standalone';
  /** Whether it is ours whoever has made it: it goes when it is wanted no more. */
  readonly ours: boolean;
  readonly patches: readonly PatchPlan[];
}

/** A patch port to `peer` on another bridge. */
export interface PatchPlan {
  readonly name: string;
  readonly peer: string;
  /** The only VLAN that it carries, 0 for frames without a tag; null for all. */
  readonly tag: number | null;
}

/** One port of br-int: the local VLAN it carries and what a restarted agent reads back from Port:other_config. */
export interface SwitchPortPlan {
  readonly portId: string;
  readonly device: string;
  /** Local VLAN, or the dead VLAN (4095) for a port that may not speak. */
  readonly tag: number;
  /** Why the port is on the dead VLAN and forwards nothing; null for a port that is wired. */
  readonly deadBecause: string | null;
  /** Whether iptables guards it: then its rules must be in force before it is connected. */
  readonly behindNetfilter: boolean;
  readonly otherConfig: Readonly<Record<string, string>>;
  /** What its interface says of the choice of queues (ovs-vswitchd.conf.db(5), Interface: other_config); null for nothing. */
  readonly txSteering: TxSteering | null;
  /** Set for a device that the agent makes and plugs itself, such as that of a DHCP server, of a router or of a trunk. */
  readonly plug: PlugPlan | null;
}

export interface PlugPlan {
  /** The interface's external_ids. */
  readonly externalIds: Readonly<Record<string, string>>;
  /** Where the other end of the device is: without it the port is not connected. */
  readonly otherEnd:
    /** Nor without the namespace's packet filter. */
    | { readonly kind: 'namespace'; readonly namespace: string }
    /** The device is a patch port to `peer`. */
    | { readonly kind: 'bridge'; readonly bridge: string; readonly peer: string };
}

/**
 * The settings of devices that plans make use of (ip-sysctl of the kernel). Who looks at a host looks at no others: a
 * device has hundreds.
 */
export const deviceSettings = [
  'accept_dad',
  'accept_ra',
  'addr_gen_mode',
  'arp_announce',
  'arp_ignore',
  'autoconf',
  'forwarding',
  'proxy_ndp',
  'rp_filter',
  'send_redirects',
] as const;

/** The settings of a namespace that plans make use of, besides those of its devices. */
export const namespaceSettings = ['net.ipv4.ip_nonlocal_bind'] as const;

/** A setting that can be planned: it is one of those that are looked at. */
type SysctlName =
  | `net.${'ipv4' | 'ipv6'}.conf.${string}.${(typeof deviceSettings)[number]}`
  | `net.${'ipv4' | 'ipv6'}.neigh.${string}.proxy_delay`
  /** Of the namespace itself; those that are looked at are `namespaceSettings`. */
  | `net.ipv4.ip_${string}`;

export type Sysctls = Readonly<Record<SysctlName, string>>;

/** A tunnel to one other host: a port of the tunnel bridge. */
export interface TunnelPortPlan {
  readonly bridge: string;
  readonly name: string;
  readonly type: TunnelType;
  /** The interface's options (ovs-vswitchd.conf.db(5), Interface, tunnel options). */
  readonly options: Readonly<Record<string, string>>;
}

export interface NamespacePlan {
  /** qdhcp-<network id>, qrouter-<router id>, … */
  readonly name: string;
  readonly links: readonly LinkPlan[];
  readonly sysctls: Sysctls;
  /** Which routing tables which packets look into (ip-rule(8)), besides what the kernel has by itself; none if absent. */
  readonly rules?: readonly RoutingRulePlan[];
}

/** Sends packets to a routing table. What it does not match, or the table does not know, goes on to the next rule. */
export interface RoutingRulePlan {
  readonly family: Family;
  /** Lower ones come first; 0, 32766 and 32767 are the kernel's own. */
  readonly priority: number;
  /**
   * What it matches: a source, which is an address with or without a length, a mark with its mask as ip-rule(8) writes it
   * (`0x100/0xff00`), the device that packets come in by, or, without all of these, everything.
   */
  readonly from?: string;
  readonly fwmark?: string;
  readonly iif?: string;
  readonly table: number | 'main';
  /** Routes of the table with a prefix of this length or a shorter one do not count: with 0, default routes. */
  readonly suppressPrefixLength?: number;
}

/** A veth pair: `device` inside the namespace, and its peer. */
export interface LinkPlan {
  /** Inside and outside are told apart by the namespace; both names are at most 15 characters (IFNAMSIZ). */
  readonly device: string;
  /** The end in the host's namespace, plugged into br-int; null where the other end is in a namespace of ours. */
  readonly hostDevice: string | null;
  /** The other end, in another namespace of the plan, which says the same of this one; absent where there is none. */
  readonly joint?: { readonly namespace: string; readonly device: string };
  readonly mac: Mac;
  readonly mtu: number;
  /** Addresses with prefix length. */
  readonly addresses: readonly string[];
  /**
   * Routes by this device, in the order in which they can be added. One without a gateway is on the link. No two links
   * of a namespace have a route to the same destination in one table.
   */
  readonly routes: readonly RoutePlan[];
  /** Settings of the device itself, by their whole names: net.ipv6.conf.<device>.accept_ra. */
  readonly sysctls: Sysctls;
  /**
   * Whether neighbours are told of an address as soon as it is there (RFC 5227 section 3, RFC 4861 section 7.2.6): they
   * may have known it elsewhere. Only once the device is wired, since what is said before that nobody hears.
   */
  readonly announce: boolean;
  /**
   * Addresses of others for which it answers ARP (RFC 1027) and neighbour solicitations (RFC 4861 section 7.2.8). Those of
   * IPv4 are announced as its own are.
   */
  readonly neighborProxies: readonly IpAddress[];
  /** Neighbours that are known without asking, for as long as they are planned. */
  readonly neighbors?: readonly NeighborPlan[];
  /** Whether a program of ours gives the device further addresses and routes, and takes them away, as it sees fit. */
  readonly isShared?: true;
}

export interface NeighborPlan {
  readonly ip: IpAddress;
  readonly mac: Mac;
}

export interface RoutePlan {
  readonly destination: Cidr | 'default';
  readonly via: IpAddress | null;
  /** The table that has the route; the main one where absent. Routes of different tables are never the same. */
  readonly table?: number;
}

/** One dnsmasq: its folder of files and its command line. */
export interface DhcpPlan {
  readonly networkId: string;
  readonly namespace: string;
  readonly device: string;
  /** Absolute folder; `files` are relative to it. */
  readonly directory: string;
  readonly files: ReadonlyMap<'host' | 'addn_hosts' | 'opts' | 'interface', string>;
  /** Arguments after `dnsmasq`. A difference restarts the process; a difference in files alone reloads it (SIGHUP). */
  readonly args: readonly string[];
  /** The subnets from which it leases addresses. */
  readonly served: readonly Cidr[];
  /** Every address that a client can lease, to release the leases of those that are gone. */
  readonly reservations: readonly { readonly mac: Mac; readonly ip: IpAddress; readonly portId: string }[];
}

/** The programs that are kept running in namespaces. Each makes a daemon of itself, once it has read its files. */
export type ServiceProgram = 'haproxy' | 'radvd' | 'keepalived';

/** The file in which a service keeps the devices that it sets up: a line `<device> <ifindex>` for each. */
export const devicesFile = 'devices';

/** A program that runs in a namespace, with its folder of files. */
export interface ServicePlan {
  /** The name of its folder, and of no other service's on the host: `metadata-<network id>`. */
  readonly name: string;
  readonly namespace: string;
  readonly program: ServiceProgram;
  /** `<state>/services/<name>`, or `<state>/ha_confs/<name>` for keepalived. */
  readonly directory: string;
  /**
   * By their names in the folder. `pid` and `loaded` are not among them. If there is one of devices, a device that has
   * another number than before restarts the program, which would not set up again what it believes to be set up.
   */
  readonly files: ReadonlyMap<string, string>;
  /** Files in the folder that the program writes by itself: none of an earlier one is there when it starts. */
  readonly ownFiles?: readonly string[];
  /**
   * Arguments after the program. They make it a daemon and name `<directory>/pid` as its pid file, by which a fresh
   * agent finds it. A difference restarts it.
   */
  readonly args: readonly string[];
  /** What has the program take other files: a new start, or SIGHUP. */
  readonly onNewFiles: 'restart' | 'reload';
}

/** A floating IP, and what must be there for it to work. */
export interface FloatingIpPlan {
  readonly id: string;
  readonly floating: IpAddress;
  /** Null for one that only port forwardings use. */
  readonly fixed: IpAddress | null;
  readonly namespace: string;
  /** The port by which it is reached from outside. */
  readonly gatewayPortId: string;
}

/** Which translated connections of a network namespace may go on. All of it is IPv4. */
export interface TranslationPlan {
  readonly namespace: string;
  readonly floatingIps: readonly { readonly floating: IpAddress; readonly fixed: IpAddress }[];
  readonly forwardings: readonly ForwardedPorts[];
  /** The addresses that the router lends, one for each way out, and whether to all that leaves there. */
  readonly gateways: readonly { readonly address: IpAddress; readonly translates: boolean }[];
  /** Where those are who leave with them. */
  readonly inside: readonly Cidr[];
}

export interface ForwardedPorts {
  readonly protocol: string;
  readonly floating: IpAddress;
  readonly external: PortRange;
  readonly address: IpAddress;
  readonly internal: PortRange;
}
