// Pieces of which the paths of the OpenAPI document are made.

import { objectSchema, type JsonSchema } from './kind.ts';

export type Json = { readonly [key: string]: unknown };

/** Every way in which an operation may fail. */
export const failures: Json = {
  401: { $ref: '#/components/responses/Unauthorized' },
  default: { $ref: '#/components/responses/Error' },
};

/** The answers of one operation: when it succeeds, and when it does not. */
export function answers(status: '200' | '201', description: string, schema: JsonSchema): Json {
  return { [status]: { description, ...jsonContent(schema) }, ...failures };
}

/** Success has nothing to say. */
export const gone: Json = { 204: { description: 'Done.' }, ...failures };

export function jsonContent(schema: JsonSchema): Json {
  return { content: { 'application/json': { schema } } };
}

/** An object in a body, under the name of its resource. */
export function wrapped(name: string, schema: JsonSchema): JsonSchema {
  return objectSchema({ [name]: schema });
}

/** A part of a path that names an object: `references` is the plural of its resource. */
export function idParameter(name: string, references: string): Json {
  return { name, in: 'path', required: true, schema: { type: 'string', 'x-references': references } };
}

export function listParameter(name: string, description: string, items: JsonSchema = { type: 'string' }): Json {
  return { name, in: 'query', description, explode: true, schema: { type: 'array', items } };
}
