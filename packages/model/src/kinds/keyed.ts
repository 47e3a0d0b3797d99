import { pythonRepr, pythonText } from '../python-text.ts';
import { accept, refuse, type Reading } from '../reading.ts';

export type Keyed = Readonly<Record<string, unknown>>;

export function isKeyed(value: unknown): value is Keyed {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object with exactly the keys `expected`. */
export function readKeyed(value: unknown, expected: readonly string[]): Reading<Keyed> {
  if (!isKeyed(value)) {
    return refuse(`Invalid input. '${pythonText(value)}' must be a dictionary with keys: ${pythonRepr(expected)}`);
  }
  const keys = Object.keys(value);
  if (keys.length !== expected.length || !expected.every((key) => Object.hasOwn(value, key))) {
    const shown = (names: readonly string[]): string =>
      names.length === 0 ? 'set()' : `{${names.map(pythonRepr).join(', ')}}`;
    return refuse(
      `Validation of dictionary's keys failed. Expected keys: ${shown(expected)} Provided keys: ${shown(keys)}`,
    );
  }
  return accept(value);
}
