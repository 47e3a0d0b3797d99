// The OpenAPI 3.1 document of the declared resources: paths, bodies, queries and answers. Generated clients, request
// checkers and the console's forms read it.

import type { Attribute } from './attribute.ts';
import { changePaths, changeSchemas } from './change-paths.ts';
import { driftPaths } from './drift-paths.ts';
import type { JsonSchema } from './kind.ts';
import { tagFilters } from './read-query.ts';
import { attributesOf, collectionPath, type AnyResource, type Operation } from './resource.ts';

type Json = { readonly [key: string]: unknown };

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
      { '/revisions/{revision}': revisionPath, ...changePaths, ...driftPaths },
      ...resources.map(pathsOf),
    ),
    components: {
      securitySchemes: { token: { type: 'apiKey', in: 'header', name: 'X-Auth-Token' } },
      schemas: Object.assign({ NeutronError: errorSchema, ...changeSchemas }, ...resources.map(schemasOf)),
      responses: {
        Error: {
          description: 'The request was refused or failed; the type says why.',
          content: { 'application/json': { schema: { $ref: '#/components/schemas/NeutronError' } } },
        },
      },
    },
  };
}

const errorSchema: JsonSchema = {
  type: 'object',
  required: ['NeutronError'],
  properties: {
    NeutronError: {
      type: 'object',
      required: ['type', 'message', 'detail'],
      properties: {
        type: { type: 'string' },
        message: { type: 'string' },
        detail: { type: 'string' },
        blocked_by: {
          type: 'array',
          description:
            'In conflicts with what uses or holds something: the objects that do, of those that the caller may see.',
          items: {
            type: 'object',
            required: ['resource', 'id', 'name'],
            properties: { resource: { type: 'string' }, id: { type: 'string' }, name: { type: 'string' } },
          },
        },
        blocked_by_others: { type: 'integer', description: 'How many more objects do, which are not named.' },
      },
    },
  },
};

