import { actionRules } from '@neutronium/model/policy-rules';
import type { Handlers } from '../../resources/handlers.ts';
import type { Answer, ApiRequest } from '../answer.ts';
import { authorizeOnVisible } from '../authorize-visible.ts';
import { complete, findVisible, policySession, present, withParent, type Engine } from '../engine.ts';
import { parseJsonBody } from '../json-body.ts';
import { readRevisionConstraint, requireRevision } from '../revision-constraint.ts';
import { write } from '../write.ts';

/** `PUT /v2.0/<plural>/{id}/<action>`: what a member can do besides the standard requests. Its rule is its name. */
export async function act(
  engine: Engine,
  handlers: Handlers,
  request: ApiRequest,
  { id, action }: { readonly id: string; readonly action: string },
): Promise<Answer> {
  const { resource } = handlers;
  const body = parseJsonBody(request.body);
  const revision = readRevisionConstraint(request.ifMatch);
  return write(engine, request.context, async (begun) => {
    const call = await withParent(engine, handlers, begun, request.params);
    const current = await findVisible(handlers, call, id);
    const session = policySession(engine, call);
    const [record] = await complete(handlers, call, [current]);
    await authorizeOnVisible(session, {
      resource,
      rules: actionRules(resource, action, body),
      record: record ?? {},
      changes: {},
    });
    requireRevision(revision, current);
    if (handlers.act === undefined) throw new Error(`${resource.name} declares ${action}, but nothing does it`);
    const result = await handlers.act(call, current, { name: action, body });
    if (result.kind === 'body') return { status: 200, body: result.body };
    const [shown] = await present(handlers, session, await complete(handlers, call, [result.record]));
    return { status: 200, body: result.kind === 'record' ? { [resource.name]: shown } : shown };
  });
}
