// The target of tracked connections: those of each zone are such as the port's rules admit. Connections come and go by
// themselves, so what is remembered is by which rules each zone was last judged; only zones whose rules have changed
// since are looked into.

import {
  parseConnections,
  sameAdmission,
  sweepCommands,
  type ConnectionPlan,
  type Sweep,
} from '@neutronium/dataplane/firewall/hybrid/connections';
import { zoneRange } from '@neutronium/dataplane/firewall/hybrid/zones';
import type { Exec } from '#effects/exec';
import type { Target } from '../../target.ts';

/** By zone; null before anything was judged, when connections of an earlier agent's ports may still be there. */
export type JudgedZones = ReadonlyMap<number, ConnectionPlan> | null;

export interface ConnectionStep {
  readonly plans: readonly ConnectionPlan[];
  readonly abandoned: readonly number[];
  /** Zones of ports are all those that there should be: connections of any other end. */
  readonly only: ReadonlySet<number> | null;
}

/** A packet may begin a connection anew between its end and its gravestone. */
const mostSweeps = 20;

export class Connections implements Target<readonly ConnectionPlan[], JudgedZones, ConnectionStep> {
  readonly name = 'connections';
  readonly #exec: Exec;
  #judged: Map<number, ConnectionPlan> | null = null;
  /** What a sweep that has not come to its end was to cut: begun anew by the instance, it would look admitted. */
  #cutting: Sweep['cutting'] = new Map();

  constructor({ exec }: { readonly exec: Exec }) {
    this.#exec = exec;
  }

  async observe(): Promise<JudgedZones> {
    return this.#judged === null ? null : new Map(this.#judged);
  }

  plan(desired: readonly ConnectionPlan[], judged: JudgedZones): readonly ConnectionStep[] {
    const owners = new Map(desired.map(({ zone, admission }) => [zone, admission.port.view.id]));
    const plans = desired.filter((plan) => {
      const before = judged?.get(plan.zone);
      return before === undefined || !sameAdmission(before.admission, plan.admission);
    });
    // A zone that another port has now must not know the connections of the one before.
    const abandoned = [...(judged ?? [])].flatMap(([zone, { admission }]) =>
      desired.some((plan) => plan.zone === zone && plan.admission.port.view.id === admission.port.view.id)
        ? []
        : [zone],
    );
    if (plans.length === 0 && abandoned.length === 0) return [];
    return [{ plans, abandoned, only: judged === null ? new Set(owners.keys()) : null }];
  }

  async apply(step: ConnectionStep, signal: AbortSignal): Promise<void> {
    for (let sweeps = 0; sweeps <= mostSweeps; sweeps += 1) {
      const { stdout } = await this.#exec.run(['conntrack', '-L'], { signal });
      const connections = parseConnections(stdout);
      const zones = zonesOf(step, connections, sweeps === 0);
      const { commands, ...found } = sweepCommands(connections, { ...zones, cutting: this.#cutting });
      this.#cutting = found.cutting;
      if (commands.length === 0) {
        this.#cutting = new Map();
        this.#remember(step);
        return;
      }
      // A connection that has ended by itself meanwhile is no failure to it; what is left, the next look shows.
      await this.#exec.run(['conntrack', '-R', '-'], { stdin: commands.join('\n'), signal });
    }
    throw new Error(`connections that no rule admits come back after ${mostSweeps} attempts to end them`);
  }

  #remember({ plans, abandoned }: ConnectionStep): void {
    const judged = (this.#judged ??= new Map());
    for (const zone of abandoned) judged.delete(zone);
    for (const plan of plans) judged.set(plan.zone, plan);
  }
}

function zonesOf(
  { plans, abandoned, only }: ConnectionStep,
  connections: readonly { readonly zone: number }[],
  first: boolean,
): Omit<Sweep, 'cutting'> {
  // Once emptied, a zone that is another port's fills with that port's connections.
  if (!first) return { plans, abandoned: new Set() };
  const foreign = connections
    .map(({ zone }) => zone)
    .filter((zone) => only !== null && !only.has(zone) && zone >= zoneRange.first && zone <= zoneRange.last);
  return { plans, abandoned: new Set([...abandoned, ...foreign]) };
}

/** What a step does, for the log. */
export function describeConnectionStep({ plans, abandoned }: ConnectionStep): string {
  return `judging the connections of ${plans.length} ports, and ending those of ${abandoned.length} that are gone`;
}
