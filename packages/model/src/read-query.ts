// Reads the query of a list request into conditions, order and page, or throws the error that the Networking API
// answers with. The store turns the result into a SELECT.

import type { Attribute } from './attribute.ts';
import { BadRequest, HTTPBadRequest, InvalidInput } from './errors.ts';
import type { FilterFace, Scalar } from './kind.ts';
import { pythonRepr } from './python-text.ts';
import type { Reading } from './reading.ts';
import { attributesOf, type AnyResource } from './resource.ts';

export interface ListQuery {
  /** All of these hold. */
  readonly filters: readonly Condition[];
  /** Attributes to show, as the client named them; null shows all. A name that is no attribute shows nothing. */
  readonly fields: readonly string[] | null;
  /** In the order of importance. Ends in the primary key, so that the order is total. */
  readonly sort: readonly Sort[];
  /** Most objects to give back; null for all. */
  readonly limit: number | null;
  /** Id of the object that the page follows or, with `pageReverse`, precedes. Null without a limit. */
  readonly marker: string | null;
  /** The page before the marker (the last page without one), still in the order of `sort`. */
  readonly pageReverse: boolean;
}

export interface Sort {
  readonly attribute: string;
  readonly direction: 'asc' | 'desc';
}

export type Condition =
  /** The attribute is one of `values`. */
  | { readonly op: 'equals'; readonly attribute: string; readonly values: readonly Scalar[] }
  /** The attribute is a list, and one of its members is one of `values`. */
  | { readonly op: 'has'; readonly attribute: string; readonly values: readonly Scalar[] }
  /** The attribute is a list of objects, and `field` of one of them matches one of `values`. */
  | {
      readonly op: 'has-field';
      readonly attribute: string;
      readonly field: string;
      readonly match: 'equal' | 'substring';
      readonly values: readonly Scalar[];
    }
  /** The attribute names an object whose `of` is one of `values`. */
  | {
      readonly op: 'parent-equals';
      readonly attribute: string;
      readonly of: string;
      readonly values: readonly Scalar[];
    }
  /** The object has all, any, not all, or none of `tags`. */
  | { readonly op: 'tags'; readonly match: TagMatch; readonly tags: readonly string[] };

export type TagMatch = 'all' | 'any' | 'not-all' | 'none';

/** How the names of the query speak of tags. */
export const tagFilters: Readonly<Record<string, TagMatch>> = {
  tags: 'all',
  'tags-any': 'any',
  'not-tags': 'not-all',
  'not-tags-any': 'none',
};

/** Names of the query that filter nothing. */
const reserved = new Set(['fields', 'sort_key', 'sort_dir', 'limit', 'marker', 'page_reverse', 'as_of']);

/** Reads a query. `maxLimit` is the operator's cap on pages, null for none; it makes pages of unlimited lists too. */
export function readQuery(resource: AnyResource, query: URLSearchParams, maxLimit: number | null = null): ListQuery {
  const filters = readFilters(resource, query);
  const limit = readLimit(query.get('limit'), maxLimit);
  return {
    filters,
    fields: readFields(query),
    sort: readSort(resource, query),
    limit,
    marker: limit === null ? null : query.get('marker'),
    pageReverse: limit !== null && query.get('page_reverse')?.toLowerCase() === 'true',
  };
}

/** The attributes that a request asks to see, null for all of them. A show request has no other parameter. */
export function readFields(query: URLSearchParams): readonly string[] | null {
  const fields = query.getAll('fields').filter((name) => name !== '');
  return fields.length === 0 ? null : fields;
}

function readFilters(resource: AnyResource, query: URLSearchParams): readonly Condition[] {
  const conditions: Condition[] = [];
  const invalid: string[] = [];
  for (const name of new Set(query.keys())) {
    if (reserved.has(name)) continue;
    const texts = query.getAll(name);
    const tags = resource.tagged && Object.hasOwn(tagFilters, name) ? tagFilters[name] : undefined;
    if (tags !== undefined) {
      conditions.push({ op: 'tags', match: tags, tags: texts.flatMap((text) => text.split(',')) });
      continue;
    }
    const attribute = name === 'tenant_id' ? 'project_id' : name;
    const declared = Object.hasOwn(resource.attributes, attribute) ? resource.attributes[attribute] : undefined;
    if (declared === undefined || !declared.filter) invalid.push(name);
    else conditions.push(...readFilter(attribute, declared, texts));
  }
  if (invalid.length > 0) {
    throw new HTTPBadRequest({ message: `${pythonRepr(invalid)} is invalid attribute for filtering` });
  }
  return conditions;
}

