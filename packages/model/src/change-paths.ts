// Our own part of the API, in OpenAPI: changes as they happen.

type Json = { readonly [key: string]: unknown };

const text = { type: 'string' } as const;
const revisionOfText = { type: 'string', pattern: '^[0-9]{1,15}$' } as const;
const several = { type: 'array', items: text } as const;

const filters: readonly Json[] = [
  ['resource', 'Only objects of these resources, by their singular names.'],
  ['id', 'Only these objects.'],
  ['project_id', 'Only objects of these projects.'],
].map(([name, description]) => ({ name, in: 'query', description, schema: several }));

const errors: Json = {
  '4XX': { $ref: '#/components/responses/Error' },
  '5XX': { $ref: '#/components/responses/Error' },
};

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
      ...errors,
    },
  },
};

export const changePaths: Json = { '/events': eventsPath };

export const changeSchemas: Json = {
  ChangeEvent: {
    type: 'object',
    required: ['revision', 'op', 'resource', 'id', 'project_id', 'at', 'request_id', 'object', 'changed'],
    properties: {
      revision: { type: 'integer' },
      op: { type: 'string', enum: ['create', 'update', 'delete'] },
      resource: { type: 'string', description: "The resource's singular name." },
      id: text,
      project_id: { type: ['string', 'null'] },
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
    },
  },
};
