import { describe, expect, it } from 'vitest';
import { pythonRepr, pythonText, pythonTuple } from './python-text.ts';

describe('a value in a message', () => {
  // What CPython 3.11 prints for the same JSON.
  it.each([
    [null, 'None'],
    [true, 'True'],
    [false, 'False'],
    [1.5, '1.5'],
    ['a', 'a'],
    [['a', 1, null], "['a', 1, None]"],
    [{ a: ['b'], c: {} }, "{'a': ['b'], 'c': {}}"],
    [["it's"], `["it's"]`],
    [[`it's "x"`], `['it\\'s "x"']`],
    [['a\nb\\'], "['a\\nb\\\\']"],
  ])('%j reads %s', (value, text) => {
    expect(pythonText(value)).toBe(text);
  });

  it('is quoted when it is text inside something else', () => {
    expect(pythonRepr('a')).toBe("'a'");
  });

  it('is a tuple with a comma behind a single member', () => {
    expect([[], ['a'], ['a', 1]].map(pythonTuple)).toEqual(['()', "('a',)", "('a', 1)"]);
  });
});
