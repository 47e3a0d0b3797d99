import type { Kind } from '../kind.ts';
import { accept } from '../reading.ts';

/** The same kind, and null. */
export function nullable<Given, Kept>(kind: Kind<Given, Kept>): Kind<Given | null, Kept | null> {
  return {
    name: `${kind.name} or null`,
    doc: `${kind.doc}, or null`,
    read: (value) => (value === null ? accept(null) : kind.read(value)),
    filter: kind.filter,
    schema: { anyOf: [kind.schema, { type: 'null' }] },
    column: kind.column,
    mayBeNull: true,
    examples: {
      valid: [...kind.examples.valid, null],
      invalid: kind.examples.invalid.filter((value) => value !== null),
    },
  };
}