function readFilter(attribute: string, { kind, foundIn }: Attribute, texts: readonly string[]): readonly Condition[] {
  const face: FilterFace = kind.filter;
  switch (face.by) {
    case 'value': {
      const values = texts.map((text) => accepted(face.read(text)));
      if (foundIn === undefined) return [{ op: 'equals', attribute, values }];
      if ('parent' in foundIn) {
        return [{ op: 'parent-equals', attribute: foundIn.parent, of: foundIn.attribute, values }];
      }
      return [{ op: 'has-field', attribute: foundIn.list, field: foundIn.field, match: 'equal', values }];
    }
    case 'member':
      return [{ op: 'has', attribute, values: texts.map((text) => accepted(face.read(text))) }];
    case 'field': {
      const byName = Map.groupBy(texts.map(splitPair), ([name]) => name);
      return [...byName].flatMap(([name, pairs]) => {
        const field = Object.hasOwn(face.fields, name) ? face.fields[name] : undefined;
        // A field that is not searched narrows nothing, as in the reference implementation.
        if (field === undefined) return [];
        const values = pairs.map(([, text]) => accepted(field.read(text)));
        return [{ op: 'has-field', attribute, field: field.field, match: field.match, values } as const];
      });
    }
  }
}

function splitPair(text: string): readonly [name: string, value: string] {
  const sign = text.indexOf('=');
  if (sign < 1) throw new InvalidInput({ error_message: `'${text}' is not of the form <key>=[value]` });
  return [text.slice(0, sign).trim(), text.slice(sign + 1).trim()];
}

function accepted(reading: Reading<Scalar>): Scalar {
  if (reading.ok) return reading.value;
  throw reading.fault === 'declared' ? reading.error : new InvalidInput({ error_message: reading.reason });
}

function readSort(resource: AnyResource, query: URLSearchParams): readonly Sort[] {
  const keys = query.getAll('sort_key').filter((key) => key !== '');
  const directions = query.getAll('sort_dir').filter((direction) => direction !== '');
  if (keys.length !== directions.length) {
    throw new HTTPBadRequest({ message: 'The number of sort_keys and sort_dirs must be same' });
  }
  const sortable = new Set(attributesOf(resource).flatMap(([name, { sort }]) => (sort ? [name] : [])));
  if (sortable.has('project_id')) sortable.add('tenant_id');
  const absent = keys.filter((key) => !sortable.has(key));
  if (absent.length > 0) {
    throw new HTTPBadRequest({ message: `${pythonRepr(absent)} is invalid attribute for sort_keys` });
  }
  const invalid = directions.filter((direction) => direction !== 'asc' && direction !== 'desc');
  if (invalid.length > 0) {
    throw new HTTPBadRequest({
      message: `${pythonRepr(invalid)} is invalid value for sort_dirs, valid value is 'asc' and 'desc'`,
    });
  }
  const sort = keys.map((key, index): Sort => ({
    attribute: key === 'tenant_id' ? 'project_id' : key,
    direction: directions[index] === 'desc' ? 'desc' : 'asc',
  }));
  const total = sort.some(({ attribute }) => attribute === resource.primaryKey);
  return total ? sort : [...sort, { attribute: resource.primaryKey, direction: 'asc' }];
}

/** The page size; 0 and a missing one mean all, within the cap. */
function readLimit(text: string | null, maxLimit: number | null): number | null {
  const limit = text === null ? 0 : /^\s*\+?[0-9]+\s*$/.test(text) ? Number(text) : -1;
  if (limit < 0 || !Number.isSafeInteger(limit)) {
    throw new BadRequest({ resource: 'limit', msg: `Limit must be an integer 0 or greater and not '${text}'` });
  }
  if (maxLimit === null) return limit === 0 ? null : limit;
  return limit === 0 ? maxLimit : Math.min(limit, maxLimit);
}
