import { PolicyRemoveAuthorizationError, QosPolicyNotFound } from '@neutronium/model/qos-errors';
import { qosPolicy } from '@neutronium/model/resources/qos-policy';
import type { Reader } from '../../store/store.ts';
import type { Call } from '../handlers.ts';
import { requireVisible } from '../require-visible.ts';

/** Throws QosPolicyNotFound when one of the ids is that of no policy that the caller sees. */
export function requireVisiblePolicies(
  call: Call<Reader>,
  requests: readonly { readonly qos_policy_id?: string | null }[],
): Promise<void> {
  const ids = requests.flatMap(({ qos_policy_id }) => (typeof qos_policy_id === 'string' ? [qos_policy_id] : []));
  return requireVisible(call, qosPolicy, ids, (policy_id) => new QosPolicyNotFound({ policy_id }));
}

/** The same for an update; and nobody takes a policy away that he does not see, as administrators give it. */
export async function requireChangeablePolicy(
  call: Call<Reader>,
  current: { readonly qos_policy_id: string | null },
  changes: { readonly qos_policy_id?: string | null },
): Promise<void> {
  await requireVisiblePolicies(call, [changes]);
  const { qos_policy_id: before } = current;
  if (before === null || changes.qos_policy_id === undefined || changes.qos_policy_id === before) return;
  await requireVisible(call, qosPolicy, [before], (policy_id) => new PolicyRemoveAuthorizationError({ policy_id }));
}
