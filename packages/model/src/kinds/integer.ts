import type { Kind } from '../kind.ts';
import { pythonText } from '../python-text.ts';
import { accept, refuse, unconvertible, type Reading } from '../reading.ts';

/** A whole number, also as decimal text. Numbers past 2^53 cannot be told apart and are refused. */
export function integer({ min, max }: { readonly min?: number; readonly max?: number } = {}): Kind<number> {
  return {
    name: `integer${min === undefined ? '' : ` from ${min}`}${max === undefined ? '' : ` to ${max}`}`,
    doc: `a whole number${min === undefined ? '' : ` from ${min}`}${max === undefined ? '' : ` to ${max}`}`,
    read: (value) => {
      const number = readInteger(value);
      if (!number.ok) return number;
      if (min === 0 && max === undefined && number.value < 0) return refuse(`'${number.value}' should be non-negative`);
      if (min !== undefined && number.value < min) {
        return refuse(`'${number.value}' is too small - must be at least '${min}'`);
      }
      if (max !== undefined && number.value > max) {
        return refuse(`'${number.value}' is too large - must be no larger than '${max}'`);
      }
      return number;
    },
    filter: { by: 'value', read: readInteger },
    schema: {
      type: 'integer',
      ...(min === undefined ? {} : { minimum: min }),
      ...(max === undefined ? {} : { maximum: max }),
    },
    column: 'integer',
    examples: {
      valid: [min ?? 0, max ?? 1000, String(min ?? 1)],
      invalid: [null, 'one', [], {}, ...(min === undefined ? [] : [min - 1]), ...(max === undefined ? [] : [max + 1])],
    },
  };
}

/** A number, a boolean or decimal text as a whole number, as Python's int() takes them; fractions are cut off. */
export function readInteger(value: unknown): Reading<number> {
  const number = numberOf(value);
  if (number === undefined || !Number.isSafeInteger(number)) {
    return unconvertible(`'${pythonText(value)}' is not an integer`);
  }
  return accept(number);
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'number') return Math.trunc(value);
  if (typeof value === 'string' && /^\s*[+-]?[0-9]+(?:_[0-9]+)*\s*$/.test(value))
    return Number(value.replaceAll('_', ''));
  return undefined;
}
