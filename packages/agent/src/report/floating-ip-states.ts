// What became of each floating IP, read from the round that has just been run.

import type { FloatingIpStatus } from '@neutronium/model/watch-protocol';
import type { PlannedHost } from '#plan/planner';
import type { RoundOutcome } from '#reconcile/round';
import { subjects } from '../subjects.ts';
import type { ReportedPort } from './port-states.ts';

export interface ReportedFloatingIp {
  readonly id: string;
  readonly status: FloatingIpStatus['ids'][number]['status'];
  /** What it stands for, in a form that changes when it does: one that has moved is reported anew. */
  readonly what: string;
}

/** What is true of the floating IPs of the view once the round is over. `ports` are the states after the same round. */
export function floatingIpStates(
  { view, hostPlan, inventory }: PlannedHost,
  outcome: RoundOutcome,
  ports: readonly ReportedPort[],
): readonly ReportedFloatingIp[] {
  if (view.floating_ips.size === 0) return [];
  const plans = new Map(hostPlan.floatingIps.map((plan) => [plan.id, plan]));
  const states = new Map(ports.map(({ id, state }) => [id, state]));
  // Of what another host forwards, that host speaks.
  const isElsewhere = (routerId: string): boolean =>
    (view.routers.get(routerId)?.ha ?? null) !== null && inventory.haStates.get(routerId) !== 'active';
  const own = [...view.floating_ips.values()].filter(({ router_id: routerId }) => !isElsewhere(routerId));
  return own.map((floatingIp): ReportedFloatingIp => {
    const { id, router_id: router, fixed_ip_address: fixed } = floatingIp;
    const what = `${fixed} by ${router}`;
    const plan = plans.get(id);
    if (plan === undefined) return { id, what, status: 'DOWN' };
    const { namespace, gatewayPortId } = plan;
    const broken =
      outcome.broken.has(subjects.namespace(namespace)) ||
      outcome.broken.has(subjects.netfilter(namespace)) ||
      outcome.blocked.size > 0;
    if (broken) return { id, what, status: 'ERROR' };
    return { id, what, status: states.get(gatewayPortId) === 'wired' ? 'ACTIVE' : 'DOWN' };
  });
}
