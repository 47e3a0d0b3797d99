import { describe, expect, it } from 'vitest';
import { readTagList } from './tag-list.ts';

describe('a list of tags', () => {
  it('is read in its order', () => {
    expect(readTagList({ tags: ['b', '', 'a'] })).toEqual(['b', '', 'a']);
  });

  it('takes 255 characters, counted as people count them', () => {
    expect(readTagList({ tags: ['🚀'.repeat(255)] })).toHaveLength(1);
  });

  it.each([
    [undefined, 'Invalid tags body'],
    [[], 'Invalid tags body'],
    [{ tag: [] }, 'Invalid tags body'],
    [{ tags: 'a' }, "'a' is not a list"],
    [{ tags: null }, "'None' is not a list"],
    [{ tags: [1] }, "'1' is not a valid string"],
    [{ tags: ['a', 'a'] }, "Duplicate items in the list: 'a'"],
    [{ tags: ['a'.repeat(256)] }, 'exceeds maximum length of 255'],
  ])('is refused as Neutron refuses it: %j', (body, reason) => {
    expect(() => readTagList(body)).toThrow(reason);
  });
});
