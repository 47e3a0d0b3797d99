// What the operations of all resources share: the parts they work with, and the steps that several of them take. An
// operation (operations/) reads from top to bottom through these.

import { policyName, showRule } from '@neutronium/model/policy-rules';
import type { AnyResource, Stored } from '@neutronium/model/resource';
import { invariant } from '@neutronium/net/invariant';
import { visibility } from '../context.ts';
import type { Enforcer, PolicySession } from '../policy/enforcer.ts';
import type { Quotas } from '../quota/quotas.ts';
import type { Call, Handlers } from '../resources/handlers.ts';
import type { Reader, RecordQuery, Store } from '../store/store.ts';
import { parentRecords } from './parent-records.ts';
import { sawShown } from './witnessed.ts';

export interface Engine {
  readonly store: Store;
  readonly enforcer: Enforcer;
  readonly quotas: Quotas;
  /** Every resource that is offered, by its name. */
  readonly handlersByName: ReadonlyMap<string, Handlers>;
  /** Cap on the length of a page, null for none. */
  readonly maxPage: number | null;
  /** Whether its store is one of the past, in which nothing is made because somebody looks. */
  readonly looksBack?: true;
}

/** An object as a client may see it, and as policy rules look at it. */
export type Shown = Readonly<Record<string, unknown>>;

export function policySession(engine: Engine, call: Call<Reader>): PolicySession {
  return engine.enforcer.session(call.context, parentRecords(engine.handlersByName, call));
}

/**
 * The call with the object that its path names as the one whose parts it is about, for resources that are parts.
 * Throws that object's NotFound when there is none that the caller may see.
 */
export async function withParent<Access extends Reader>(
  engine: Engine,
  { resource }: Handlers,
  call: Call<Access>,
  params: Readonly<Record<string, string>>,
): Promise<Call<Access>> {
  const { parent } = resource;
  if (parent === undefined) return call;
  const handlers = engine.handlersByName.get(parent.name);
  invariant(handlers !== undefined, `${parent.plural} are offered`);
  const { id, project_id } = await findVisible(handlers, call, params[`${parent.name}_id`] ?? '');
  invariant(typeof id === 'string' && typeof project_id === 'string', 'what has parts belongs to a project');
  return { ...call, parent: { id, project_id } };
}

/** Which records the call is about: those that the caller may see, or the parts of an object that it may see. */
export function scopeOf({ parent }: AnyResource, call: Call<Reader>): Pick<RecordQuery, 'where' | 'visibleTo'> {
  if (parent === undefined || call.parent === undefined) return visibility(call.context);
  return { where: [{ op: 'equals', attribute: parent.attribute, values: [call.parent.id] }] };
}

/** What policy rules see of an object that a request is about besides its own attributes: who owns what it is a part of. */
export function ofParent({ parent }: Call<Reader>): Shown {
  return parent === undefined ? {} : { 'ext_parent:project_id': parent.project_id };
}

/** The record of `id`. Throws the resource's own NotFound when there is none that the caller may see. */
export async function findVisible<R extends AnyResource>(
  handlers: Handlers<R>,
  call: Call<Reader>,
  id: string,
): Promise<Stored<R>> {
  const { context, store, parent } = call;
  if (handlers.records !== undefined) {
    const { primaryKey } = handlers.resource;
    const records = await handlers.records(call, [{ op: 'equals', attribute: primaryKey, values: [id] }]);
    const record = records.find((each) => Reflect.get(each, primaryKey) === id);
    if (record === undefined) throw handlers.notFound(id, parent);
    return record;
  }
  const found = await store.get(handlers.resource, id);
  if (found === undefined) throw handlers.notFound(id, parent);
  if (handlers.resource.parent !== undefined) {
    if (Reflect.get(found, handlers.resource.parent.attribute) === parent?.id) return found;
    throw handlers.notFound(id, parent);
  }
  const { visibleTo } = visibility(context);
  if (visibleTo === undefined || ('project_id' in found && found['project_id'] === context.projectId)) return found;
  const [visible] = await store.list(handlers.resource, {
    where: [{ op: 'equals', attribute: handlers.resource.primaryKey, values: [id] }],
    visibleTo,
  });
  if (visible === undefined) throw handlers.notFound(id);
  return visible;
}

/** Stored records with what is derived, complete: what policy rules look at and what answers are cut from. */
export async function complete<R extends AnyResource>(
  handlers: Handlers<R>,
  call: Call<Reader>,
  records: readonly Stored<R>[],
  fields: ReadonlySet<string> = new Set(),
): Promise<readonly Shown[]> {
  const derived = await handlers.derive(call, records, fields);
  const owned = Object.hasOwn(handlers.resource.attributes, 'project_id');
  return records.map((record, index) => {
    const shown: Record<string, unknown> = { ...record, ...derived[index], ...ofParent(call) };
    // The older name of the owner, which clients still read.
    if (owned) shown['tenant_id'] = shown['project_id'];
    return shown;
  });
}

/** Those of the complete records that policy lets the caller see. What it has just written it is shown in any case. */
export async function allowed(
  { resource }: Handlers,
  session: PolicySession,
  records: readonly Shown[],
): Promise<readonly Shown[]> {
  return session.filter(showRule(resource), records);
}

/** Cuts complete records down to the attributes that the caller may see and asked for. */
export async function present(
  handlers: Handlers,
  session: PolicySession,
  records: readonly Shown[],
  fields: readonly string[] | null = null,
): Promise<readonly Shown[]> {
  const { resource } = handlers;
  const hidden = await session.hiddenAttributes(policyName(resource), records);
  const wanted = fields === null ? visibleAttributes(resource) : namedAttributes(resource, fields);
  const answers = records.map((record, index) => {
    const hiddenHere = hidden[index];
    const shown: Record<string, unknown> = {};
    for (const name of wanted) {
      // An attribute can be absent from one record and present in another: segments and provider attributes exclude each other.
      const value = record[name];
      if (hiddenHere?.has(name) === true || value === undefined) continue;
      const show = resource.attributes[name]?.kind.show;
      shown[name] = show === undefined ? value : show(value);
    }
    return shown;
  });
  sawShown(resource, answers);
  return answers;
}

function visibleAttributes(resource: AnyResource): readonly string[] {
  const names = Object.entries(resource.attributes).flatMap(([name, { traits }]) => (traits.visible ? [name] : []));
  return names.includes('project_id') && !names.includes('tenant_id') ? [...names, 'tenant_id'] : names;
}

/** Unknown names are no mistake: they show nothing. */
function namedAttributes(resource: AnyResource, fields: readonly string[]): readonly string[] {
  const asked = new Set(fields);
  return visibleAttributes(resource).filter((name) => asked.has(name));
}
