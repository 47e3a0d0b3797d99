import { HTTPBadRequest } from '@neutronium/model/errors';
import { deleteRule } from '@neutronium/model/policy-rules';
import type { Handlers } from '../../resources/handlers.ts';
import type { Answer, ApiRequest } from '../answer.ts';
import { authorizeOnVisible } from '../authorize-visible.ts';
import { complete, findVisible, policySession, withParent, type Engine } from '../engine.ts';
import { readRevisionConstraint, requireRevision } from '../revision-constraint.ts';
import { write } from '../write.ts';

/** `DELETE /v2.0/<plural>/{id}`. */
export async function remove(engine: Engine, handlers: Handlers, request: ApiRequest, id: string): Promise<Answer> {
  const { resource } = handlers;
  const revision = readRevisionConstraint(request.ifMatch);
  const answer = await write(engine, request.context, async (begun): Promise<Answer> => {
    const call = await withParent(engine, handlers, begun, request.params);
    const current = await findVisible(handlers, call, id);
    if (request.body !== undefined && request.body !== '') {
      throw new HTTPBadRequest({ message: 'Request body is not supported in DELETE.' });
    }
    const [record] = await complete(handlers, call, [current]);
    await authorizeOnVisible(policySession(engine, call), {
      resource,
      rules: [deleteRule(resource)],
      record: record ?? {},
      changes: {},
    });
    requireRevision(revision, current);
    if (handlers.remove === undefined) throw new Error(`${resource.name} declares delete, but nothing does it`);
    await handlers.remove(call, current);
    return { status: 204 };
  });
  handlers.afterChange?.();
  return answer;
}
