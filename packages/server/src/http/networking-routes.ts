// Everything that is answered below /v2.0: the declared resources with their tags, and the few documents that are no
// resource.

import type { ServerConfig } from '#config/server-settings';
import { tagRoutes } from '../resources/tag/tag-routes.ts';
import type { Engine } from './engine.ts';
import { resourceRoutes } from './resource-routes.ts';
import { Routes } from './routes.ts';
import { coreResourcesDocument } from './versions.ts';

export function networkingRoutes(engine: Engine, _config: ServerConfig): Routes {
  const handlers = [...engine.handlersByName.values()];
  return new Routes([
    { path: '', methods: { GET: async ({ origin }) => ({ status: 200, body: coreResourcesDocument(origin) }) } },
    ...handlers.flatMap((each) => [...resourceRoutes(engine, each), ...tagRoutes(engine, each)]),
  ]);
}
