import type { Kind } from '../kind.ts';
import { accept } from '../reading.ts';
import { listOf } from './list-of.ts';
import { text } from './text.ts';

/** Most characters of a tag. */
export const maxTagLength = 255;

/** Words that operators attach to objects. Lists are searched by them with `tags`, `tags-any`, `not-tags`, `not-tags-any`. */
export const tags: Kind<readonly string[]> = {
  ...listOf(text(maxTagLength), 'tags', `a list of different texts of at most ${maxTagLength} characters`),
  filter: { by: 'member', read: (tag) => accept(tag) },
};
