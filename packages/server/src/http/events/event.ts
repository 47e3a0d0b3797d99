// A change as those see it who may: an entry of the change log in the words of the API.

import type { ChangeEntry } from '../../store/store.ts';
import type { Shown } from '../engine.ts';

/** One event of the stream. */
export interface ChangeEvent {
  readonly revision: number;
  readonly op: ChangeEntry['op'];
  /** The resource's singular name. */
  readonly resource: string;
  readonly id: string;
  readonly project_id: string | null;
  /** Who asked for it; null for the server itself, and where the object is another project's. */
  readonly user_id: string | null;
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly request_id: string;
  /** The object as it became; as it was, when it was removed. Only what is kept of it and the caller may see. */
  readonly object: Shown;
  /** Of an update, the names of the attributes that the caller may see and that differ. */
  readonly changed: readonly string[];
  /** What the changed attributes were; nothing where the object is another project's. */
  readonly was: Shown;
}

/** Which changes a stream is about; an empty set stands for all. */
export interface EventFilter {
  readonly resources: ReadonlySet<string>;
  readonly ids: ReadonlySet<string>;
  readonly projects: ReadonlySet<string>;
}

export function isWanted({ resources, ids, projects }: EventFilter, { kind, id, project_id }: ChangeEntry): boolean {
  return (
    (resources.size === 0 || resources.has(kind)) &&
    (ids.size === 0 || ids.has(id)) &&
    (projects.size === 0 || (project_id !== null && projects.has(project_id)))
  );
}

/** The event in the format of an event stream (HTML Living Standard, section 9.2.5). JSON has no line breaks of its own. */
export function renderEvent(event: ChangeEvent): string {
  return `id: ${event.revision}\nevent: ${event.op}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** Says that the stream lives, and from where to resume it, without being an event. */
export function renderPosition(revision: number): string {
  return `id: ${revision}\n\n`;
}
