// What the agent of a host answers to the commands on the same machine: HTTP on a UNIX socket in its state folder that
// only root can open, JSON. GET changes nothing; POST has the agent put right at once what it would put right by itself.
// What is answered about drift is also answered over the agent's connection to the server (watch-protocol.ts).

import type { PortState } from './watch-protocol.ts';

/** The socket's name in the agent's state folder. */
export const agentSocketName = 'agent.sock';

export const agentSocketPaths = {
  flows: '/v1/flows',
  ports: '/v1/ports',
  drift: '/v1/drift',
  repair: '/v1/repair',
  metering: '/v1/metering',
  traffic: '/v1/traffic',
} as const;

/** What an agent that has no plan yet answers with: 503 Service Unavailable. */
export interface AgentRefusal {
  readonly error: string;
}

/** A port of this host, or a device that bears a port's id: what the agent has made of it, and why. */
export interface PortEntry {
  readonly id: string;
  /** Its device on the integration bridge; null while there is none. */
  readonly device: string | null;
  /** OpenFlow port number. */
  readonly ofport: number | null;
  /** Null for a device whose port the server does not bind to this host. */
  readonly network_id: string | null;
  readonly fixed_ips: readonly string[];
  /** The VLAN that it carries on the integration bridge; null where it is on none, or on the dead one. */
  readonly localVlan: number | null;
  /** Ids of its security groups. */
  readonly security_groups: readonly string[];
  readonly state: PortState;
  /** In words. */
  readonly why: string;
}

export interface PortsAnswer {
  /** The server's revision that this is about. */
  readonly revision: number;
  readonly ports: readonly PortEntry[];
}

export interface GroupEntry {
  readonly id: string;
  readonly name: string;
}

/** What kind of thing the `of` of a flow names; `remote_port` is a port of a tunnelled network on another host. */
export type FlowOwner =
  | 'bridge'
  | 'network'
  | 'port'
  | 'remote_port'
  | 'security_group'
  | 'security_group_rule'
  | 'address_set';

/** A flow of the agent's plan, and what the switch has counted. */
export interface FlowEntry {
  readonly bridge: string;
  readonly table: { readonly number: number; readonly name: string };
  readonly priority: number;
  /** As `ovs-ofctl dump-flows` prints it; empty for a match of everything. */
  readonly match: string;
  readonly actions: string;
  /** Whether what it matches goes nowhere: dropped at once, or sent to the table where drops are counted. */
  readonly drops: boolean;
  /** Id of the API object that the flow serves, or the name of the bridge. */
  readonly of: string;
  readonly owner: FlowOwner;
  readonly why: string;
  /** The port of which it judges packets; null for a flow that several share. */
  readonly port: string | null;
  /** Ids of the security groups whose rules it is a part of. */
  readonly groups: readonly string[];
  /** Null when the switch does not have the flow. */
  readonly counted: { readonly packets: number; readonly bytes: number } | null;
}

export interface FlowsAnswer {
  readonly revision: number;
  readonly ports: readonly PortEntry[];
  readonly groups: readonly GroupEntry[];
  /** By bridge, table and falling priority. */
  readonly flows: readonly FlowEntry[];
}

/** What a metering label has counted in one namespace of a router, since the namespace has the label. */
export interface MeteringEntry {
  readonly label_id: string;
  /** Of the label. */
  readonly name: string;
  readonly shared: boolean;
  readonly router_id: string;
  /** Of the router. */
  readonly project_id: string;
  readonly namespace: string;
  readonly packets: number;
  /** Of the IP packets. */
  readonly bytes: number;
}

export interface MeteringAnswer {
  readonly revision: number;
  readonly counters: readonly MeteringEntry[];
}

/** A packet of a port that logs are about. */
export interface TrafficEvent {
  /** Counts the events of the agent since it has started. */
  readonly number: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly action: 'ACCEPT' | 'DROP';
  readonly direction: 'ingress' | 'egress';
  /** Of the port. */
  readonly project_id: string;
  readonly log_resource_ids: readonly string[];
  readonly vm_port: string;
  /** The packet's addresses, protocol and ports, in words `name=value`. */
  readonly pkt: string;
}

export interface TrafficAnswer {
  /** The newest events, the oldest of them first. */
  readonly events: readonly TrafficEvent[];
  /** How many packets the agent has passed over because there were too many. */
  readonly passedOver: number;
}

/** What a full look at the host has found not to be as planned. */
export interface DriftAnswer {
  readonly revision: number;
  readonly differences: readonly {
    /** The kind of thing. */
    readonly stage: string;
    /** What the agent would do about it. */
    readonly what: string;
    /** What there is and should not be (`-`), and what there should be and is not (`+`). */
    readonly details: readonly string[];
  }[];
  /** Kinds of things that could not be looked at. */
  readonly unseen: readonly { readonly stage: string; readonly why: string }[];
}

/** What an agent has put right. */
export interface RepairAnswer {
  /** What was not as planned before; what would be done about it was. */
  readonly found: DriftAnswer;
  /** What is not as planned after it. */
  readonly left: DriftAnswer;
}
