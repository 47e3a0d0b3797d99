import { RouterNotFound } from '@neutronium/model/routing-errors';
import { router } from '@neutronium/model/resources/router';
import type { Handlers } from '../handlers.ts';
import { createRouters } from './create-routers.ts';
import { deriveRouters } from './derive-routers.ts';
import { addGateways, removeGateways, updateGateways } from './external-gateways.ts';
import { readRoutes, withoutRoutes, withRoutes } from './extra-routes.ts';
import { addInterface, removeInterface } from './interfaces.ts';
import { removeRouter } from './remove-router.ts';
import type { RouterParts } from './router-parts.ts';
import { updateRouter } from './update-router.ts';

export function routerHandlers(parts: RouterParts): Handlers<typeof router> {
  return {
    resource: router,
    notFound: (id) => new RouterNotFound({ router_id: id }),
    create: (call, requests) => createRouters(parts, call, requests),
    update: (call, current, changes) => updateRouter(parts, call, current, changes),
    remove: (call, current) => removeRouter(parts, call, current),
    derive: ({ store }, records, fields) => deriveRouters(store, records, fields),
    async act(call, current, { name, body }) {
      switch (name) {
        case 'add_router_interface':
          return { kind: 'body', body: await addInterface(parts, call, current, body) };
        case 'remove_router_interface':
          return { kind: 'body', body: await removeInterface(parts, call, current, body) };
        case 'add_external_gateways':
          return { kind: 'record', record: await addGateways(parts, call, current, body) };
        case 'update_external_gateways':
          return { kind: 'record', record: await updateGateways(parts, call, current, body) };
        case 'remove_external_gateways':
          return { kind: 'record', record: await removeGateways(parts, call, current, body) };
        case 'add_extraroutes': {
          const routes = withRoutes(current.routes, readRoutes(body));
          return { kind: 'record', record: await updateRouter(parts, call, current, { routes }) };
        }
        case 'remove_extraroutes': {
          const routes = withoutRoutes(current.routes, readRoutes(body));
          return { kind: 'record', record: await updateRouter(parts, call, current, { routes }) };
        }
        // The names are the declaration's, which the engine has matched the path with.
        default:
          throw new Error(`routers have no action ${name}`);
      }
    },
  };
}
