import type { Sender } from '@neutronium/model/read-body';
import type { RequestContext } from '../context.ts';

/** The caller as the reading of bodies needs to know it. Besides administrators, services create for others. */
export function senderOf({ projectId, isAdmin, isService }: RequestContext): Sender {
  return { projectId, mayNameOwner: isAdmin || isService };
}
