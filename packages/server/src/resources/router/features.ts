import { BadRequest } from '@neutronium/model/errors';
import type { RouterRecord, RouterUpdate } from '@neutronium/model/resources/router';

/**
 * Throws BadRequest when the request changes what kind of router it is while that forwards, or will. Highly available it
 * can become, or cease to be, in the request that takes it down; distributed only when it is down before.
 */
export function requireDown(
  current: Pick<RouterRecord, 'distributed' | 'ha' | 'admin_state_up'>,
  { distributed, ha, admin_state_up = current.admin_state_up }: RouterUpdate,
): void {
  const isToChange = { distributed: differs(distributed, current.distributed), ha: differs(ha, current.ha) };
  const problems = [
    ...(isToChange.distributed && (current.admin_state_up || admin_state_up)
      ? ["Cannot change the 'distributed' attribute of active routers."]
      : []),
    ...(isToChange.ha && admin_state_up ? ['Cannot change HA attribute of active routers.'] : []),
  ].map((problem) => `${problem} Please set router admin_state_up to False prior to upgrade`);
  if (problems.length === 0) return;
  // Each problem is told as it would be alone, one to a line.
  throw new BadRequest({ resource: 'router', msg: problems.join('.\nBad router request: ') });
}

function differs(asked: boolean | null | undefined, is: boolean): boolean {
  return typeof asked === 'boolean' && asked !== is;
}
