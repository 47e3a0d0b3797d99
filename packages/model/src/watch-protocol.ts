// The messages on the one WebSocket that an agent holds (GET /agent/v1/watch, `Authorization: Bearer <secret>`). Each
// text frame is one JSON object. State flows down: a snapshot, then changes, each with the server's revision. Status
// flows up: what is applied, which ports are wired, a heartbeat. Networks never wait for an answer; only an operator does,
// whose question about a host the server hands on.

import type { AgentRefusal, DriftAnswer, RepairAnswer } from './agent-socket.ts';
import type { HostObject, ObjectKey } from './host-view.ts';

/** First frame of an agent. The server closes with code 4400 when the contract version is not its own. */
export interface Hello {
  readonly kind: 'hello';
  readonly contract: number;
  readonly host: string;
  /** The revision of the view that the agent already holds; null asks for a snapshot. */
  readonly revision: number | null;
  readonly agents: readonly AgentReport[];
}

/** What `/v2.0/agents` shows of one agent (Networking API: agents). One process reports several. */
export interface AgentReport {
  readonly agent_type: 'Open vSwitch agent' | 'DHCP agent' | 'L3 agent' | 'Metadata agent';
  readonly binary: string;
  readonly topic: string;
  readonly availability_zone: string | null;
  readonly configurations: Readonly<Record<string, unknown>>;
}

/** The whole view. The agent forgets what it held. */
export interface Snapshot {
  readonly kind: 'snapshot';
  readonly revision: number;
  readonly objects: readonly HostObject[];
}

/** The view's difference since the revision that the server sent before this one. */
export interface Change {
  readonly kind: 'change';
  readonly revision: number;
  readonly set: readonly HostObject[];
  readonly remove: readonly ObjectKey[];
}

/** What an operator wants to know of a host, or have done there. */
export interface Question {
  readonly kind: 'question';
  /** Told apart from the other questions of this connection by it. */
  readonly id: number;
  readonly about: QuestionAbout;
}

/** `drift`: what is not as planned. `repair`: the same, after the agent has put it right. */
export type QuestionAbout = 'drift' | 'repair';

/** What tells a host its view. */
export type ViewMessage = Snapshot | Change;

export type ServerMessage = ViewMessage | Question;

/** Everything up to `revision` is really on the host. The server sends at most a bounded number of changes beyond it. */
export interface Ack {
  readonly kind: 'ack';
  readonly revision: number;
}

/**
 * What became of ports. `wired` is said only after the switch has confirmed the port's flows; `dhcp` lists the ports
 * whose reservation the DHCP server of this host has loaded.
 */
export interface PortStatus {
  readonly kind: 'port-status';
  readonly ports: readonly { readonly id: string; readonly state: PortState; readonly why: string }[];
  readonly dhcp: readonly string[];
}

/**
 * building: the device was seen; wired: its flows and rules are confirmed; absent: no device has the port's id; dead: it may not
 * forward anything, or its rules cannot be carried out; failed: something went wrong on the host.
 */
export type PortState = 'building' | 'wired' | 'absent' | 'dead' | 'failed';

/**
 * What became of floating IPs that this host's routers translate: ACTIVE once the address is on the way out and its
 * rules are there. A host says nothing of those that it no longer has; the server knows that they are DOWN.
 */
export interface FloatingIpStatus {
  readonly kind: 'floating-ip-status';
  readonly ids: readonly { readonly id: string; readonly status: 'ACTIVE' | 'DOWN' | 'ERROR' }[];
}

/** What an agent is to a highly available router (Networking API: ha_state of l3-agents). */
export type HaState = 'active' | 'standby';

/** What this host is to the highly available routers that it has; said of one again whenever that changes. */
export interface HaRouterStatus {
  readonly kind: 'ha-router-status';
  readonly routers: readonly { readonly id: string; readonly state: HaState }[];
}

/** Sent every report interval, and at once when a configuration changes. */
export interface Heartbeat {
  readonly kind: 'heartbeat';
  readonly agents: readonly AgentReport[];
  /** Repairs of things that something else changed on the host, by target, since the agent started. */
  readonly drift: Readonly<Record<string, number>>;
}

/** What the agent says to a question, as it would on its socket. Questions are answered in any order. */
export interface Reply {
  readonly kind: 'reply';
  readonly id: number;
  readonly answer: DriftAnswer | RepairAnswer | AgentRefusal;
}

export type AgentMessage = Hello | Ack | PortStatus | FloatingIpStatus | HaRouterStatus | Heartbeat | Reply;

/** WebSocket close codes of the server (RFC 6455 section 7.4.2: 4000-4999 are an application's own). */
export const closeCodes = { wrongContract: 4400, refused: 4401, replaced: 4409, tooSlow: 4429 } as const;
