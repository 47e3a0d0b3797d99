import type { Kind } from '../kind.ts';
import { accept } from '../reading.ts';

/** The same kind, and null. */
export function nullable<T>(kind: Kind<T>): Kind<T | null> {
  return {
    ...kind,
    name: `${kind.name} or null`,
    doc: `${kind.doc}, or null`,
    read: (value) => (value === null ? accept(null) : kind.read(value)),
    schema: { anyOf: [kind.schema, { type: 'null' }] },
    examples: {
      valid: [...kind.examples.valid, null],
      invalid: kind.examples.invalid.filter((value) => value !== null),
    },
  };
}
