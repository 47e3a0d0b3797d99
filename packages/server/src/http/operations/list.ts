import { pageLinks } from '@neutronium/model/pagination';
import { readQuery } from '@neutronium/model/read-query';
import type { Handlers } from '../../resources/handlers.ts';
import { RecordMissing } from '../../store/store.ts';
import type { Answer, ApiRequest } from '../answer.ts';
import { complete, policySession, present, visibility, type Engine } from '../engine.ts';

/** `GET /v2.0/<plural>`: what the caller may see of the records that the query asks for. */
export async function list(engine: Engine, handlers: Handlers, request: ApiRequest): Promise<Answer> {
  const { resource } = handlers;
  const query = readQuery(resource, request.query, engine.maxPage);
  return engine.store.read(async (store) => {
    const call = { context: request.context, store };
    const records = await store
      .list(resource, {
        where: query.filters,
        sort: query.sort,
        pageReverse: query.pageReverse,
        ...visibility(request.context),
        ...(query.limit === null ? {} : { limit: query.limit }),
        ...(query.marker === null ? {} : { marker: query.marker }),
      })
      .catch((error: unknown) => {
        throw error instanceof RecordMissing ? handlers.notFound(error.id) : error;
      });
    const items = await complete(handlers, call, records, new Set(query.fields ?? []));
    const shown = await present(handlers, policySession(engine, call), items, query.fields);
    const links = pageLinks({
      url: `${request.origin}${request.path}`,
      query: request.query,
      page: query,
      ids: records.map((record) => String(record[resource.primaryKey])),
    });
    return {
      status: 200,
      body: { [resource.plural]: shown, ...(links.length === 0 ? {} : { [`${resource.plural}_links`]: links }) },
    };
  });
}
