import { sql } from 'kysely';
import { databaseKind, isOneOf } from '../../store/dialect.ts';
import type { Reader } from '../../store/store.ts';

/** The QoS policies of those of the networks that have one. One statement for all. */
export async function policiesOfNetworks(
  { db }: Reader,
  networkIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (networkIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('networks')
    .select(['id', 'qos_policy_id'])
    .where(isOneOf(databaseKind(db), sql.ref('id'), [...new Set(networkIds)]))
    .where('qos_policy_id', 'is not', null)
    .execute();
  return new Map(rows.flatMap(({ id, qos_policy_id }) => (qos_policy_id === null ? [] : [[id, qos_policy_id]])));
}
