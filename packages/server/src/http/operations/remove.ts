import { HTTPBadRequest, InvalidInput } from '@neutronium/model/errors';
import { flag } from '@neutronium/model/kinds/flag';
import { deleteRule } from '@neutronium/model/policy-rules';
import type { AnyResource, Stored } from '@neutronium/model/resource';
import { invariant } from '@neutronium/net/invariant';
import type { Call, Handlers } from '../../resources/handlers.ts';
import type { Writer } from '../../store/store.ts';
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
    if (asksForCascade(handlers, request)) await removeObstacles(engine, handlers, call, current);
    if (handlers.remove === undefined) throw new Error(`${resource.name} declares delete, but nothing does it`);
    await handlers.remove(call, current);
    return { status: 204 };
  });
  handlers.afterChange?.();
  return answer;
}

function asksForCascade({ resource }: Handlers, { query }: ApiRequest): boolean {
  const text = query.get('cascade');
  if (resource.cascade === undefined || text === null) return false;
  const reading = flag.read(text);
  if (!reading.ok) throw new InvalidInput({ error_message: `cascade is true or false, not '${text}'.` });
  return reading.value;
}

/** Removes what stands in the way as its own DELETE would. What the caller may not delete stays and is told of. */
async function removeObstacles(
  engine: Engine,
  owner: Handlers,
  call: Call<Writer>,
  current: Stored<AnyResource>,
): Promise<void> {
  const handlers = engine.handlersByName.get(owner.resource.cascade?.over ?? '');
  invariant(owner.obstacles !== undefined, `${owner.resource.name} says what stands in its way`);
  invariant(handlers?.remove !== undefined, 'what stands in the way can be removed');
  const found = await owner.obstacles(call, current);
  const shown = await complete(handlers, call, found);
  const removable = new Set(await policySession(engine, call).filter(deleteRule(handlers.resource), shown));
  for (const [index, record] of found.entries()) {
    const each = shown[index];
    if (each !== undefined && removable.has(each)) await handlers.remove(call, record);
  }
}
