import type { JsonSchema, Kind } from '../kind.ts';
import { accept } from '../reading.ts';

/** The same kind, and null. */
export function nullable<Given, Kept>(kind: Kind<Given, Kept>): Kind<Given | null, Kept | null> {
  return {
    name: `${kind.name} or null`,
    doc: `${kind.doc}, or null`,
    read: (value) => (value === null ? accept(null) : kind.read(value)),
    filter: kind.filter,
    schema: orNull(kind.schema),
    ...(kind.answerSchema === undefined ? {} : { answerSchema: orNull(kind.answerSchema) }),
    column: kind.column,
    mayBeNull: true,
    examples: {
      valid: [...kind.examples.valid, null],
      invalid: kind.examples.invalid.filter((value) => value !== null),
    },
  };
}

function orNull(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: 'null' }] };
}
