import { HTTPBadRequest } from '@neutronium/model/errors';

/**
 * The JSON of a request's body; undefined when none was sent. Throws HTTPBadRequest for anything that is not JSON, and
 * for text with the character U+0000, which PostgreSQL cannot keep.
 */
export function parseJsonBody(text: string | undefined): unknown {
  if (text === undefined || text === '') return undefined;
  let hasNul = false;
  const withNulSeen = (_key: string, value: unknown): unknown => {
    if (typeof value === 'string' && value.includes('\u0000')) hasNul = true;
    return value;
  };
  let body: unknown;
  try {
    // The character can only be written as its escape, so a body without that text needs no second look.
    body = text.includes('\\u0000') ? JSON.parse(text, withNulSeen) : JSON.parse(text);
  } catch (cause) {
    throw Object.assign(new HTTPBadRequest({ message: 'Body contains invalid data' }), { cause });
  }
  if (hasNul) throw new HTTPBadRequest({ message: 'Body contains invalid data' });
  return body;
}
