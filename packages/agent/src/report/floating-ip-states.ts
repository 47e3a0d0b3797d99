// What became of each floating IP, read from the round that has just been run.

import { isReachedHere } from '@neutronium/dataplane/routers/hosted-router';
import type { FloatingIpView } from '@neutronium/model/host-view';
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
  // Of what another host forwards, that host speaks: one that stands by has only what is reached without the centre.
  const isElsewhere = (floatingIp: FloatingIpView): boolean => {
    const router = view.routers.get(floatingIp.router_id);
    if (router === undefined || router.ha === null || inventory.haStates.get(router.id) === 'active') return false;
    return !(router.distributed && isReachedHere(view, inventory.host, floatingIp));
  };
  const own = [...view.floating_ips.values()].filter((floatingIp) => !isElsewhere(floatingIp));
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
