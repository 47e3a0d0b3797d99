import { createRules } from '@neutronium/model/policy-rules';
import { readCreateBody } from '@neutronium/model/read-body';
import type { Handlers } from '../../resources/handlers.ts';
import type { Answer, ApiRequest } from '../answer.ts';
import { complete, ofParent, policySession, present, withParent, type Engine } from '../engine.ts';
import { parseJsonBody } from '../json-body.ts';
import { senderOf } from '../sender.ts';
import { sawGiven } from '../witnessed.ts';
import { write } from '../write.ts';

/** `POST /v2.0/<plural>`: one object, or several of which all or none are created. */
export async function create(engine: Engine, handlers: Handlers, request: ApiRequest): Promise<Answer> {
  const { resource } = handlers;
  const { context } = request;
  const body = parseJsonBody(request.body);
  const { bulk, items } = readCreateBody(resource, body, senderOf(context));
  return write(engine, context, async (begun) => {
    // Whoever may make no part of anything is told so, whether or not there is what the path names.
    if (resource.parent !== undefined) {
      const session = policySession(engine, begun);
      for (const item of items) session.requirePossible(createRules(resource, item));
    }
    const call = await withParent(engine, handlers, begun, request.params);
    const session = policySession(engine, call);
    // In this order, which clients see: a project that has what it may have is told so before anything else.
    await engine.quotas.reserve(call, resource, items);
    for (const item of items) await session.authorize(createRules(resource, item), { ...item, ...ofParent(call) });
    if (handlers.create === undefined) throw new Error(`${resource.name} declares create, but nothing does it`);
    const created = await handlers.create(call, items);
    const shown = await present(handlers, session, await complete(handlers, call, created));
    sawGiven('created with', resource, body);
    return { status: 201, body: bulk ? { [resource.plural]: shown } : { [resource.name]: shown[0] } };
  });
}
