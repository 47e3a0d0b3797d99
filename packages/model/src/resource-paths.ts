// The paths of a resource in the OpenAPI document: its standard requests, its actions, what is related to it, its tags.

import { invariant } from '@neutronium/net/invariant';
import { objectSchema, type JsonSchema } from './kind.ts';
import { answers, gone, idParameter, jsonContent, listParameter, wrapped, type Json } from './openapi-parts.ts';
import { flag } from './kinds/flag.ts';
import { tags as tagsKind } from './kinds/tags.ts';
import { tagFilters } from './read-query.ts';
import { attributesOf, collectionPath, type Action, type AnyResource, type Operation } from './resource.ts';
import { examplesOf, schemaRef, shownBeside } from './resource-schemas.ts';

/** The paths by which clients reach the objects of `resource`, which are related to those of `others`. */
export function pathsOf(resource: AnyResource, others: readonly AnyResource[]): Json {
  const { plural, name, parent } = resource;
  const collectionAt = `/${collectionPath(resource)}`;
  const ofParent = parent === undefined ? [] : [idParameter(`${parent.name}_id`, parent.plural)];
  const id = idParameter(`${name}_id`, plural);
  const collection = methodsOf(resource, { get: 'list', post: 'create' });
  const member = methodsOf(resource, { get: 'show', put: 'update', delete: 'delete' });
  const actionPaths = Object.entries(resource.actions).map(([action, declared]) => [
    `${collectionAt}/{${name}_id}/${action}`,
    { parameters: [...ofParent, id], [declared.method.toLowerCase()]: actionOf(resource, action, declared) },
  ]);
  return {
    ...(Object.keys(collection).length === 0
      ? {}
      : { [collectionAt]: { ...(ofParent.length === 0 ? {} : { parameters: ofParent }), ...collection } }),
    ...(Object.keys(member).length === 0
      ? {}
      : { [`${collectionAt}/{${name}_id}`]: { parameters: [...ofParent, id], ...member } }),
    ...Object.fromEntries(actionPaths),
    ...relatedPaths(resource, id, others),
    ...(resource.tagged ? tagPaths(resource, id) : {}),
  };
}

function actionOf(resource: AnyResource, action: string, { doc, request, answer }: Action): Json {
  const { name, plural } = resource;
  const object = schemaRef(resource, '');
  const schema = answer === 'object' ? wrapped(name, object) : answer === 'bare object' ? object : answer;
  return {
    operationId: `${name}_${action}`,
    summary: doc,
    tags: [plural],
    ...(request === undefined ? {} : { requestBody: jsonContent(request) }),
    responses: answers('200', 'What the action did.', schema),
  };
}

/** The requests for objects of other resources that belong to one. */
function relatedPaths(resource: AnyResource, id: Json, others: readonly AnyResource[]): Json {
  const { plural, name, related } = resource;
  const collectionAt = `/${collectionPath(resource)}`;
  const paths = Object.entries(related).map(
    ([path, { to, doc, operations, request, added = { type: 'null' }, beside }]) => {
      const other = others.find((each) => each.plural === to);
      invariant(other !== undefined, `${to}, which ${plural} are related to, are declared`);
      const operation = (verb: string, rest: Json): Json => ({
        operationId: `${verb}_${path.replaceAll('-', '_')}_of_${name}`,
        summary: doc,
        tags: [plural],
        ...rest,
      });
      const list = objectSchema({ [to]: { type: 'array', items: shownBeside(other, beside) } });
      return [
        [
          `${collectionAt}/{${name}_id}/${path}`,
          {
            parameters: [id],
            ...(operations.includes('list')
              ? { get: operation('list', { responses: answers('200', doc, list) }) }
              : {}),
            ...(request === undefined
              ? {}
              : {
                  post: operation('add', {
                    requestBody: jsonContent(request),
                    responses: answers('201', 'Added.', added),
                  }),
                }),
          },
        ],
        ...(operations.includes('remove')
          ? [
              [
                `${collectionAt}/{${name}_id}/${path}/{other_id}`,
                { parameters: [id, idParameter('other_id', to)], delete: operation('remove', { responses: gone }) },
              ],
            ]
          : []),
      ];
    },
  );
  return Object.fromEntries(paths.flat());
}

/** The requests that read and write the tags of one object. */
function tagPaths(resource: AnyResource, id: Json): Json {
  const { plural, name } = resource;
  const collectionAt = `/${collectionPath(resource)}`;
  const tags = objectSchema({ tags: { ...tagsKind.schema, examples: [['blue', 'large'], ['blue']] } });
  const operation = (verb: string, summary: string, responses: Json, body?: JsonSchema): Json => ({
    operationId: `${verb}_of_${name}`,
    summary,
    tags: [plural],
    ...(body === undefined ? {} : { requestBody: jsonContent(body) }),
    responses,
  });
  const tag = { name: 'tag', in: 'path', required: true, schema: { type: 'string', examples: ['blue'] } };
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

/** Where the pages before and after this one are. */
const pageLinks: JsonSchema = {
  type: 'array',
  items: objectSchema({ rel: { type: 'string', enum: ['next', 'previous'] }, href: { type: 'string' } }),
};

/** The methods of one path, of those operations that the resource has. */
function methodsOf(resource: AnyResource, methods: Readonly<Record<string, Exclude<Operation, 'bulk'>>>): Json {
  const offered = Object.entries(methods).filter(([, operation]) => resource.operations.includes(operation));
  return Object.fromEntries(offered.map(([method, operation]) => [method, operationOf(resource, operation)]));
}

function operationOf(resource: AnyResource, operation: Exclude<Operation, 'bulk'>): Json {
  const { name, plural } = resource;
  const one = wrapped(name, schemaRef(resource, ''));
  const several = { [plural]: { type: 'array', items: schemaRef(resource, '') } };
  const page = objectSchema({ ...several, [`${plural}_links`]: pageLinks }, { optional: [`${plural}_links`] });
  const common = { operationId: `${operation}_${operation === 'list' ? plural : name}`, tags: [plural] };
  switch (operation) {
    case 'list':
      return {
        ...common,
        summary: `Lists ${plural}.`,
        parameters: queryParameters(resource),
        responses: answers('200', 'A page of the list.', page),
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
          resource.operations.includes('bulk') ? { oneOf: [one, objectSchema(several)] } : one,
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
        parameters: [ifMatchParameter, ...cascadeParameters(resource)],
        responses: gone,
      };
  }
}

function cascadeParameters({ cascade }: AnyResource): readonly Json[] {
  if (cascade === undefined) return [];
  return [{ name: 'cascade', in: 'query', description: cascade.doc, schema: flag.schema }];
}

function createBody(resource: AnyResource): JsonSchema {
  const single = wrapped(resource.name, schemaRef(resource, 'Create'));
  if (!resource.operations.includes('bulk')) return single;
  const items = schemaRef(resource, 'Create');
  return { oneOf: [single, objectSchema({ [`${resource.name}s`]: { type: 'array', minItems: 1, items } })] };
}

function queryParameters(resource: AnyResource): readonly Json[] {
  const filters = attributesOf(resource).flatMap(([name, { filter, doc, kind, references }]) => {
    const ids = name === resource.primaryKey ? resource.plural : references;
    const items = {
      type: 'string',
      ...(ids === undefined ? {} : { 'x-references': ids }),
      ...examplesOf({ type: 'string' }, kind.examples.valid),
    };
    return filter ? [listParameter(name, `Only objects with one of these. ${doc}`, items)] : [];
  });
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
