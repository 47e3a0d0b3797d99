// What the two sets of paths about scheduling have in common: agents of networks, and agents of routers.

import { HTTPBadRequest } from '@neutronium/model/errors';
import type { AnyResource } from '@neutronium/model/resource';
import { agent, type AgentRecord } from '@neutronium/model/resources/agent';
import { invariant } from '@neutronium/net/invariant';
import type { Call, Handlers } from '../../resources/handlers.ts';
import type { Reader } from '../../store/store.ts';
import type { Answer, ApiRequest } from '../answer.ts';
import { complete, policySession, present, type Engine } from '../engine.ts';

/** The handlers of a resource that is offered. */
export function handlersOf(engine: Engine, resource: AnyResource): Handlers {
  const handlers = engine.handlersByName.get(resource.name);
  invariant(handlers !== undefined, `${resource.plural} are offered`);
  return handlers;
}

/** The agent that the path names. Only administrators get here, who see every agent. */
export async function findAgent(
  agents: Handlers,
  { store }: Call<Reader>,
  { params }: ApiRequest,
): Promise<AgentRecord> {
  const id = params['agent_id'] ?? '';
  const found = await store.get(agent, id);
  if (found === undefined) throw agents.notFound(id);
  return found;
}

/** Answers with what `work` reads, if the rule lets the caller. */
export async function readAllowed(
  engine: Engine,
  { context }: ApiRequest,
  rule: string,
  work: (call: Call<Reader>) => Promise<object>,
): Promise<Answer> {
  return engine.store.read(async (store) => {
    const call = { context, store };
    await policySession(engine, call).authorize([rule], {});
    return { status: 200, body: await work(call) };
  });
}

/** The objects of these ids as the caller may see them. */
export async function shown(
  engine: Engine,
  handlers: Handlers,
  call: Call<Reader>,
  ids: readonly string[],
): Promise<readonly object[]> {
  const records = await call.store.getMany(handlers.resource, ids);
  return present(handlers, policySession(engine, call), await complete(handlers, call, records));
}

/** The id that a body of `{"<name>": id}` names. */
export function readId(body: unknown, name: 'network_id' | 'router_id'): string {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new HTTPBadRequest({ message: 'Body contains invalid data' });
  }
  const id: unknown = Reflect.get(body, name);
  if (typeof id !== 'string') {
    throw new HTTPBadRequest({ message: `Failed to parse request. Required attribute '${name}' not specified` });
  }
  return id;
}
