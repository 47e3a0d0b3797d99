import { pageLinks } from '@neutronium/model/pagination';
import { readQuery, type ListQuery } from '@neutronium/model/read-query';
import type { AnyResource } from '@neutronium/model/resource';
import type { Call, Handlers } from '../../resources/handlers.ts';
import { RecordMissing, type Reader } from '../../store/store.ts';
import type { Answer, ApiRequest } from '../answer.ts';
import { allowed, complete, policySession, present, scopeOf, withParent, type Engine, type Shown } from '../engine.ts';
import { selectInMemory } from '../select-in-memory.ts';

/** `GET /v2.0/<plural>`: what the caller may see of the records that the query asks for. */
export async function list(engine: Engine, handlers: Handlers, request: ApiRequest): Promise<Answer> {
  const { resource } = handlers;
  const query = readQuery(resource, request.query, engine.maxPage);
  return engine.store.read(async (store) => {
    const call = await withParent(engine, handlers, { context: request.context, store }, request.params);
    const found = isStored(handlers, query)
      ? await selectStored(handlers, call, query)
      : await selectComputed(handlers, call, query);
    const links = pageLinks({
      url: `${request.origin}${request.path}`,
      query: request.query,
      page: query,
      ids: found.map((item) => String(item[resource.primaryKey])),
    });
    const session = policySession(engine, call);
    const shown = await present(handlers, session, await allowed(handlers, session, found), query.fields);
    return {
      status: 200,
      body: { [resource.plural]: shown, ...(links.length === 0 ? {} : { [`${resource.plural}_links`]: links }) },
    };
  });
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
  const records = await (handlers.records?.(call) ?? call.store.list(resource, scopeOf(resource, call)));
  const selected = selectInMemory(await complete(handlers, call, records), query, resource.primaryKey);
  if (selected === undefined) throw handlers.notFound(query.marker ?? '');
  return selected;
}
