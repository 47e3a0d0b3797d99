// Everything that is answered below /v2.0: the declared resources with their tags, and the few documents that are no
// resource.

import { quotaRoutes } from '../resources/quota/quota-routes.ts';
import { tagRoutes } from '../resources/tag/tag-routes.ts';
import type { Engine } from './engine.ts';
import { extensionRoutes } from './extension-routes.ts';
import { resourceRoutes } from './resource-routes.ts';
import { Routes } from './routes.ts';
import { coreResourcesDocument } from './versions.ts';

export function networkingRoutes(engine: Engine): Routes {
  const handlers = [...engine.handlersByName.values()];
  return new Routes([
    { path: '', methods: { GET: async ({ origin }) => ({ status: 200, body: coreResourcesDocument(origin) }) } },
    ...extensionRoutes(),
    ...quotaRoutes(engine),
    ...handlers.flatMap((each) => [...resourceRoutes(engine, each), ...tagRoutes(engine, each)]),
  ]);
}
