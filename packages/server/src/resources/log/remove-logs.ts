import { log } from '@neutronium/model/resources/log';
import type { Writer } from '../../store/store.ts';

/** Logs go with the security group or the port that they name. */
export async function removeLogs(
  store: Writer,
  about: { readonly resource_id: string } | { readonly target_id: string },
): Promise<void> {
  const where = Object.entries(about).map(([attribute, id]) => ({ op: 'equals' as const, attribute, values: [id] }));
  for (const { id } of await store.list(log, { where })) await store.remove(log, id);
}
