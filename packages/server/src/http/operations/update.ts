import { updateRules } from '@neutronium/model/policy-rules';
import { readUpdateBody } from '@neutronium/model/read-body';
import type { Handlers } from '../../resources/handlers.ts';
import type { Answer, ApiRequest } from '../answer.ts';
import { authorizeOnVisible } from '../authorize-visible.ts';
import { complete, findVisible, policySession, present, withParent, type Engine } from '../engine.ts';
import { parseJsonBody } from '../json-body.ts';
import { readRevisionConstraint, requireRevision } from '../revision-constraint.ts';
import { senderOf } from '../sender.ts';
import { sawGiven } from '../witnessed.ts';
import { write } from '../write.ts';

/** `PUT /v2.0/<plural>/{id}`. */
export async function update(engine: Engine, handlers: Handlers, request: ApiRequest, id: string): Promise<Answer> {
  const { resource } = handlers;
  const { context } = request;
  const body = parseJsonBody(request.body);
  const changes = readUpdateBody(resource, body, senderOf(context));
  const revision = readRevisionConstraint(request.ifMatch);
  const answer = await write(engine, context, async (begun): Promise<Answer> => {
    const call = await withParent(engine, handlers, begun, request.params);
    const current = await findVisible(handlers, call, id);
    const session = policySession(engine, call);
    const [target] = await complete(handlers, call, [current]);
    await authorizeOnVisible(session, {
      resource,
      rules: updateRules(resource, changes),
      record: target ?? {},
      changes,
    });
    requireRevision(revision, current);
    if (handlers.update === undefined) throw new Error(`${resource.name} declares update, but nothing does it`);
    const updated = await handlers.update(call, current, changes);
    sawGiven('changed', resource, body);
    const [shown] = await present(handlers, session, await complete(handlers, call, [updated]));
    return { status: 200, body: { [resource.name]: shown } };
  });
  handlers.afterChange?.();
  return answer;
}
