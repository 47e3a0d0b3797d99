import type { Sender } from '@neutronium/model/read-body';
import type { RequestContext } from '../context.ts';

/** The caller as the reading of bodies needs to know it. Besides administrators, services create for others. */
export function senderOf(context: RequestContext): Sender {
  return {
    projectId: context.projectId,
    mayNameOwner: context.isAdmin || context.roles.some((role) => role === 'advsvc' || role === 'service'),
  };
}
