// Bodies of answers as JSON. A list of ten thousand ports takes longer to render than fifty small requests take whole,
// and all of them have one thread: a long list is rendered in parts, between which others get their turn.

import { setImmediate as nextTurn } from 'node:timers/promises';

/** About three milliseconds of rendering, for ports. */
const itemsPerTurn = 500;

/** The text of a body that is an object. */
export async function renderBody(body: object): Promise<string | Buffer> {
  const members = Object.entries(body).filter(([, value]) => value !== undefined);
  if (!members.some(([, value]) => isLong(value))) return JSON.stringify(body);
  const parts: string[] = [];
  const rendered: Buffer[] = [];
  const flush = (): void => {
    rendered.push(Buffer.from(parts.splice(0).join('')));
  };
  for (const [name, value] of members) {
    parts.push(rendered.length + parts.length === 0 ? '{' : ',', JSON.stringify(name), ':');
    if (!isLong(value)) {
      parts.push(JSON.stringify(value));
      continue;
    }
    for (let from = 0; from < value.length; from += itemsPerTurn) {
      // Without the brackets around this part of the list.
      parts.push(from === 0 ? '[' : ',', JSON.stringify(value.slice(from, from + itemsPerTurn)).slice(1, -1));
      flush();
      await nextTurn();
    }
    parts.push(']');
  }
  parts.push('}');
  flush();
  return Buffer.concat(rendered);
}

function isLong(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > itemsPerTurn;
}
