// The paths of a declared resource. What the declaration does not offer is refused the way Neutron refuses it.

import { collectionPaths } from '@neutronium/model/resource';
import type { Handlers } from '../resources/handlers.ts';
import type { Answerer, Method } from './answer.ts';
import type { Engine } from './engine.ts';
import { act } from './operations/act.ts';
import { create } from './operations/create.ts';
import { list } from './operations/list.ts';
import { remove } from './operations/remove.ts';
import { show } from './operations/show.ts';
import { update } from './operations/update.ts';
import type { Route } from './routes.ts';

export function resourceRoutes(engine: Engine, handlers: Handlers): readonly Route[] {
  const { resource } = handlers;
  const offers = (operation: (typeof resource.operations)[number]): boolean => resource.operations.includes(operation);
  const idName = `${resource.name}_id`;
  const withId =
    (answer: (id: string, ...request: Parameters<Answerer>) => ReturnType<Answerer>): Answerer =>
    (request) =>
      answer(request.params[idName] ?? '', request);
  // Neutron looks for the object to change before it sees that the path names none.
  const onNone: Answerer = async () => {
    throw handlers.notFound('None');
  };
  const collection: Partial<Record<Method, Answerer>> = {
    ...(offers('list') ? { GET: (request) => list(engine, handlers, request) } : {}),
    ...(offers('create') ? { POST: (request) => create(engine, handlers, request) } : {}),
    PUT: onNone,
    DELETE: onNone,
  };
  const member: Partial<Record<Method, Answerer>> = {
    ...(offers('show') ? { GET: withId((id, request) => show(engine, handlers, request, id)) } : {}),
    ...(offers('update') ? { PUT: withId((id, request) => update(engine, handlers, request, id)) } : {}),
    ...(offers('delete') ? { DELETE: withId((id, request) => remove(engine, handlers, request, id)) } : {}),
  };
  const actions = Object.entries(resource.actions).map(([action, { method }]) => ({
    action,
    methods: { [method]: withId((id, request) => act(engine, handlers, request, { id, action })) },
  }));
  return collectionPaths(resource).flatMap((path) => [
    { path, methods: collection },
    { path: `${path}/{${idName}}`, methods: member },
    ...actions.map(({ action, methods }) => ({ path: `${path}/{${idName}}/${action}`, methods })),
  ]);
}
