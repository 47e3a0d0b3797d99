import { describe, expect, it } from 'vitest';
import { parseJsonBody } from './json-body.ts';

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

describe('the body of a request', () => {
  it('is the JSON that it holds, and nothing when there is none', () => {
    expect(parseJsonBody('{"network": {"name": "ä"}}')).toEqual({ network: { name: 'ä' } });
    expect(parseJsonBody('')).toBeUndefined();
    expect(parseJsonBody(undefined)).toBeUndefined();
  });

  it.each([
    ['no JSON', '{'],
    ['the character U+0000 in a value', '{"a": "\\u0000"}'],
    ['the character U+0000 in a name', '{"\\u0000": 1}'],
    ['nesting without end', nested(200_000)],
    ['nesting in a member', `{"network": {"name": ${nested(101)}}}`],
  ])('with %s is refused', (_, text) => {
    expect(() => parseJsonBody(text)).toThrow('Body contains invalid data');
  });

  it('may nest as deep as anybody needs', () => {
    expect(parseJsonBody(nested(50))).toBeDefined();
  });
});
