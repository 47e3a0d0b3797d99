// What the agent says of each port to those who ask on its socket.

import type { PortEntry } from '@neutronium/model/agent-socket';
import { deadVlan } from '@neutronium/dataplane/bridges/dead-vlan';
import type { PlannedHost } from '#plan/planner';
import type { ReportedPort } from '#report/port-states';

/**
 * The ports of this host and the devices that bear the id of another, by id. `reported` is what the last round made of
 * them; a port of which it said nothing is still to be looked at.
 */
export function portEntries(planned: PlannedHost, reported: readonly ReportedPort[]): readonly PortEntry[] {
  const { view, inventory, hostPlan } = planned;
  const states = new Map(reported.map((port) => [port.id, port]));
  const plans = new Map(hostPlan.ports.map((plan) => [plan.portId, plan]));
  const own = [...view.ports.values()].filter(({ host }) => host === inventory.host).map(({ id }) => id);
  return [...new Set([...own, ...inventory.plugged.keys()])].toSorted().map((id) => {
    const port = view.ports.get(id);
    const plugged = inventory.plugged.get(id);
    const plan = plans.get(id);
    const tag = plan?.tag ?? deadVlan;
    const state = states.get(id);
    return {
      id,
      device: plugged?.device ?? plan?.device ?? null,
      ofport: plugged?.ofport ?? null,
      network_id: port?.network_id ?? null,
      fixed_ips: (port?.fixed_ips ?? []).map(({ ip_address }) => ip_address),
      localVlan: tag === deadVlan ? null : tag,
      security_groups: port?.security_groups ?? [],
      state: state?.state ?? (plan === undefined ? 'absent' : plan.deadBecause === null ? 'building' : 'dead'),
      why: state?.why ?? plan?.deadBecause ?? 'it has not been looked at yet',
    };
  });
}
