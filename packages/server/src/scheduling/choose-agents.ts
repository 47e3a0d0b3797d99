// Which agents shall serve a network or a router: pure, so that the same state always gives the same choice.

export interface SchedulableAgent {
  readonly id: string;
  readonly host: string;
  readonly availability_zone: string | null;
  /** Whether it reports and is not disabled. */
  readonly usable: boolean;
  /** How many networks or routers it serves. */
  readonly load: number;
  /** On how many of the networks that it would have ports of its host could not wire them. */
  readonly unreached: number;
}

export interface AgentDemand {
  /** Zones that are asked for; empty for any. */
  readonly availability_zone_hints: readonly string[];
  /** Ids of the agents that serve now. */
  readonly servedBy: readonly string[];
  /** How many usable agents shall serve. */
  readonly wanted: number;
}

export interface AgentChoice {
  /** Usable agents to add, the least loaded first. */
  readonly add: readonly SchedulableAgent[];
  /**
   * Ids of agents that can serve no more and whose place another takes, and of those that reach less than one that serves;
   * a dead agent without a successor stays.
   */
  readonly replace: readonly string[];
}

/**
 * What to change so that `wanted` usable agents serve, as far as there are so many. Those that reach the most are the only
 * ones that count: whoever does not reach what others do could not forward, however idle it is.
 */
export function chooseAgents(demand: AgentDemand, agents: readonly SchedulableAgent[]): AgentChoice {
  const serves = ({ id }: SchedulableAgent): boolean => demand.servedBy.includes(id);
  const usable = agents.filter((agent) => agent.usable && (serves(agent) || inZone(agent, demand)));
  const least = Math.min(...usable.map(({ unreached }) => unreached));
  const able = usable.filter(({ unreached }) => unreached === least);
  const serving = able.filter(serves).length;
  const candidates = able
    .filter((agent) => !serves(agent))
    .toSorted((a, b) => a.load - b.load || (a.id < b.id ? -1 : 1));
  const add = spread(candidates).slice(0, Math.max(0, demand.wanted - serving));
  const misplaced = usable.filter((agent) => serves(agent) && agent.unreached > least).map(({ id }) => id);
  const usableIds = new Set(usable.map(({ id }) => id));
  const lost = demand.servedBy.filter((id) => !usableIds.has(id));
  return { add, replace: [...(serving + add.length > 0 ? misplaced : []), ...lost.slice(0, add.length)] };
}

function inZone({ availability_zone }: SchedulableAgent, { availability_zone_hints }: AgentDemand): boolean {
  return (
    availability_zone_hints.length === 0 ||
    (availability_zone !== null && availability_zone_hints.includes(availability_zone))
  );
}

/** The same agents, taken from each zone in turn, so that not all fail with one zone. */
function spread(agents: readonly SchedulableAgent[]): readonly SchedulableAgent[] {
  const turns = new Map<string | null, number>();
  const ranked = agents.map((agent) => {
    const turn = turns.get(agent.availability_zone) ?? 0;
    turns.set(agent.availability_zone, turn + 1);
    return { agent, turn };
  });
  return ranked.toSorted((a, b) => a.turn - b.turn).map(({ agent }) => agent);
}
