import { setImmediate as nextTurn } from 'node:timers/promises';
import { pageLinks } from '@neutronium/model/pagination';
import { showRule } from '@neutronium/model/policy-rules';
import { readQuery, type ListQuery } from '@neutronium/model/read-query';
import type { AnyResource } from '@neutronium/model/resource';
import type { Call, Handlers } from '../../resources/handlers.ts';
import { RecordMissing, type Reader } from '../../store/store.ts';
import type { Answer, ApiRequest } from '../answer.ts';
import { allowed, complete, policySession, present, scopeOf, withParent, type Engine, type Shown } from '../engine.ts';
import { selectInMemory } from '../select-in-memory.ts';
import { sawQuery } from '../witnessed.ts';
import { write } from '../write.ts';

/** So many hold the thread for some milliseconds at each step. */
const manyRecords = 1_000;

/** `GET /v2.0/<plural>`: what the caller may see of the records that the query asks for. */
export async function list(engine: Engine, handlers: Handlers, request: ApiRequest): Promise<Answer> {
  const { resource } = handlers;
  const query = readQuery(resource, request.query, engine.maxPage);
  await prepare(engine, handlers, request);
  return engine.store.read(async (store) => {
    const call = await withParent(engine, handlers, { context: request.context, store }, request.params);
    const session = policySession(engine, call);
    if (session.refusesAll(showRule(resource))) return { status: 200, body: { [resource.plural]: [] } };
    const found = isStored(handlers, query)
      ? await selectStored(handlers, call, query)
      : await selectComputed(handlers, call, query);
    // The reading of many has held the thread, and so will the showing.
    if (found.length > manyRecords) await nextTurn();
    sawQuery(resource, query, found.length);
    const links = pageLinks({
      url: `${request.origin}${request.path}`,
      query: request.query,
      page: query,
      ids: found.map((item) => String(item[resource.primaryKey])),
    });
    const shown = await present(handlers, session, await allowed(handlers, session, found), query.fields);
    return {
      status: 200,
      body: { [resource.plural]: shown, ...(links.length === 0 ? {} : { [`${resource.plural}_links`]: links }) },
    };
  });
}

/** Makes what the project has that the list is about, which is the caller's own unless the list is of another. */
async function prepare(engine: Engine, { beforeList }: Handlers, { context, query }: ApiRequest): Promise<void> {
  const projectId = query.get('project_id') ?? query.get('tenant_id') ?? context.projectId;
  if (engine.looksBack === true) return;
  if (beforeList === undefined || context.projectId === null || projectId === null) return;
  if (await engine.store.read((store) => beforeList.isDue({ context, store }, projectId))) {
    await write(engine, context, (call) => beforeList.make(call, projectId));
  }
}

/** Whether a table holds all that the query is about. */
function isStored(handlers: Handlers, query: ListQuery): boolean {
  if (handlers.records !== undefined) return false;
  const conditions = query.filters.flatMap((filter) => (filter.op === 'tags' ? [] : [filter.attribute]));
  return [...conditions, ...query.sort.map(({ attribute }) => attribute)].every((name) =>
    isColumn(handlers.resource, name),
  );
}

function isColumn(resource: AnyResource, name: string): boolean {
  const attribute = resource.attributes[name];
  return attribute?.traits.stored === true || attribute?.foundIn !== undefined;
}

async function selectStored(handlers: Handlers, call: Call<Reader>, query: ListQuery): Promise<readonly Shown[]> {
  const { where = [], ...scope } = scopeOf(handlers.resource, call);
  const records = await call.store
    .list(handlers.resource, {
      where: [...query.filters, ...where],
      ...scope,
      sort: query.sort,
      pageReverse: query.pageReverse,
      ...(call.context.projectId === null ? {} : { seenBy: call.context.projectId }),
      ...(query.limit === null ? {} : { limit: query.limit }),
      ...(query.marker === null ? {} : { marker: query.marker }),
    })
    .catch((error: unknown) => {
      throw error instanceof RecordMissing ? handlers.notFound(error.id) : error;
    });
  return complete(handlers, call, records, new Set(query.fields ?? []));
}

async function selectComputed(handlers: Handlers, call: Call<Reader>, query: ListQuery): Promise<readonly Shown[]> {
  const { resource } = handlers;
  const records = await (handlers.records?.(call, query.filters) ?? call.store.list(resource, scopeOf(resource, call)));
  const selected = selectInMemory(await complete(handlers, call, records), query, resource.primaryKey);
  if (selected === undefined) throw handlers.notFound(query.marker ?? '');
  return selected;
}
