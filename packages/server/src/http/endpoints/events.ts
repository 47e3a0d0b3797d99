// Every change as it happens: `GET /v2.0/events`, our own part of the API, in the format of server-sent events (HTML
// Living Standard, section 9.2). The id of an event is its revision, by which a stream is resumed.

import { TooManyEventStreams, RevisionNotKept, RevisionNotReached } from '@neutronium/model/change-errors';
import { InvalidInput } from '@neutronium/model/errors';
import type { Answer, ApiRequest } from '../answer.ts';
import type { Engine } from '../engine.ts';
import type { EventFilter } from '../events/event.ts';
import { eventStream } from '../events/event-stream.ts';
import type { Route } from '../routes.ts';

/** Of one server. Each looks at the log for itself. */
const mostStreams = 200;

export function eventRoutes(engine: Engine, ending: AbortSignal): readonly Route[] {
  let open = 0;

  async function follow({ context, query, lastEventId }: ApiRequest): Promise<Answer> {
    const filter = readFilter(engine, query);
    const follows = readFlag('follow', query.get('follow') ?? 'true');
    const since = await startOf(engine, lastEventId ?? query.get('since'));
    if (open >= mostStreams) throw new TooManyEventStreams({ most: mostStreams });
    open += 1;
    const stream = eventStream(engine, { context, since, filter, follow: follows, ending });
    stream.once('close', () => {
      open -= 1;
    });
    // Nginx, for one, would otherwise keep events back until its buffer is full.
    const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' };
    return { status: 200, stream, headers };
  }

  return [{ path: 'events', methods: { GET: follow } }];
}

/** The revision after which the stream begins: what the client has seen, or everything that there is now. */
async function startOf(engine: Engine, asked: string | null): Promise<number> {
  const newest = await engine.store.settledRevision();
  if (asked === null) return newest;
  const since = readRevision(asked);
  if (since > newest) throw new RevisionNotReached({ revision: since, newest });
  if (since < newest) {
    // Revisions are dense, so a first entry that is not the next one means that the log has been cut.
    const [next] = await engine.store.changesAfter(since, 1);
    if (next?.revision !== since + 1) throw new RevisionNotKept({ revision: since });
  }
  return since;
}

function readRevision(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidInput({ error_message: `'${text}' is not a revision.` });
}

function readFlag(name: string, text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true';
  throw new InvalidInput({ error_message: `'${text}' is neither true nor false for ${name}.` });
}

function readFilter({ handlersByName }: Engine, query: URLSearchParams): EventFilter {
  const resources = new Set(query.getAll('resource'));
  for (const name of resources) {
    if (!handlersByName.has(name)) throw new InvalidInput({ error_message: `There is no resource '${name}'.` });
  }
  return {
    resources,
    ids: new Set(query.getAll('id')),
    projects: new Set([...query.getAll('project_id'), ...query.getAll('tenant_id')]),
  };
}
