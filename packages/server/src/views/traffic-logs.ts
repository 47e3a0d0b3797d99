// Logs as hosts see them: those that are turned on and about ports of theirs. A log is about one port, about the ports of
// a security group, or about all ports of its project; a host sees it while it has such a port. A port costs as many
// steps as it has groups, and a log one object for each host that sees it.

import type { HostObject, ObjectKey } from '@neutronium/model/host-view';
import { log, type LogRecord } from '@neutronium/model/resources/log';
import { port, type PortRecord } from '@neutronium/model/resources/port';
import type { ChangeEntry, Reader } from '../store/store.ts';
import { AffectedKeys } from './affected-keys.ts';
import { IndexOfSets } from './index-of-sets.ts';
import type { PlacedPort } from './placed-port.ts';

type LoggedObject = Pick<ChangeEntry, 'kind' | 'id' | 'before' | 'after'>;

/** What ports a log is about: `port <id>`, `group <id>` or `project <id>`. */
type Subject = string;

export class TrafficLogs {
  readonly #logs = new Map<string, LogRecord>();
  readonly #logsAbout = new IndexOfSets<Subject, string>();
  /** Ports by `<host> <subject>`. Host names have no spaces in them. */
  readonly #ports = new IndexOfSets<string, string>();
  readonly #hostsOf = new IndexOfSets<Subject, string>();
  readonly #subjectsOf = new IndexOfSets<string, Subject>();

  /** Takes in all logs that the store has; ports come afterwards. */
  async load(reader: Reader): Promise<void> {
    for (const record of await reader.list(log, {})) this.putLog(record.id, record);
  }

  putLog(id: string, record: LogRecord | null): AffectedKeys {
    const affected = new AffectedKeys();
    const before = this.#logs.get(id);
    const after = record?.enabled === true ? record : undefined;
    for (const either of [before, after]) {
      if (either === undefined) continue;
      for (const host of this.#hostsOf.get(subjectOf(either))) affected.add(host, 'logs', id);
    }
    if (before !== undefined) {
      this.#logs.delete(id);
      this.#logsAbout.delete(subjectOf(before), id);
    }
    if (after !== undefined) {
      this.#logs.set(id, after);
      this.#logsAbout.add(subjectOf(after), id);
    }
    return affected;
  }

  /** A port has become another, with the same id, or is with other hosts; undefined where there is none. */
  putPort(affected: AffectedKeys, before: PlacedPort | undefined, after: PlacedPort | undefined): void {
    const id = (after ?? before)?.view.id ?? '';
    const [was, is] = [placesOf(before), placesOf(after)];
    for (const [key, { host, subject }] of was) {
      if (is.has(key)) continue;
      this.#ports.delete(key, id);
      if (this.#ports.has(key)) continue;
      this.#hostsOf.delete(subject, host);
      this.#subjectsOf.delete(host, subject);
      for (const logId of this.#logsAbout.get(subject)) affected.add(host, 'logs', logId);
    }
    for (const [key, { host, subject }] of is) {
      const begins = !this.#ports.has(key);
      this.#ports.add(key, id);
      if (!begins) continue;
      this.#hostsOf.add(subject, host);
      this.#subjectsOf.add(host, subject);
      for (const logId of this.#logsAbout.get(subject)) affected.add(host, 'logs', logId);
    }
  }

  object(host: string, id: string): HostObject | undefined {
    const found = this.#logs.get(id);
    if (found === undefined || !this.#ports.has(`${host} ${subjectOf(found)}`)) return undefined;
    const { project_id, event, resource_id, target_id } = found;
    return { section: 'logs', id, project_id, event, resource_id, target_id };
  }

  keysOf(host: string): readonly ObjectKey[] {
    return [...this.#subjectsOf.get(host)].flatMap((subject) =>
      [...this.#logsAbout.get(subject)].map((id): ObjectKey => ({ section: 'logs', id })),
    );
  }

  /** Adds the names of what may differ for the host between a state before `entries` and this one. */
  addChangedSince(affected: AffectedKeys, host: string, entries: readonly LoggedObject[]): void {
    for (const { kind, id, before, after } of entries) {
      if (kind === log.name) affected.add(host, 'logs', id);
      if (kind !== port.name) continue;
      // The log holds records of the kind that it names: the store wrote them.
      for (const record of [before as PortRecord | null, after as PortRecord | null]) {
        if (record === null) continue;
        for (const subject of subjectsOf(record)) {
          for (const logId of this.#logsAbout.get(subject)) affected.add(host, 'logs', logId);
        }
      }
    }
  }
}

function subjectOf({ target_id, resource_id, project_id }: LogRecord): Subject {
  if (target_id !== null) return `port ${target_id}`;
  return resource_id === null ? `project ${project_id}` : `group ${resource_id}`;
}

function subjectsOf({ id, project_id, security_groups }: Pick<PortRecord, 'id' | 'project_id' | 'security_groups'>) {
  return [`port ${id}`, `project ${project_id}`, ...security_groups.map((group) => `group ${group}`)];
}

interface Place {
  readonly host: string;
  readonly subject: Subject;
}

function placesOf(placed: PlacedPort | undefined): ReadonlyMap<string, Place> {
  if (placed === undefined) return new Map();
  const subjects = subjectsOf(placed.view);
  return new Map(
    placed.hosts.flatMap((host) => subjects.map((subject) => [`${host} ${subject}`, { host, subject }] as const)),
  );
}
