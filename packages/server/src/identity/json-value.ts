// Reading what clients send: a request body is unknown until each part of it has been looked at.

import { badRequest } from './identity-error.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object at `key`; a request without it is a bad request. */
export function objectAt(parent: JsonObject, key: string): JsonObject {
  const value = parent[key];
  if (!isObject(value)) throw badRequest(`Expecting to find ${key} in request body.`);
  return value;
}

export function optionalObjectAt(parent: JsonObject, key: string): JsonObject | undefined {
  return parent[key] === undefined ? undefined : objectAt(parent, key);
}

/** The text at `key`; undefined when there is none. */
export function textAt(parent: JsonObject, key: string): string | undefined {
  const value = parent[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string' || value.includes('\0'))
    throw badRequest(`Invalid input for field '${key}': it is not a text.`);
  return value;
}
