// Whether a revision of the change log is live on the hosts that it concerns: `/v2.0/revisions/{revision}`, our own part
// of the API. `newest` stands for everything that was written before the request; `?timeout=SECONDS` waits for it.

import { InvalidInput } from '@neutronium/model/errors';
import type { LiveRevisions } from '../../watch/live-revisions.ts';
import type { Answer, ApiRequest } from '../answer.ts';
import { policySession, type Engine } from '../engine.ts';
import type { Route } from '../routes.ts';

/** A wait that is longer is cut short: clients ask again, and proxies do not lose patience. */
const longestWaitSeconds = 30;

export function revisionRoutes(engine: Engine, live: LiveRevisions): readonly Route[] {
  async function show(request: ApiRequest): Promise<Answer> {
    const { context, params, query } = request;
    await engine.store.read(async (store) => {
      // Who may see the agents may see how far each of them has come.
      await policySession(engine, { context, store }).authorize(['get_agent'], {});
    });
    const newest = await engine.store.settledRevision();
    const revision = params['revision'] === 'newest' ? newest : readNumber('revision', params['revision'] ?? '');
    const timeout = Math.min(readNumber('timeout', query.get('timeout') ?? '0'), longestWaitSeconds);
    const lagging = await live.wait(revision, timeout * 1000);
    return {
      status: 200,
      body: { revision: { revision, newest, live: lagging?.length === 0, lagging: lagging ?? [] } },
    };
  }
  return [{ path: 'revisions/{revision}', methods: { GET: show } }];
}

function readNumber(name: string, text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidInput({ error_message: `'${text}' is not a number for ${name}.` });
}
