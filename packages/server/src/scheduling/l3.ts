// Which L3 agents host a router. A router that has ports is hosted by one agent, and all its ports are bound to that
// agent's host, so that the host is told of their networks; a highly available one is hosted by several, ports or not
// (ha-routers.ts). Of a distributed router the agent hosts the centre, which it has when it leads outside; its interfaces
// are bound to no host in particular. Only agents count whose hosts reach what others do of the router's networks
// (router-reach.ts): Neutron looks at nothing of that, and leaves a router where its gateway cannot be wired. One function
// makes that so, whatever happened: the router got its first port, an agent came, died or was taken away.

import { agent, type AgentRecord } from '@neutronium/model/resources/agent';
import { port } from '@neutronium/model/resources/port';
import { router, type RouterRecord } from '@neutronium/model/resources/router';
import type { HaState } from '@neutronium/model/watch-protocol';
import { invariant } from '@neutronium/net/invariant';
import { isAlive } from '#binding/host-agents';
import { canHostRouter, l3AgentType, l3ModeOf } from '#binding/l3-mode';
import type { Call } from '../resources/handlers.ts';
import { livenessOf, type PortParts } from '../resources/port/port-parts.ts';
import { updatePort } from '../resources/port/update-port.ts';
import { portsOfRouter } from '../resources/router/router-ports.ts';
import type { Reader, Writer } from '../store/store.ts';
import { chooseAgents, type AgentChoice, type SchedulableAgent } from './choose-agents.ts';
import {
  agentRecords,
  agentsOfHaRouters,
  joinAgent,
  noteState,
  partAgent,
  shownStates,
  standingAgents,
  type StandingAgent,
} from './ha-routers.ts';
import {
  bindRouter,
  hostedRouterIds,
  hostingIds,
  hostingIdsOf,
  isWiredOn,
  routersPerAgent,
  routersWithout,
  unbindRouter,
} from './l3-bindings.ts';
import { routersOutOfReach, unreachedPlaces, type RouterPlace } from './router-reach.ts';
import { ensureVirtualRouter, releaseVirtualRouter } from './virtual-routers.ts';

export class L3Scheduler {
  readonly #parts: PortParts;

  constructor(parts: PortParts) {
    this.#parts = parts;
  }

