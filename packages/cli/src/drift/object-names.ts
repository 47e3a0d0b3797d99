// The names of API objects of which only ids are known.

import type { Session } from '../cloud/session.ts';
import type { ObjectNames } from './render-drift.ts';

/** Kinds of objects that hosts speak of. */
const collections = ['networks', 'ports', 'routers', 'security-groups'] as const;

/** Ids in one request: a line of a request has some thousands of characters at most. */
const idsAtOnce = 50;

/** More than anyone reads. */
const mostIds = 200;

/** The names of those that have one. Without an API that answers there are none, and ids have to do. */
export async function objectNames(
  open: () => Promise<Pick<Session, 'request'>>,
  ids: readonly string[],
): Promise<ObjectNames> {
  if (ids.length === 0) return new Map();
  try {
    const session = await open();
    const requests = collections.flatMap((collection) =>
      chunks(ids.slice(0, mostIds)).map((chunk) => {
        const query = [...chunk.map((id) => `id=${id}`), 'fields=id', 'fields=name'].join('&');
        return session.request('GET', `/${collection}?${query}`);
      }),
    );
    return new Map((await Promise.all(requests)).flatMap(namesIn));
  } catch {
    return new Map();
  }
}

/** A list of the Networking API: objects under the name of their kind. */
function namesIn(body: unknown): readonly (readonly [string, string])[] {
  // The shape of a list with the two fields that were asked for.
  const lists = Object.values(body as Readonly<Record<string, readonly { id: string; name: string }[]>>);
  return lists.flat().flatMap(({ id, name }) => (name === '' ? [] : [[id, name] as const]));
}

function chunks(ids: readonly string[]): readonly (readonly string[])[] {
  return ids.length <= idsAtOnce ? [ids] : [ids.slice(0, idsAtOnce), ...chunks(ids.slice(idsAtOnce))];
}
