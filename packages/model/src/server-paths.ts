// What is no plain resource, in OpenAPI: which revisions are live, the extensions, the core resources, whose quota
// counts, and topologies that are made for projects.

import { objectSchema } from './kind.ts';
import { answers, gone, idParameter, type Json } from './openapi-parts.ts';

const text = { type: 'string' } as const;

/** Our own part of the API: whether what was asked for is live. */
const revisionPath: Json = {
  parameters: [
    {
      name: 'revision',
      in: 'path',
      required: true,
      description: 'A revision of the change log; `newest` for everything that was written before the request.',
      schema: { type: 'string', pattern: '^(newest|[0-9]{1,15})$', examples: ['newest', '7'] },
    },
  ],
  get: {
    operationId: 'show_revision',
    summary: 'Whether every host that the revision concerns has applied it, and which has not and why.',
    tags: ['revisions'],
    parameters: [
      {
        name: 'timeout',
        in: 'query',
        description: 'Seconds to wait for it, at most 30.',
        schema: { type: 'integer', minimum: 0, default: 0 },
      },
    ],
    responses: answers(
      '200',
      'How far the hosts have come.',
      objectSchema({
        revision: objectSchema({
          revision: { type: 'integer' },
          newest: { type: 'integer' },
          live: { type: 'boolean' },
          lagging: {
            type: 'array',
            items: objectSchema({ host: text, applied_revision: { type: ['integer', 'null'] }, why: text }),
          },
        }),
      }),
    ),
  },
};

const links = { type: 'array', items: objectSchema({ rel: text, href: text }) };

const rootPath: Json = {
  get: {
    operationId: 'list_core_resources',
    summary: 'The four resources that every Networking API has.',
    tags: ['extensions'],
    responses: answers(
      '200',
      'What clients look at to see that this is the Networking API.',
      objectSchema({ resources: { type: 'array', items: objectSchema({ name: text, collection: text, links }) } }),
    ),
  },
};

const extension = objectSchema({ alias: text, name: text, description: text, updated: text, links });

const extensionsPath: Json = {
  get: {
    operationId: 'list_extensions',
    summary: 'What is offered beyond the core resources.',
    tags: ['extensions'],
    responses: answers('200', 'All of them.', objectSchema({ extensions: { type: 'array', items: extension } })),
  },
};

/** An older shape of errors than everywhere else, which clients of extensions know. */
const unknownExtension = objectSchema({ code: text, title: text, message: text });

const extensionPath: Json = {
  parameters: [{ name: 'alias', in: 'path', required: true, schema: { ...text, examples: ['router'] } }],
  get: {
    operationId: 'show_extension',
    summary: 'Whether an extension is offered.',
    tags: ['extensions'],
    responses: {
      ...answers('200', 'It is.', objectSchema({ extension })),
      404: { description: 'It is not.', content: { 'application/json': { schema: unknownExtension } } },
    },
  },
};

const ownQuotaPath = (name: 'project' | 'tenant'): Json => ({
  get: {
    operationId: `show_${name}_of_quota`,
    summary: 'Whose quota the requests of the caller count against.',
    tags: ['quotas'],
    responses: answers('200', 'The project.', objectSchema({ [name]: objectSchema({ [`${name}_id`]: text }) })),
  },
});

const topologyPath: Json = {
  parameters: [idParameter('project_id', 'quotas')],
  get: {
    operationId: 'show_auto_allocated_topology',
    summary: 'The network of a project that reaches the outside world, which is made if there is none.',
    tags: ['auto_allocated_topologies'],
    parameters: [
      {
        name: 'fields',
        in: 'query',
        description: '`dry-run` only says whether it could be made.',
        schema: { type: 'string', enum: ['dry-run'] },
      },
    ],
    responses: answers(
      '200',
      'The id of the network.',
      objectSchema({ auto_allocated_topology: objectSchema({ id: text, project_id: text, tenant_id: text }) }),
    ),
  },
  delete: {
    operationId: 'delete_auto_allocated_topology',
    summary: 'Removes what was made for the project.',
    tags: ['auto_allocated_topologies'],
    responses: gone,
  },
};

export const serverPaths: Json = {
  '/': rootPath,
  '/extensions': extensionsPath,
  '/extensions/{alias}': extensionPath,
  '/revisions/{revision}': revisionPath,
  '/quotas/project': ownQuotaPath('project'),
  '/quotas/tenant': ownQuotaPath('tenant'),
  '/auto-allocated-topology/{project_id}': topologyPath,
};
