// Frames of agents, checked before they are believed.

import type { DriftAnswer } from '@neutronium/model/agent-socket';
import type {
  AgentMessage,
  AgentReport,
  FloatingIpStatus,
  HaRouterStatus,
  HaState,
  PortState,
  PortStatus,
  Reply,
} from '@neutronium/model/watch-protocol';

export type ParsedFrame =
  | { readonly ok: true; readonly message: AgentMessage }
  | { readonly ok: false; readonly reason: string };

const portStates: ReadonlySet<unknown> = new Set<PortState>(['building', 'wired', 'absent', 'dead', 'failed']);

const floatingIpStates: ReadonlySet<unknown> = new Set<FloatingIpStatus['ids'][number]['status']>([
  'ACTIVE',
  'DOWN',
  'ERROR',
]);

const haStates: ReadonlySet<unknown> = new Set<HaState>(['active', 'standby']);

const agentTypes: ReadonlySet<unknown> = new Set<AgentReport['agent_type']>([
  'Open vSwitch agent',
  'DHCP agent',
  'L3 agent',
  'Metadata agent',
]);

/** The message in one text frame. */
export function parseAgentMessage(text: string): ParsedFrame {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused('the frame is not JSON');
  }
  if (!isObject(value)) return refused('the frame is not an object');
  switch (value['kind']) {
    case 'hello':
      return parseHello(value);
    case 'ack': {
      const { revision } = value;
      return isRevision(revision) ? accepted({ kind: 'ack', revision }) : refused('ack without a revision');
    }
    case 'port-status': {
      const { ports, dhcp } = value;
      if (!isListOf(ports, isPortStatus)) return refused('port-status with a port that has no id, state and why');
      if (!isListOf(dhcp, isText)) return refused('port-status without a list of ports in dhcp');
      return accepted({ kind: 'port-status', ports, dhcp });
    }
    case 'floating-ip-status': {
      const { ids } = value;
      if (!isListOf(ids, isFloatingIpStatus)) return refused('floating-ip-status with one that has no id and status');
      return accepted({ kind: 'floating-ip-status', ids });
    }
    case 'ha-router-status': {
      const { routers } = value;
      if (!isListOf(routers, isHaRouterStatus)) return refused('ha-router-status with one that has no id and state');
      return accepted({ kind: 'ha-router-status', routers });
    }
    case 'heartbeat': {
      const { agents, drift } = value;
      if (!isListOf(agents, isReport)) return refused('heartbeat with an incomplete agent');
      if (!isCounts(drift)) return refused('heartbeat without counts of drift');
      return accepted({ kind: 'heartbeat', agents, drift });
    }
    case 'reply': {
      const { id, answer } = value;
      return isRevision(id) && isAnswer(answer)
        ? accepted({ kind: 'reply', id, answer })
        : refused('reply without the number of a question and an answer');
    }
    default:
      return refused(`frames of kind ${JSON.stringify(value['kind'])} are not known`);
  }
}

function parseHello({ contract, host, revision, agents }: Fields): ParsedFrame {
  if (typeof contract !== 'number') return refused('hello without a contract version');
  if (!isText(host) || host === '' || host.length > 255 || /\s/.test(host)) return refused('hello without a host name');
  if (revision !== null && !isRevision(revision)) return refused('hello without a revision or null');
  if (!isListOf(agents, isReport)) return refused('hello with an incomplete agent');
  return accepted({ kind: 'hello', contract, host, revision, agents });
}

type Fields = Readonly<Record<string, unknown>>;

function accepted(message: AgentMessage): ParsedFrame {
  return { ok: true, message };
}

function refused(reason: string): ParsedFrame {
  return { ok: false, reason };
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isRevision(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isListOf<T>(value: unknown, isMember: (member: unknown) => member is T): value is readonly T[] {
  return Array.isArray(value) && value.every(isMember);
}

function isPortStatus(value: unknown): value is PortStatus['ports'][number] {
  return isObject(value) && isText(value['id']) && portStates.has(value['state']) && isText(value['why']);
}

function isFloatingIpStatus(value: unknown): value is FloatingIpStatus['ids'][number] {
  return isObject(value) && isText(value['id']) && floatingIpStates.has(value['status']);
}

function isHaRouterStatus(value: unknown): value is HaRouterStatus['routers'][number] {
  return isObject(value) && isText(value['id']) && haStates.has(value['state']);
}

function isReport(value: unknown): value is AgentReport {
  return (
    isObject(value) &&
    agentTypes.has(value['agent_type']) &&
    isText(value['binary']) &&
    isText(value['topic']) &&
    (value['availability_zone'] === null || isText(value['availability_zone'])) &&
    isObject(value['configurations'])
  );
}

function isAnswer(value: unknown): value is Reply['answer'] {
  if (!isObject(value)) return false;
  return isText(value['error']) || isDrift(value) || (isDrift(value['found']) && isDrift(value['left']));
}

function isDrift(value: unknown): value is DriftAnswer {
  return (
    isObject(value) &&
    isRevision(value['revision']) &&
    isListOf(value['differences'], isDifference) &&
    isListOf(value['unseen'], isUnseen)
  );
}

function isDifference(value: unknown): value is DriftAnswer['differences'][number] {
  return isObject(value) && isText(value['stage']) && isText(value['what']) && isListOf(value['details'], isText);
}

function isUnseen(value: unknown): value is DriftAnswer['unseen'][number] {
  return isObject(value) && isText(value['stage']) && isText(value['why']);
}

function isCounts(value: unknown): value is Readonly<Record<string, number>> {
  return isObject(value) && Object.values(value).every((count) => typeof count === 'number');
}
