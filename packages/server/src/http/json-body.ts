import { HTTPBadRequest } from '@neutronium/model/errors';

/**
 * How deep a body may nest. Requests need five levels; what prints and stores values does so by recursion, which ends
 * somewhere beyond some thousands.
 */
const maxDepth = 100;

/**
 * The JSON of a request's body; undefined when none was sent. Throws HTTPBadRequest for anything that is not JSON, for
 * bottomless nesting, and for text with the character U+0000, which PostgreSQL cannot keep.
 */
export function parseJsonBody(text: string | undefined): unknown {
  if (text === undefined || text === '') return undefined;
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw Object.assign(new HTTPBadRequest({ message: 'Body contains invalid data' }), { cause });
  }
  if (!isKeepable(body)) throw new HTTPBadRequest({ message: 'Body contains invalid data' });
  return body;
}

/** Without recursion, so that no body can make it run out of stack. */
function isKeepable(body: unknown): boolean {
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value: body, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    if (typeof value === 'string' && value.includes('\u0000')) return false;
    if (typeof value !== 'object' || value === null) continue;
    if (depth === maxDepth) return false;
    for (const [key, member] of Object.entries(value)) {
      if (key.includes('\u0000')) return false;
      open.push({ value: member, depth: depth + 1 });
    }
  }
  return true;
}
