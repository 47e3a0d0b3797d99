// A kind is what an attribute can hold, with all its faces: how a request's value is read, how a filter's text is
// read, its JSON Schema, its column, and samples for the reference pages and the generators of test requests. Each
// kind is one small file in kinds/. A need that comes twice becomes a kind.

import { accept, type Reading } from './reading.ts';

export type JsonSchema = { readonly [keyword: string]: unknown };

/** The schema of an object with these members and no others, all of which are there but the `optional` ones. */
export function objectSchema(
  properties: Readonly<Record<string, JsonSchema>>,
  { optional = [] }: { readonly optional?: readonly string[] } = {},
): JsonSchema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', required, properties, additionalProperties: false };
}

/**
 * How a value is kept. `json` is text with JSON in it; `timestamp` is text `YYYY-MM-DDTHH:MM:SSZ`, whose order is the
 * order of time.
 */
export type ColumnType = 'text' | 'integer' | 'boolean' | 'timestamp' | 'json';

/** A value that a stored attribute is compared with. */
export type Scalar = string | number | boolean | null;

/** How `?attribute=text` finds objects. */
export type FilterFace =
  /** Equal to the attribute, or to any member where the attribute is a list of such values. */
  | { readonly by: 'value' | 'member'; readonly read: (text: string) => Reading<Scalar> }
  /** `?attribute=field=text`: any member of the list whose field matches. */
  | { readonly by: 'field'; readonly fields: Readonly<Record<string, FieldFilter>> };

export interface FieldFilter {
  /** The member's field, which several names may search in their own way. */
  readonly field: string;
  readonly match: 'equal' | 'substring';
  readonly read: (text: string) => Reading<Scalar>;
}

declare const kept: unique symbol;

/**
 * `Given` is what a request may say, `Kept` what the store keeps and answers show, where that is more definite: a
 * request asks for some address of a subnet, a port has one.
 */
export interface Kind<Given, Kept = Given> {
  /** Carries the type and nothing else; no kind has it. */
  readonly [kept]?: Kept;
  readonly name: string;
  /** For the reference pages: what a value looks like, as a phrase. */
  readonly doc: string;
  /** Converts and validates a value of a request's body. */
  readonly read: (value: unknown) => Reading<Given>;
  readonly filter: FilterFace;
  /** How an answer spells a value, where that is not the value itself. */
  readonly show?: (kept: unknown) => unknown;
  /** What a request may say, spelt as it is shown: that `"yes"` is read as true is nothing that a client should learn. */
  readonly schema: JsonSchema;
  /** What answers show, where it is something else. */
  readonly answerSchema?: JsonSchema;
  readonly column: ColumnType;
  /** Whether an object may have none, so that its column may be null. */
  readonly mayBeNull?: boolean;
  /** Values of a request that are read, and some that are refused. */
  readonly examples: { readonly valid: readonly unknown[]; readonly invalid: readonly unknown[] };
}

/** The filter of a kind that lists cannot be searched by. */
export const unsearchable = { by: 'field', fields: {} } as const satisfies FilterFace;

/** The filter of a kind whose text needs no conversion. */
export const asText = { by: 'value', read: (text: string) => accept(text) } as const satisfies FilterFace;