/** Our own part of the API: whether what was asked for is live. */
const revisionPath: Json = {
  parameters: [
    {
      name: 'revision',
      in: 'path',
      required: true,
      description: 'A revision of the change log; `newest` for everything that was written before the request.',
      schema: { type: 'string', pattern: '^(newest|[0-9]{1,15})$' },
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
    responses: answers('200', 'How far the hosts have come.', {
      type: 'object',
      required: ['revision'],
      properties: {
        revision: {
          type: 'object',
          required: ['revision', 'newest', 'live', 'lagging'],
          properties: {
            revision: { type: 'integer' },
            newest: { type: 'integer' },
            live: { type: 'boolean' },
            lagging: {
              type: 'array',
              items: {
                type: 'object',
                required: ['host', 'applied_revision', 'why'],
                properties: {
                  host: { type: 'string' },
                  applied_revision: { type: ['integer', 'null'] },
                  why: { type: 'string' },
                },
              },
            },
          },
        },
      },
    }),
  },
};

function pathsOf(resource: AnyResource): Json {
  const { plural, name, actions, parent } = resource;
  const collectionAt = `/${collectionPath(resource)}`;
  const ofParent =
    parent === undefined ? [] : [{ name: `${parent.name}_id`, in: 'path', required: true, schema: { type: 'string' } }];
  const id = { name: `${name}_id`, in: 'path', required: true, schema: { type: 'string' } };
  const collection = methodsOf(resource, { get: 'list', post: 'create' });
  const member = methodsOf(resource, { get: 'show', put: 'update', delete: 'delete' });
  const actionPaths = Object.entries(actions).map(([action, { method, doc }]) => [
    `${collectionAt}/{${name}_id}/${action}`,
    {
      parameters: [...ofParent, id],
      [method.toLowerCase()]: {
        operationId: `${name}_${action}`,
        summary: doc,
        tags: [plural],
        ...(method === 'PUT' ? { requestBody: jsonContent({ type: 'object' }) } : {}),
        responses: answers('200', 'What the action did.', { type: 'object' }),
      },
    },
  ]);
  return {
    ...(Object.keys(collection).length === 0
      ? {}
      : { [collectionAt]: { ...(ofParent.length === 0 ? {} : { parameters: ofParent }), ...collection } }),
    ...(Object.keys(member).length === 0
      ? {}
      : { [`${collectionAt}/{${name}_id}`]: { parameters: [...ofParent, id], ...member } }),
    ...Object.fromEntries(actionPaths),
    ...relatedPaths(resource, id),
    ...(resource.tagged ? tagPaths(resource, id) : {}),
  };
}

/** The requests for objects of other resources that belong to one. */
function relatedPaths(resource: AnyResource, id: Json): Json {
  const { plural, name, related } = resource;
  const collectionAt = `/${collectionPath(resource)}`;
  const paths = Object.entries(related).map(([path, { to, doc, operations }]) => {
    const operation = (verb: string, rest: Json): Json => ({
      operationId: `${verb}_${path.replaceAll('-', '_')}_of_${name}`,
      summary: doc,
      tags: [plural],
      ...rest,
    });
    const list = { type: 'object', properties: { [to]: { type: 'array', items: { type: 'object' } } } };
    const added = { type: 'object', minProperties: 1, maxProperties: 1 };
    return [
      [
        `${collectionAt}/{${name}_id}/${path}`,
        {
          parameters: [id],
          ...(operations.includes('list') ? { get: operation('list', { responses: answers('200', doc, list) }) } : {}),
          ...(operations.includes('add')
            ? {
                post: operation('add', {
                  requestBody: jsonContent(added),
                  responses: answers('201', 'Added.', { type: 'null' }),
                }),
              }
            : {}),
        },
      ],
      ...(operations.includes('remove')
        ? [
            [
              `${collectionAt}/{${name}_id}/${path}/{other_id}`,
              {
                parameters: [id, { name: 'other_id', in: 'path', required: true, schema: { type: 'string' } }],
                delete: operation('remove', { responses: gone }),
              },
            ],
          ]
        : []),
    ];
  });
  return Object.fromEntries(paths.flat());
}

const gone: Json = { 204: { description: 'Done.' }, default: { $ref: '#/components/responses/Error' } };

/** The requests that read and write the tags of one object. */
function tagPaths(resource: AnyResource, id: Json): Json {
  const { plural, name } = resource;
  const collectionAt = `/${collectionPath(resource)}`;
  const tags = {
    type: 'object',
    required: ['tags'],
    properties: { tags: { type: 'array', items: { type: 'string' } } },
  };
  const operation = (verb: string, summary: string, responses: Json, body?: JsonSchema): Json => ({
    operationId: `${verb}_of_${name}`,
    summary,
    tags: [plural],
    ...(body === undefined ? {} : { requestBody: jsonContent(body) }),
    responses,
  });
  const tag = { name: 'tag', in: 'path', required: true, schema: { type: 'string' } };
  return {
    [`${collectionAt}/{${name}_id}/tags`]: {
      parameters: [id],
      get: operation('list_tags', 'Lists the tags.', answers('200', 'The tags.', tags)),
      post: operation('add_tags', 'Adds tags to those that are there.', answers('200', 'The tags.', tags), tags),
      put: operation('set_tags', 'Makes these the tags.', answers('200', 'The tags.', tags), tags),
      delete: operation('delete_tags', 'Takes all tags away.', gone),
    },
    [`${collectionAt}/{${name}_id}/tags/{tag}`]: {
      parameters: [id, tag],
      get: operation('show_tag', 'Says with 204 or 404 whether the tag is there.', gone),
      put: operation('add_tag', 'Adds the tag.', answers('201', 'Added, or there before.', { type: 'null' })),
      delete: operation('delete_tag', 'Takes the tag away.', gone),
    },
  };
}

/** The methods of one path, of those operations that the resource has. */
function methodsOf(resource: AnyResource, methods: Readonly<Record<string, Exclude<Operation, 'bulk'>>>): Json {
  const offered = Object.entries(methods).filter(([, operation]) => resource.operations.includes(operation));
  return Object.fromEntries(offered.map(([method, operation]) => [method, operationOf(resource, operation)]));
}

function operationOf(resource: AnyResource, operation: Exclude<Operation, 'bulk'>): Json {
  const { name, plural } = resource;
  const one = wrapped(name, schemaRef(resource, ''));
  const many = { type: 'object', properties: { [plural]: { type: 'array', items: schemaRef(resource, '') } } };
  const common = { operationId: `${operation}_${operation === 'list' ? plural : name}`, tags: [plural] };
  switch (operation) {
    case 'list':
      return {
        ...common,
        summary: `Lists ${plural}.`,
        parameters: queryParameters(resource),
        responses: answers('200', 'A page of the list.', many),
      };
    case 'show':
      return {
        ...common,
        summary: `Shows one of the ${plural}.`,
        parameters: [fieldsParameter, asOfParameter],
        responses: answers('200', resource.doc, one),
      };
    case 'create':
      return {
        ...common,
        summary: resource.operations.includes('bulk')
          ? `Creates one or several ${plural}.`
          : `Creates one of the ${plural}.`,
        requestBody: jsonContent(createBody(resource)),
        responses: answers(
          '201',
          'What was created.',
          resource.operations.includes('bulk') ? { oneOf: [one, many] } : one,
        ),
      };
    case 'update':
      return {
        ...common,
        summary: `Changes one of the ${plural}.`,
        parameters: [ifMatchParameter],
        requestBody: jsonContent(wrapped(name, schemaRef(resource, 'Update'))),
        responses: answers('200', 'What it is now.', one),
      };
    case 'delete':
      return {
        ...common,
        summary: `Deletes one of the ${plural}.`,
        parameters: [ifMatchParameter],
        responses: { '204': { description: 'It is gone.' }, default: { $ref: '#/components/responses/Error' } },
      };
  }
}

function createBody(resource: AnyResource): JsonSchema {
  const single = wrapped(resource.name, schemaRef(resource, 'Create'));
  if (!resource.operations.includes('bulk')) return single;
  const key = `${resource.name}s`;
  const items = schemaRef(resource, 'Create');
  return {
    oneOf: [single, { type: 'object', required: [key], properties: { [key]: { type: 'array', minItems: 1, items } } }],
  };
}

function schemasOf(resource: AnyResource): Json {
  const attributes = attributesOf(resource);
  const shown = attributes.filter(([, { traits }]) => traits.visible);
  const given = attributes.filter(([, { traits }]) => traits.post !== 'refused');
  const changed = attributes.filter(([, { traits }]) => traits.put);
  return {
    [schemaName(resource, '')]: { type: 'object', description: resource.doc, properties: properties(shown) },
    ...(resource.operations.includes('create')
      ? {
          [schemaName(resource, 'Create')]: {
            type: 'object',
            // The owner is the sender's own project when the request names none.
            required: given.flatMap(([name, { traits }]) =>
              traits.post === 'required' && name !== 'project_id' ? [name] : [],
            ),
            properties: properties(given),
            additionalProperties: false,
          },
        }
      : {}),
    ...(resource.operations.includes('update')
      ? {
          [schemaName(resource, 'Update')]: {
            type: 'object',
            properties: properties(changed),
            additionalProperties: false,
          },
        }
      : {}),
  };
}

function properties(attributes: readonly (readonly [string, Attribute])[]): Json {
  return Object.fromEntries(
    attributes.map(([name, { kind, doc, default: value, traits }]) => [
      name,
      { ...kind.schema, description: doc, ...(traits.post === 'defaulted' ? { default: value } : {}) },
    ]),
  );
}

function queryParameters(resource: AnyResource): readonly Json[] {
  const filters = attributesOf(resource).flatMap(([name, { filter, doc }]) =>
    filter ? [listParameter(name, `Only objects with one of these. ${doc}`)] : [],
  );
  const sortable = attributesOf(resource).flatMap(([name, { sort }]) => (sort ? [name] : []));
  return [
    ...filters,
    ...(resource.tagged
      ? Object.keys(tagFilters).map((name) => listParameter(name, 'Tags, separated by commas.'))
      : []),
    fieldsParameter,
    asOfParameter,
    listParameter('sort_key', 'Attributes to sort by, the most important first.', { type: 'string', enum: sortable }),
    listParameter('sort_dir', 'A direction for each sort_key.', { type: 'string', enum: ['asc', 'desc'] }),
    { name: 'limit', in: 'query', description: 'Most objects of a page.', schema: { type: 'integer', minimum: 0 } },
    { name: 'marker', in: 'query', description: 'The object that the page follows.', schema: { type: 'string' } },
    {
      name: 'page_reverse',
      in: 'query',
      description: 'The page before the marker instead.',
      schema: { type: 'boolean' },
    },
  ];
}

const fieldsParameter = listParameter('fields', 'Attributes to show; all when absent.');

const asOfParameter: Json = {
  name: 'as_of',
  in: 'query',
  description: 'Answer as it was at this revision, or at this time (RFC 3339).',
  schema: {
    anyOf: [
      { type: 'string', pattern: '^[0-9]{1,15}$' },
      { type: 'string', format: 'date-time' },
    ],
  },
};

const ifMatchParameter: Json = {
  name: 'If-Match',
  in: 'header',
  description: '`revision_number=N`: refuse with 412 when the object has another revision.',
  schema: { type: 'string' },
};

function listParameter(name: string, description: string, items: JsonSchema = { type: 'string' }): Json {
  return { name, in: 'query', description, explode: true, schema: { type: 'array', items } };
}

function answers(status: string, description: string, schema: JsonSchema): Json {
  return {
    [status]: { description, ...jsonContent(schema) },
    default: { $ref: '#/components/responses/Error' },
  };
}

function jsonContent(schema: JsonSchema): Json {
  return { content: { 'application/json': { schema } } };
}

function wrapped(name: string, schema: JsonSchema): JsonSchema {
  return { type: 'object', required: [name], properties: { [name]: schema } };
}

function schemaRef(resource: AnyResource, suffix: '' | 'Create' | 'Update'): JsonSchema {
  return { $ref: `#/components/schemas/${schemaName(resource, suffix)}` };
}

/** `availability_zone` as `AvailabilityZone`. */
function schemaName({ name }: AnyResource, suffix: '' | 'Create' | 'Update'): string {
  const words = name.split('_').map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`);
  return `${words.join('')}${suffix}`;
}
