import type { AnyResource } from '@neutronium/model/resource';
import { visibility } from '../context.ts';
import type { Reader } from '../store/store.ts';
import type { Call } from './handlers.ts';

/** Throws `missing` of the first of the ids that names nothing which the caller may see. One statement for all. */
export async function requireVisible(
  { context, store }: Call<Reader>,
  resource: AnyResource,
  ids: readonly string[],
  missing: (id: string) => Error,
): Promise<void> {
  if (ids.length === 0) return;
  const found = await store.list(resource, {
    where: [{ op: 'equals', attribute: 'id', values: [...new Set(ids)] }],
    ...visibility(context),
  });
  const known = new Set(found.map((record) => record['id']));
  const unknown = ids.find((id) => !known.has(id));
  if (unknown !== undefined) throw missing(unknown);
}
