import { HTTPNotFound, PolicyNotAuthorized } from '@neutronium/model/errors';
import { showRule } from '@neutronium/model/policy-rules';
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
    if (await session.allows(showRule(request.resource), request.record)) throw error;
    throw Object.assign(new HTTPNotFound({ message: 'The resource could not be found.' }), { cause: error });
  }
}
