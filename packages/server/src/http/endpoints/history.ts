// What became of one object: `GET /v2.0/history?resource=…&id=…`, our own part of the API, from the change log. Who sees
// the object sees its history; of an object that is gone, its project and those who see every project.

import { InvalidInput } from '@neutronium/model/errors';
import type { Answer, ApiRequest } from '../answer.ts';
import { findVisible, type Engine } from '../engine.ts';
import { ShownOfOthers, visibleEvents } from '../events/visible-events.ts';
import type { Route } from '../routes.ts';

const usualPage = 100;
const largestPage = 1000;

export function historyRoutes(engine: Engine): readonly Route[] {
  return [{ path: 'history', methods: { GET: (request) => history(engine, request) } }];
}

/** The newest change first. Throws what a GET of the object throws when nothing of it may be told. */
async function history(engine: Engine, request: ApiRequest): Promise<Answer> {
  const { context, query } = request;
  const [kind, id] = [query.get('resource') ?? '', query.get('id') ?? ''];
  const handlers = engine.handlersByName.get(kind);
  if (handlers === undefined) throw new InvalidInput({ error_message: `There is no resource '${kind}'.` });
  const limit = Math.min(readNumber('limit', query.get('limit')) ?? usualPage, largestPage);
  if (limit === 0) throw new InvalidInput({ error_message: 'A page of no changes cannot be turned.' });
  const before = readNumber('marker', query.get('marker'));
  await engine.store.settledRevision();
  const entries = await engine.store.changesOf({ kind, id, limit, ...(before === undefined ? {} : { before }) });
  const events = await engine.store.read(async (store) => {
    const call = { context, store };
    const visible = await visibleEvents(engine, call, { entries, shownBefore: new ShownOfOthers() });
    if (visible.length > 0) return visible.toReversed();
    if (handlers.resource.parent !== undefined) throw handlers.notFound(id);
    await findVisible(handlers, call, id);
    return [];
  });
  const last = entries.at(-1);
  const links = last === undefined || entries.length < limit ? [] : [nextLink(request, last.revision)];
  return { status: 200, body: { history: events, ...(links.length === 0 ? {} : { history_links: links }) } };
}

function nextLink(
  { origin, path, query }: ApiRequest,
  marker: number,
): { readonly rel: 'next'; readonly href: string } {
  const next = new URLSearchParams(query);
  next.set('marker', String(marker));
  return { rel: 'next', href: `${origin}${path}?${next.toString()}` };
}

function readNumber(name: string, text: string | null): number | undefined {
  if (text === null) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidInput({ error_message: `'${text}' is not a number for ${name}.` });
}
