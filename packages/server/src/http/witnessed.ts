// Tells the witness, where there is one, what requests have given and asked for that were done. It is told of bodies as
// they came: what has been read has defaults in it that nobody gave.

import type { ListQuery } from '@neutronium/model/read-query';
import type { AnyResource } from '@neutronium/model/resource';
import { witness, type Sight } from '@neutronium/model/witness';

/** The attributes that the body of a request which was done has given its object, or its objects. */
export function sawGiven(
  sight: Extract<Sight, 'created with' | 'changed'>,
  resource: AnyResource,
  body: unknown,
): void {
  if (witness === undefined) return;
  const one = memberOf(body, resource.name);
  const several = memberOf(body, resource.plural);
  const items: readonly unknown[] = Array.isArray(several) ? several : [one];
  for (const item of items) {
    for (const name of Object.keys(memberOf(item, resource.name) ?? item ?? {})) witness(sight, nameOf(resource, name));
  }
}

export function sawShown(resource: AnyResource, answers: readonly object[]): void {
  if (witness === undefined) return;
  for (const answer of answers) for (const name of Object.keys(answer)) witness('shown', nameOf(resource, name));
}

/** What a list that found something was searched and sorted by. */
export function sawQuery(resource: AnyResource, { filters, sort }: ListQuery, found: number): void {
  if (witness === undefined || found === 0) return;
  for (const filter of filters) {
    witness('searched by', nameOf(resource, filter.op === 'tags' ? 'tags' : filter.attribute));
  }
  for (const { attribute } of sort) witness('sorted by', nameOf(resource, attribute));
}

function nameOf({ plural }: AnyResource, attribute: string): string {
  return `${plural}.${attribute}`;
}

function memberOf(value: unknown, key: string): object | undefined {
  const member: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return typeof member === 'object' && member !== null ? member : undefined;
}
