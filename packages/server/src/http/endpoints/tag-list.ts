// What a tag may be, and how a body names several.

import { InvalidInput } from '@neutronium/model/errors';
import { pythonRepr, pythonText } from '@neutronium/model/python-text';

/** Characters of the longest tag. */
const maxTagLength = 255;

/** Most tags of one object. */
export const maxTags = 50;

/** The tags of `{"tags": […]}`, in order. Throws InvalidInput for anything else. */
export function readTagList(body: unknown): readonly string[] {
  if (typeof body !== 'object' || body === null || !('tags' in body)) refuse('Invalid tags body');
  const { tags } = body;
  if (!Array.isArray(tags)) refuse(`'${pythonText(tags)}' is not a list`);
  const list: readonly unknown[] = tags;
  const repeated = list.find((tag, index) => list.indexOf(tag) !== index);
  if (repeated !== undefined) refuse(`Duplicate items in the list: '${pythonText(repeated)}'`);
  return list.map((tag) => {
    requireTag(tag);
    return tag;
  });
}

/** Throws InvalidInput for what cannot be a tag. */
export function requireTag(tag: unknown): asserts tag is string {
  if (typeof tag !== 'string') refuse(`'${pythonText(tag)}' is not a valid string`);
  if (Array.from(tag).length > maxTagLength) refuse(`${pythonRepr(tag)} exceeds maximum length of ${maxTagLength}`);
}

function refuse(error_message: string): never {
  throw new InvalidInput({ error_message });
}
