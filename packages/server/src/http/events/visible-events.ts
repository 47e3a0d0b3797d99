// From entries of the change log to what one caller may know of them: only objects that it could GET, without the
// attributes that policy hides. An object that is gone by now is told of to its project and to those who see every
// project; of others' objects that were shared it is told to the streams that have shown them.

import { isDeepStrictEqual } from 'node:util';
import type { AnyResource, Stored } from '@neutronium/model/resource';
import { visibility } from '../../context.ts';
import type { Call, Handlers } from '../../resources/handlers.ts';
import type { ChangeEntry, Reader } from '../../store/store.ts';
import { allowed, complete, ofParent, policySession, present, scopeOf, type Engine, type Shown } from '../engine.ts';
import { inTheirPlaces } from '../in-their-places.ts';
import type { ChangeEvent } from './event.ts';

type Snapshot = Readonly<Record<string, unknown>>;

/** Ids of objects of other projects that a stream has shown; the oldest are forgotten first. */
export class ShownOfOthers {
  static readonly #most = 10_000;
  readonly #ids = new Set<string>();

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  add(id: string): void {
    this.#ids.add(id);
    const [oldest] = this.#ids;
    if (this.#ids.size > ShownOfOthers.#most && oldest !== undefined) this.#ids.delete(oldest);
  }
}

/**
 * The events of `entries` that the caller may see, in their order. A fixed number of statements for each kind of object,
 * whatever the number of entries.
 */
export async function visibleEvents(
  engine: Engine,
  call: Call<Reader>,
  { entries, shownBefore }: { readonly entries: readonly ChangeEntry[]; readonly shownBefore: ShownOfOthers },
): Promise<readonly ChangeEvent[]> {
  const events: ChangeEvent[] = [];
  for (const [kind, ofKind] of Map.groupBy(entries, (entry) => entry.kind)) {
    const handlers = engine.handlersByName.get(kind);
    // What is no object of the API, such as which agent serves a network, has no GET that would tell who may see it.
    if (handlers !== undefined) events.push(...(await eventsOfKind(engine, handlers, call, { ofKind, shownBefore })));
  }
  return events.toSorted((a, b) => a.revision - b.revision);
}

async function eventsOfKind(
  engine: Engine,
  handlers: Handlers,
  call: Call<Reader>,
  { ofKind, shownBefore }: { readonly ofKind: readonly ChangeEntry[]; readonly shownBefore: ShownOfOthers },
): Promise<readonly ChangeEvent[]> {
  const { context } = call;
  const there = await visibleNow(handlers, call, [...new Set(ofKind.map(({ id }) => id))]);
  const isOwn = ({ project_id }: ChangeEntry): boolean => project_id !== null && project_id === context.projectId;
  const seesAll = visibility(context).visibleTo === undefined;
  const visible = ofKind.filter(
    (entry) =>
      seesAll || isOwn(entry) || isNewest(entry, there) || (entry.op === 'delete' && shownBefore.has(entry.id)),
  );
  for (const entry of visible) if (!seesAll && !isOwn(entry)) shownBefore.add(entry.id);
  const [staying, gone] = [visible.filter(({ id }) => there.has(id)), visible.filter(({ id }) => !there.has(id))];
  return [
    ...(await shownEvents(engine, handlers, call, { entries: staying, areThere: true })),
    ...(await shownEvents(engine, handlers, call, { entries: gone, areThere: false })),
  ];
}

/** The entries that policy lets the caller see. What it decides on that is derived is taken as it is now. */
async function shownEvents(
  engine: Engine,
  handlers: Handlers,
  call: Call<Reader>,
  { entries, areThere }: { readonly entries: readonly ChangeEntry[]; readonly areThere: boolean },
): Promise<readonly ChangeEvent[]> {
  const entryOf = new Map(entries.map((entry) => [snapshotOf(entry), entry]));
  const events: ChangeEvent[] = [];
  for (const [place, snapshots] of await inTheirPlaces(engine, handlers, call, [...entryOf.keys()])) {
    const session = policySession(engine, place);
    const targets = areThere
      ? await complete(handlers, place, snapshots)
      : snapshots.map((each) => asKept(place, each));
    const entryOfTarget = new Map(targets.map((target, index) => [target, entryOf.get(snapshots[index] ?? {})]));
    const permitted = await allowed(handlers, session, targets);
    const objects = await present(handlers, session, permitted);
    permitted.forEach((target, index) => {
      const entry = entryOfTarget.get(target);
      const object = objects[index];
      if (entry !== undefined && object !== undefined) events.push(eventOf(entry, place, { handlers, object }));
    });
  }
  return events;
}

function snapshotOf({ before, after }: ChangeEntry): Stored<AnyResource> {
  return after ?? before ?? {};
}

/** A record that is gone, as policy rules look at it: nothing can be derived from it any more. */
function asKept(call: Call<Reader>, snapshot: Snapshot): Shown {
  return { ...snapshot, ...ofParent(call), ...('project_id' in snapshot ? { tenant_id: snapshot['project_id'] } : {}) };
}

function shownValue({ resource }: Handlers, attribute: string, value: unknown): unknown {
  const show = resource.attributes[attribute]?.kind.show;
  return show === undefined || value === undefined ? value : show(value);
}

/** Only what is kept of the object itself is told: what is derived is as it is now, not as it was then. */
function eventOf(
  entry: ChangeEntry,
  { context, parent }: Call<Reader>,
  { handlers, object }: { readonly handlers: Handlers; readonly object: Shown },
): ChangeEvent {
  const { revision, kind, id, op, project_id, at, request_id, before, after } = entry;
  const owner = project_id ?? parent?.project_id ?? null;
  const knowsOwn = visibility(context).visibleTo === undefined || owner === context.projectId;
  const user_id = knowsOwn ? entry.actor : null;
  const kept = after ?? before ?? {};
  const told = Object.entries(object).filter(([name]) => Object.hasOwn(kept, name));
  const changed = told.flatMap(([name]) =>
    before !== null && after !== null && !isDeepStrictEqual(before[name], after[name]) ? [name] : [],
  );
  const was = Object.fromEntries(
    knowsOwn ? changed.map((name) => [name, shownValue(handlers, name, before?.[name])]) : [],
  );
  const what = { object: Object.fromEntries(told), changed, was };
  return { revision, op, resource: kind, id, project_id, user_id, at, request_id, ...what };
}

/**
 * Whether the change made the object what it is now. Of others' objects no other is told: the caller may not have seen
 * what they were before.
 */
function isNewest({ id, after }: ChangeEntry, there: ReadonlyMap<string, Snapshot>): boolean {
  return there.has(id) && after?.['revision_number'] === there.get(id)?.['revision_number'];
}

/** Those of the objects that are there now and that the caller may see, as far as projects decide that; by their ids. */
async function visibleNow(
  handlers: Handlers,
  call: Call<Reader>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Snapshot>> {
  // What no table holds belongs to no project: policy alone decides.
  if (handlers.records !== undefined) return new Map(ids.map((id) => [id, {}]));
  const { resource } = handlers;
  const { primaryKey } = resource;
  const found = await call.store.list(resource, {
    ...scopeOf(resource, call),
    where: [{ op: 'equals', attribute: primaryKey, values: ids }],
  });
  return new Map(found.map((record) => [String(Reflect.get(record, primaryKey)), record]));
}
