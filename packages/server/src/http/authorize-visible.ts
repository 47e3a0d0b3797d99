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
    throw Object.assign(hiddenByPolicy(), { cause: error });
  }
}

/** What is there and policy hides is not there, and not told apart by what sort of thing it would be. */
export function hiddenByPolicy(): Error {
  return new HTTPNotFound({ message: 'The resource could not be found.' });
}

/**
 * The record as far as rules need it, by its declaration. Clients see the difference: that an address group is shared
 * is not among what rules need, so to others who would change it there is no such group; a shared security group is
 * one that they may not change.
 */
function declaredFor(resource: AnyResource, record: Shown): Shown {
  const ofParent = Object.keys(record).filter((name) => name.startsWith('ext_parent'));
  const names = [resource.primaryKey, 'tenant_id', ...policyAttributes(resource), ...ofParent];
  return Object.fromEntries(names.map((name) => [name, record[name]]));
}
