import type { Kind, Scalar } from '../kind.ts';
import { pythonRepr, pythonText } from '../python-text.ts';
import { accept, refuse, type Reading } from '../reading.ts';

/** A list of different values of one kind. A filter finds the lists that have a value. */
export function listOf<T extends Scalar>(item: Kind<T>, name: string, doc: string): Kind<readonly T[]> {
  const filter = item.filter;
  return {
    name,
    doc,
    read: (value) => readListOf(value, item.read),
    filter: filter.by === 'field' ? filter : { by: 'member', read: filter.read },
    schema: { type: 'array', items: item.schema, uniqueItems: true },
    column: 'json',
    examples: {
      valid: [[], [item.examples.valid[0]]],
      invalid: ['x', null, 7, {}, item.examples.invalid.slice(0, 1), [item.examples.valid[0], item.examples.valid[0]]],
    },
  };
}

/** Reads a list whose members must differ as they are sent. */
export function readListOf<T>(value: unknown, read: (item: unknown) => Reading<T>): Reading<readonly T[]> {
  if (!Array.isArray(value)) return refuse(`'${pythonText(value)}' is not a list`);
  const duplicates = duplicatesIn(value);
  if (duplicates.length > 0) return refuse(`Duplicate items in the list: '${duplicates.map(pythonText).join(', ')}'`);
  return readItems(value, read);
}

/** Reads the members in order and gives back the first refusal. */
export function readItems<T>(items: readonly unknown[], read: (item: unknown) => Reading<T>): Reading<readonly T[]> {
  const values: T[] = [];
  for (const item of items) {
    const reading = read(item);
    if (!reading.ok) return reading;
    values.push(reading.value);
  }
  return accept(values);
}

/** What occurs more than once, each once. */
export function duplicatesIn(items: readonly unknown[]): readonly unknown[] {
  const seen = new Set<string>();
  const duplicates = new Map<string, unknown>();
  for (const item of items) {
    const text = pythonRepr(item);
    if (seen.has(text)) duplicates.set(text, item);
    seen.add(text);
  }
  return [...duplicates.values()];
}
