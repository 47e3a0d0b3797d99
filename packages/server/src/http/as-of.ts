// `?as_of=` on a GET: the answer that it would have had at a revision, or at a time. Whoever asks sees what it could have
// seen then with the rights that it has now.

import { PastNotKept, RevisionNotReached, TimeNotReached } from '@neutronium/model/change-errors';
import { InvalidInput } from '@neutronium/model/errors';
import { invariant } from '@neutronium/net/invariant';
import { renderTimestamp } from '@neutronium/model/kinds/timestamp';
import { PastNotKnown, type Store } from '../store/store.ts';
import type { Answerer } from './answer.ts';
import type { Engine } from './engine.ts';
import type { Route } from './routes.ts';

/**
 * The routes of `routesOf`, whose GETs answer for earlier too: for that they are made anew, with an engine that looks back.
 * `now` is the server's time.
 */
export function answeringAsOf(
  engine: Engine,
  now: () => Date,
  routesOf: (engine: Engine) => readonly Route[],
): readonly Route[] {
  return routesOf(engine).map((route, index) => {
    const { GET } = route.methods;
    if (GET === undefined) return route;
    const answer: Answerer = async (request) => {
      const text = request.query.get('as_of');
      if (text === null) return GET(request);
      try {
        const revision = await revisionOf(engine.store, text, now);
        const past = routesOf({ ...engine, store: lookingBack(engine.store, revision), looksBack: true })[index];
        invariant(past?.methods.GET !== undefined, 'the routes are the same whatever the engine');
        return await past.methods.GET(request);
      } catch (error) {
        if (error instanceof PastNotKnown) throw new PastNotKept({ as_of: text, first: error.first });
        throw error;
      }
    };
    return { ...route, methods: { ...route.methods, GET: answer } };
  });
}

async function revisionOf(store: Store, text: string, now: () => Date): Promise<number> {
  // Everything that is committed has a number then.
  const newest = await store.settledRevision();
  if (/^\d{1,15}$/.test(text)) {
    if (Number(text) > newest) throw new RevisionNotReached({ revision: Number(text), newest });
    return Number(text);
  }
  const time = readTime(text);
  if (time > now()) throw new TimeNotReached({ time: text });
  return store.revisionAt(renderTimestamp(time));
}

/** RFC 3339, section 5.6. Of a second, all that has happened in it counts: the log knows no parts of seconds. */
function readTime(text: string): Date {
  const isTime = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/i.test(text);
  const time = new Date(isTime ? text : Number.NaN);
  if (!Number.isNaN(time.getTime())) return time;
  throw new InvalidInput({
    error_message: `'${text}' is neither a revision nor a time like 2026-01-31T23:59:59Z, for as_of.`,
  });
}

function lookingBack(store: Store, revision: number): Store {
  const refuse = async (): Promise<never> => {
    throw new Error('what was cannot be changed');
  };
  return {
    read: (work) => store.readPast(revision, work),
    readPast: (earlier, work) => store.readPast(earlier, work),
    write: refuse,
    revision: async () => revision,
    settledRevision: async () => revision,
    revisionAt: (time) => store.revisionAt(time),
    changesAfter: (after, limit) => store.changesAfter(after, limit),
    changesOf: (query) => store.changesOf(query),
    onChanges: (listener) => store.onChanges(listener),
    close: async () => {},
  };
}
