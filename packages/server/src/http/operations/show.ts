import { readFields } from '@neutronium/model/read-query';
import type { Handlers } from '../../resources/handlers.ts';
import type { Answer, ApiRequest } from '../answer.ts';
import { hiddenByPolicy } from '../authorize-visible.ts';
import { allowed, complete, findVisible, policySession, present, withParent, type Engine } from '../engine.ts';

/** `GET /v2.0/<plural>/{id}`. What policy hides does not exist for the caller. */
export async function show(engine: Engine, handlers: Handlers, request: ApiRequest, id: string): Promise<Answer> {
  const fields = readFields(request.query);
  return engine.store.read(async (store) => {
    const call = await withParent(engine, handlers, { context: request.context, store }, request.params);
    const record = await findVisible(handlers, call, id);
    const items = await complete(handlers, call, [record], new Set(fields ?? []));
    const session = policySession(engine, call);
    const [shown] = await present(handlers, session, await allowed(handlers, session, items), fields);
    if (shown === undefined) throw hiddenByPolicy();
    return { status: 200, body: { [handlers.resource.name]: shown } };
  });
}
