import { HTTPNotFound, PolicyNotAuthorized } from '@neutronium/model/errors';
import { policyAttributes, showRule } from '@neutronium/model/policy-rules';
import type { AnyResource } from '@neutronium/model/resource';
import type { PolicySession } from '../policy/enforcer.ts';
import type { Shown } from './engine.ts';

/**
 * Throws PolicyNotAuthorized unless the caller may do what `rules` say to a record that it can see; HTTPNotFound when
 * policy does not even let it see the record, so that a refusal does not tell of its existence.
 */
export async function authorizeOnVisible(
  session: PolicySession,
  request: {
    readonly resource: AnyResource;
    readonly rules: readonly string[];
    readonly record: Shown;
    /** What the request would change; rules see the record as it would become. */
    readonly changes: Shown;
  },
): Promise<void> {
  try {
    await session.authorize(request.rules, { ...request.record, ...request.changes });
  } catch (error) {
    if (!(error instanceof PolicyNotAuthorized)) throw error;
    if (await session.allows(showRule(request.resource), declaredFor(request.resource, request.record))) throw error;
    throw Object.assign(new HTTPNotFound({ message: 'The resource could not be found.' }), { cause: error });
  }
}

/**
 * The record as rules about changing it look at it: what its declaration does not name for that, they do not know. So
 * an address group that is shared does not exist for who would change it, and a security group may not be changed, both
 * as in Neutron.
 */
function declaredFor(resource: AnyResource, record: Shown): Shown {
  const names = [resource.primaryKey, 'tenant_id', ...policyAttributes(resource)];
  return Object.fromEntries(names.map((name) => [name, record[name]]));
}
