// The OpenAPI 3.1 document of the declared resources: paths, bodies, queries and answers. Generated clients, request
// checkers and the console's forms read it.

import { changePaths, changeSchemas } from './change-paths.ts';
import { driftPaths } from './drift-paths.ts';
import { objectSchema, type JsonSchema } from './kind.ts';
import type { Json } from './openapi-parts.ts';
import type { AnyResource } from './resource.ts';
import { pathsOf } from './resource-paths.ts';
import { schemasOf } from './resource-schemas.ts';
import { serverPaths } from './server-paths.ts';

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: Json;
  readonly servers: readonly Json[];
  readonly security: readonly Json[];
  /** By path, then by method. */
  readonly paths: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly components: Json;
}

/** The document for `resources`. `version` is the server's own. */
export function openApiDocument(resources: readonly AnyResource[], version: string): OpenApiDocument {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Neutronium: Networking API v2.0',
      version,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/v2.0' }],
    security: [{ token: [] }],
    paths: Object.assign(
      { ...serverPaths, ...changePaths, ...driftPaths },
      ...resources.map((resource) => pathsOf(resource, resources)),
    ),
    components: {
      securitySchemes: { token: { type: 'apiKey', in: 'header', name: 'X-Auth-Token' } },
      schemas: Object.assign({ NeutronError: errorSchema, ...changeSchemas }, ...resources.map(schemasOf)),
      responses: {
        Error: {
          description: 'The request was refused or failed; the type says why.',
          content: { 'application/json': { schema: { $ref: '#/components/schemas/NeutronError' } } },
        },
        Unauthorized: {
          description: 'The request does not say who sends it, or not believably.',
          content: { 'application/json': { schema: unauthorizedSchema } },
        },
      },
    },
  };
}

/** As Keystone's middleware before a Networking API says it. */
const unauthorizedSchema = objectSchema({
  error: objectSchema({ code: { type: 'integer' }, title: { type: 'string' }, message: { type: 'string' } }),
});

const errorSchema: JsonSchema = objectSchema({
  NeutronError: objectSchema(
    {
      type: { type: 'string' },
      message: { type: 'string' },
      detail: { type: 'string' },
      blocked_by: {
        type: 'array',
        description:
          'In conflicts with what uses or holds something: the objects that do, of those that the caller may see.',
        items: objectSchema({ resource: { type: 'string' }, id: { type: 'string' }, name: { type: 'string' } }),
      },
      blocked_by_others: { type: 'integer', description: 'How many more objects do, which are not named.' },
    },
    { optional: ['blocked_by', 'blocked_by_others'] },
  ),
});
