// Our own part of the API, in OpenAPI: changes as they happen, and what became of one object.

import { objectSchema } from './kind.ts';
import { failures, type Json } from './openapi-parts.ts';

const text = { type: 'string' } as const;
const revisionOfText = { type: 'string', pattern: '^[0-9]{1,15}$' } as const;
const several = { type: 'array', items: text } as const;

const filters: readonly Json[] = [
  ['resource', 'Only objects of these resources, by their singular names.'],
  ['id', 'Only these objects.'],
  ['project_id', 'Only objects of these projects.'],
].map(([name, description]) => ({ name, in: 'query', description, schema: several }));

const eventsPath: Json = {
  get: {
    operationId: 'follow_events',
    summary:
      'Every change that the caller may see, as server-sent events. The id of an event is its revision, and its name what was done: create, update or delete.',
    tags: ['events'],
    parameters: [
      ...filters,
      {
        name: 'since',
        in: 'query',
        description: 'Begin after this revision; with what happens from now on when not given.',
        schema: revisionOfText,
      },
      {
        name: 'Last-Event-ID',
        in: 'header',
        description: 'The last event that the client has seen: the stream goes on behind it. Goes before `since`.',
        schema: revisionOfText,
      },
      {
        name: 'follow',
        in: 'query',
        description: 'Whether to wait for more when everything has been told.',
        schema: { type: 'boolean', default: true },
      },
    ],
    responses: {
      200: {
        description:
          'Events, each with a JSON object as its data. An id without data says that the stream lives, and from where to resume it.',
        content: { 'text/event-stream': { schema: { $ref: '#/components/schemas/ChangeEvent' } } },
      },
      ...failures,
    },
  },
};

const historyPath: Json = {
  get: {
    operationId: 'list_history',
    summary: 'What became of one object, the newest change first: who changed what, when, from what to what.',
    tags: ['history'],
    parameters: [
      {
        name: 'resource',
        in: 'query',
        required: true,
        description: 'The singular name of its resource.',
        schema: { ...text, examples: ['network', 'port'] },
      },
      {
        name: 'id',
        in: 'query',
        required: true,
        description: 'Of an object that is there, or was.',
        schema: { ...text, 'x-references': 'any' },
      },
      {
        name: 'limit',
        in: 'query',
        description: 'Changes on a page.',
        schema: { type: 'integer', minimum: 1, maximum: 1000, default: 100 },
      },
      {
        name: 'marker',
        in: 'query',
        description: 'The revision of the last change of the page before.',
        schema: revisionOfText,
      },
    ],
    responses: {
      200: {
        description: 'The changes that are kept.',
        content: {
          'application/json': {
            schema: objectSchema(
              {
                history: { type: 'array', items: { $ref: '#/components/schemas/ChangeEvent' } },
                history_links: { type: 'array', items: objectSchema({ rel: { const: 'next' }, href: text }) },
              },
              { optional: ['history_links'] },
            ),
          },
        },
      },
      ...failures,
    },
  },
};

export const changePaths: Json = { '/events': eventsPath, '/history': historyPath };

export const changeSchemas: Json = {
  ChangeEvent: objectSchema({
    revision: { type: 'integer' },
    op: { type: 'string', enum: ['create', 'update', 'delete'] },
    resource: { type: 'string', description: "The resource's singular name." },
    id: text,
    project_id: { type: ['string', 'null'] },
    user_id: {
      type: ['string', 'null'],
      description: "Who asked for it; null for the server itself, and where the object is another project's.",
    },
    at: { type: 'string', format: 'date-time' },
    request_id: text,
    object: {
      type: 'object',
      description:
        'What is kept of the object itself and the caller may see: as it became, or as it was when it was removed.',
    },
    changed: {
      type: 'array',
      items: text,
      description: 'Of an update, the names of the attributes that the caller may see and that differ.',
    },
    was: {
      type: 'object',
      description: "What the changed attributes were; nothing where the object is another project's.",
    },
  }),
};