  /**
   * The host of the router's agent, which is chosen now unless it was before; empty while there is none to choose. An
   * agent whose host does not reach the places that the router has, or that are `coming`, gives way to one whose does.
   */
  async hostFor({ store }: Call<Writer>, current: RouterRecord, coming: readonly RouterPlace[] = []): Promise<string> {
    await store.lock(`agents of ${current.id}`);
    if (current.ha) {
      if (coming.length > 0) await this.#syncAgents(store, current, coming);
      return this.#activeHost(store, current.id);
    }
    const [hosting] = await store.getMany(agent, await hostingIds(store, current.id));
    const fits = hosting !== undefined && canHostRouter(l3ModeOf(hosting), current);
    const stays = fits && !this.#isLost(hosting);
    const routerIds = [current.id];
    if (stays) {
      const unreached = await unreachedPlaces(store, { routerIds, coming, hosts: [hosting.host] });
      if (unreached(current.id, hosting.host) === 0) return hosting.host;
    }
    const { hosts, schedulable } = await this.#agents(store);
    const unreached = await unreachedPlaces(store, { routerIds, coming, hosts });
    const agents = schedulable(current, (host) => unreached(current.id, host));
    const servedBy = hosting === undefined ? [] : [hosting.id];
    const demand = { availability_zone_hints: this.#zonesFor(current), servedBy, wanted: 1 };
    const [chosen] = chooseAgents(demand, stays ? keeping(agents, servedBy) : agents).add;
    if (chosen === undefined && fits) return hosting.host;
    if (hosting !== undefined) await unbindRouter(store, current.id, hosting.id);
    if (chosen === undefined) return '';
    await bindRouter(store, current.id, chosen.id);
    if (hosting !== undefined) await this.#bindPorts(store, current, chosen.host);
    return chosen.host;
  }

  /** Lets the router be hosted, if it has ports and an agent can host it, and binds its ports there. */
  async syncRouter(call: Call<Writer>, routerId: string): Promise<void> {
    const { store } = call;
    const current = await store.get(router, routerId);
    if (current === undefined) return;
    if (current.ha) {
      await this.#syncAgents(store, current, []);
      return;
    }
    const ports = await portsOfRouter(store, routerId);
    const isHosted = ports.some(({ role }) => !current.distributed || role === 'gateway');
    if (isHosted) await this.#bindPorts(store, current, await this.hostFor(call, current));
    // A centre is there for ways out. A whole router that somebody has given to an agent stays with it, ports or not.
    if (isHosted || !current.distributed) return;
    for (const agentId of await hostingIds(store, routerId)) await unbindRouter(store, routerId, agentId);
  }

  /** Lets the router have no agent, no port on a network of agents, and its ports bound to no host. */
  async dismiss({ store }: Call<Writer>, current: RouterRecord): Promise<void> {
    await store.lock(`agents of ${current.id}`);
    for (const each of await agentRecords(store, await standingAgents(store, current.id))) {
      await partAgent(store, current.id, each);
    }
    await this.#bindPorts(store, current, '');
    await releaseVirtualRouter(store, current);
  }

  /** A host says that its agent is active for the router, or stands by. */
  async follow(
    { store }: Call<Writer>,
    report: { readonly routerId: string; readonly host: string; readonly state: HaState },
  ): Promise<void> {
    await store.lock(`agents of ${report.routerId}`);
    if (!(await noteState(store, report)) || report.state !== 'active') return;
    const current = await store.get(router, report.routerId);
    if (current !== undefined) await this.#bindPorts(store, current, report.host);
  }

  /** What each agent that hosts the router is to it, by the agent's id; null where only one does. */
  async statesOf(store: Reader, { id, ha }: RouterRecord): Promise<ReadonlyMap<string, HaState | 'unknown' | null>> {
    const standing = await standingAgents(store, id);
    if (!ha) return new Map(standing.map(({ agent_id }) => [agent_id, null]));
    const liveness = livenessOf(this.#parts);
    const alive = new Set(
      (await agentRecords(store, standing)).filter((each) => isAlive(each, liveness)).map((each) => each.id),
    );
    return shownStates(standing, (agentId) => alive.has(agentId));
  }

  /** Routers that an agent could host better than now. */
  async unhosted(store: Reader): Promise<readonly string[]> {
    const { router_auto_schedule, allow_automatic_l3agent_failover } = this.#parts.config.routers;
    const agents = await this.#agents(store);
    const found: string[] = router_auto_schedule ? [...(await this.#misplaced(store, agents))] : [];
    for (const distributed of [false, true]) {
      const usable = agents
        .schedulable({ distributed })
        .filter((each) => each.usable)
        .map(({ id }) => id);
      if (usable.length === 0) continue;
      if (router_auto_schedule) found.push(...(await this.#understaffed(store, { distributed }, agents)));
      if (allow_automatic_l3agent_failover) found.push(...(await routersWithout(store, { distributed }, usable)));
      else if (router_auto_schedule) found.push(...(await routersWithout(store, { distributed }, 'any')));
    }
    return found;
  }

  /** Whether the agent may be given the router. */
  canHost(record: AgentRecord, current: Pick<RouterRecord, 'distributed'>): boolean {
    return record.admin_state_up && canHostRouter(l3ModeOf(record), current);
  }

  /** Lets `agentRecord` host the router, which no agent does, or which is highly available. */
  async add({ store }: Call<Writer>, current: RouterRecord, agentRecord: AgentRecord): Promise<void> {
    if (current.ha) {
      await joinAgent(this.#parts, store, current, agentRecord);
      return;
    }
    await bindRouter(store, current.id, agentRecord.id);
    await this.#bindPorts(store, current, agentRecord.host);
  }

  /** Takes the router from the agent, and its ports from the host. Nothing when the agent does not host it. */
  async take({ store }: Call<Writer>, routerId: string, agentId: string): Promise<void> {
    await store.lock(`agents of ${routerId}`);
    if (!(await hostingIds(store, routerId)).includes(agentId)) return;
    const [of] = await store.getMany(agent, [agentId]);
    invariant(of !== undefined, 'an agent that hosts a router exists');
    await partAgent(store, routerId, of);
    const current = await store.get(router, routerId);
    if (current !== undefined) await this.#bindPorts(store, current, await this.#activeHost(store, routerId));
  }

  /** Takes all routers from an agent that is about to be forgotten, and gives them to others. */
  async withdraw(call: Call<Writer>, agentId: string): Promise<readonly string[]> {
    const routerIds = await hostedRouterIds(call.store, agentId);
    for (const routerId of routerIds) await this.take(call, routerId, agentId);
    return routerIds;
  }

  /** A router is taken from a dead agent only where the operator wants that: the host may still forward. */
  #isLost(record: AgentRecord): boolean {
    return (
      this.#parts.config.routers.allow_automatic_l3agent_failover &&
      record.admin_state_up &&
      !isAlive(record, livenessOf(this.#parts))
    );
  }

  /** Gives a highly available router as many agents as it is to have. */
  async #syncAgents(store: Writer, current: RouterRecord, coming: readonly RouterPlace[]): Promise<void> {
    await store.lock(`agents of ${current.id}`);
    await ensureVirtualRouter(this.#parts, store, current);
    const standing = await this.#partUnfit(store, current);
    const { hosts, schedulable } = await this.#agents(store);
    const unreached = await unreachedPlaces(store, { routerIds: [current.id], coming, hosts });
    const { add, replace } = this.#choice(
      current,
      standing.map(({ agent_id }) => agent_id),
      schedulable(current, (host) => unreached(current.id, host)),
    );
    for (const each of standing) {
      if (!replace.includes(each.agent_id)) continue;
      await partAgent(store, current.id, { id: each.agent_id, host: each.host });
    }
    for (const each of add) await joinAgent(this.#parts, store, current, each);
    if (replace.length > 0) await this.#bindPorts(store, current, await this.#activeHost(store, current.id));
  }

  /** The agents that host the router once those have been parted from it that cannot host what it has become. */
  async #partUnfit(store: Writer, current: RouterRecord): Promise<readonly StandingAgent[]> {
    const standing = await standingAgents(store, current.id);
    const records = await agentRecords(store, standing);
    const unfit = records.filter((each) => !canHostRouter(l3ModeOf(each), current));
    for (const each of unfit) await partAgent(store, current.id, each);
    return standing.filter(({ agent_id }) => !unfit.some(({ id }) => id === agent_id));
  }

  /** Highly available routers that more agents could host, or better ones. */
  async #understaffed(
    store: Reader,
    wanted: Pick<RouterRecord, 'distributed'>,
    { hosts, schedulable }: L3Agents,
  ): Promise<readonly string[]> {
    const hosting = await agentsOfHaRouters(store, wanted);
    if (hosting.size === 0) return [];
    const records = await store.getMany(router, [...hosting.keys()]);
    const unreached = await unreachedPlaces(store, { routerIds: [...hosting.keys()], hosts });
    return records
      .filter((each) => {
        const agents = schedulable(each, (host) => unreached(each.id, host));
        const { add, replace } = this.#choice(each, hosting.get(each.id) ?? [], agents);
        return add.length + replace.length > 0;
      })
      .map(({ id }) => id);
  }

  /** Other routers with a port that cannot be wired where they are and can be elsewhere. */
  async #misplaced(store: Reader, { hosts, schedulable }: L3Agents): Promise<readonly string[]> {
    const found = await store.getMany(router, await routersOutOfReach(store));
    const records = found.filter(({ ha }) => !ha);
    const routerIds = records.map(({ id }) => id);
    const unreached = await unreachedPlaces(store, { routerIds, hosts });
    const hosting = await hostingIdsOf(store, routerIds);
    return routerIds.filter((id, index) => {
      const record = records[index];
      const servedBy = hosting.get(id) ?? [];
      if (record === undefined || servedBy.length === 0) return false;
      const agents = schedulable(record, (host) => unreached(id, host));
      const demand = { availability_zone_hints: this.#zonesFor(record), servedBy, wanted: 1 };
      return chooseAgents(demand, keeping(agents, servedBy)).add.length > 0;
    });
  }

  /** An agent that is dead keeps its place unless routers are to be taken from such: its host may still forward. */
  #choice(current: RouterRecord, servedBy: readonly string[], agents: readonly SchedulableAgent[]): AgentChoice {
    const { max_l3_agents_per_router: most, allow_automatic_l3agent_failover: replaces } = this.#parts.config.routers;
    const wanted = most === 0 ? agents.length : most;
    const demand = { availability_zone_hints: this.#zonesFor(current), servedBy, wanted };
    if (replaces) return chooseAgents(demand, agents);
    return chooseAgents(demand, keeping(agents, servedBy));
  }

  /** The host whose agent is active for the router; of several the one whose agent was heard last. */
  async #activeHost(store: Reader, routerId: string): Promise<string> {
    const active = (await standingAgents(store, routerId)).filter(({ ha_state }) => ha_state === 'active');
    const records = await agentRecords(store, active);
    return records.toSorted((a, b) => (a.heartbeat_timestamp < b.heartbeat_timestamp ? 1 : -1))[0]?.host ?? '';
  }

  #zonesFor({ availability_zone_hints: hints }: RouterRecord): readonly string[] {
    return hints.length > 0 ? hints : this.#parts.config.agents.default_availability_zones;
  }

  /** All ports of the router but those that agents have of their own, and those that are on every host that needs them. */
  async #bindPorts(store: Writer, { id, distributed }: RouterRecord, host: string): Promise<void> {
    const ids = (await portsOfRouter(store, id))
      .filter(({ role }) => role !== 'ha' && !(distributed && role === 'interface'))
      .map(({ port_id }) => port_id);
    for (const current of await store.getMany(port, ids)) {
      if (current['binding:host_id'] !== host) {
        await updatePort(this.#parts, store, current, { 'binding:host_id': host });
        // Agents that stand by have the port wired beforehand.
        if (await isWiredOn(store, current.id, host)) await store.update(port, current.id, { status: 'ACTIVE' });
      }
    }
  }

  async #agents(store: Reader): Promise<L3Agents> {
    const records = await store.list(agent, {
      where: [{ op: 'equals', attribute: 'agent_type', values: [l3AgentType] }],
    });
    const loads = await routersPerAgent(store);
    const liveness = livenessOf(this.#parts);
    return {
      hosts: records.map(({ host }) => host),
      schedulable: (wanted, unreachedOn = () => 0) =>
        records
          .filter((record) => canHostRouter(l3ModeOf(record), wanted))
          .map((record) => {
            const unreached = unreachedOn(record.host);
            return {
              id: record.id,
              host: record.host,
              availability_zone: record.availability_zone,
              usable: record.admin_state_up && isAlive(record, liveness) && Number.isFinite(unreached),
              load: loads.get(record.id) ?? 0,
              unreached,
            };
          }),
    };
  }
}

interface L3Agents {
  readonly hosts: readonly string[];
  /** The agents that can host such a router, of whose places each host leaves some unreached. */
  readonly schedulable: (
    wanted: Pick<RouterRecord, 'distributed'>,
    unreachedOn?: (host: string) => number,
  ) => readonly SchedulableAgent[];
}

/** The same agents, of which those that serve may go on, dead or not. */
function keeping(agents: readonly SchedulableAgent[], servedBy: readonly string[]): readonly SchedulableAgent[] {
  return agents.map((each) => (servedBy.includes(each.id) ? { ...each, usable: true } : each));
}
