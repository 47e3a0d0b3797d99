// Which L3 agent hosts a router. A router that has ports is hosted by one agent, and all its ports are bound to that
// agent's host, so that the host is told of their networks. Of a distributed router that is its centre, which it has when
// it leads outside; its interfaces are bound to no host in particular. One function makes that so, whatever happened: the
// router got its first port, an agent came, died or was taken away.

import { agent, type AgentRecord } from '@neutronium/model/resources/agent';
import { port } from '@neutronium/model/resources/port';
import { router, type RouterRecord } from '@neutronium/model/resources/router';
import { isAlive } from '#binding/host-agents';
import { canHostRouter, l3AgentType, l3ModeOf } from '#binding/l3-mode';
import type { Call } from '../resources/handlers.ts';
import { livenessOf, type PortParts } from '../resources/port/port-parts.ts';
import { updatePort } from '../resources/port/update-port.ts';
import { portsOfRouter } from '../resources/router/router-ports.ts';
import type { Reader, Writer } from '../store/store.ts';
import { chooseAgents, type SchedulableAgent } from './choose-agents.ts';
import {
  bindRouter,
  hostedRouterIds,
  hostingIds,
  routersPerAgent,
  routersWithout,
  unbindRouter,
} from './l3-bindings.ts';

export class L3Scheduler {
  readonly #parts: PortParts;

  constructor(parts: PortParts) {
    this.#parts = parts;
  }

  /** The host of the router's agent, which is chosen now unless it was before; empty while there is none to choose. */
  async hostFor({ store }: Call<Writer>, current: RouterRecord): Promise<string> {
    await store.lock(`agents of ${current.id}`);
    const [hosting] = await store.getMany(agent, await hostingIds(store, current.id));
    const fits = hosting !== undefined && canHostRouter(l3ModeOf(hosting), current);
    if (fits && !this.#isLost(hosting)) return hosting.host;
    const { default_availability_zones } = this.#parts.config.agents;
    const { availability_zone_hints: hints } = current;
    const demand = {
      availability_zone_hints: hints.length > 0 ? hints : default_availability_zones,
      servedBy: hosting === undefined ? [] : [hosting.id],
      wanted: 1,
    };
    const [chosen] = chooseAgents(demand, await this.#agents(store, current)).add;
    if (chosen === undefined && fits) return hosting.host;
    if (hosting !== undefined) await unbindRouter(store, current.id, hosting.id);
    if (chosen === undefined) return '';
    await bindRouter(store, current.id, chosen.id);
    return chosen.host;
  }

  /** Lets the router be hosted, if it has ports and an agent can host it, and binds its ports there. */
  async syncRouter(call: Call<Writer>, routerId: string): Promise<void> {
    const { store } = call;
    const current = await store.get(router, routerId);
    if (current === undefined) return;
    const ports = await portsOfRouter(store, routerId);
    const isHosted = ports.some(({ role }) => !current.distributed || role === 'gateway');
    if (isHosted) await this.#bindPorts(store, current, await this.hostFor(call, current));
    else for (const agentId of await hostingIds(store, routerId)) await unbindRouter(store, routerId, agentId);
  }

  /** Routers that an agent could host better than now. */
  async unhosted(store: Reader): Promise<readonly string[]> {
    const { router_auto_schedule, allow_automatic_l3agent_failover } = this.#parts.config.routers;
    const found: string[] = [];
    for (const distributed of [false, true]) {
      const usable = (await this.#agents(store, { distributed })).filter((each) => each.usable).map(({ id }) => id);
      if (usable.length === 0) continue;
      if (allow_automatic_l3agent_failover) found.push(...(await routersWithout(store, { distributed }, usable)));
      else if (router_auto_schedule) found.push(...(await routersWithout(store, { distributed }, 'any')));
    }
    return found;
  }

  /** Whether the agent may be given the router. */
  canHost(record: AgentRecord, current: Pick<RouterRecord, 'distributed'>): boolean {
    return record.admin_state_up && canHostRouter(l3ModeOf(record), current);
  }

  /** Lets `agentRecord` host the router, which no agent does. */
  async add({ store }: Call<Writer>, current: RouterRecord, agentRecord: AgentRecord): Promise<void> {
    await bindRouter(store, current.id, agentRecord.id);
    await this.#bindPorts(store, current, agentRecord.host);
  }

  /** Takes the router from the agent, and its ports from the host. Nothing when the agent does not host it. */
  async take({ store }: Call<Writer>, routerId: string, agentId: string): Promise<void> {
    await store.lock(`agents of ${routerId}`);
    if (!(await hostingIds(store, routerId)).includes(agentId)) return;
    await unbindRouter(store, routerId, agentId);
    const current = await store.get(router, routerId);
    if (current !== undefined) await this.#bindPorts(store, current, '');
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

  async #bindPorts(store: Writer, { id: routerId, distributed }: RouterRecord, host: string): Promise<void> {
    const ids = (await portsOfRouter(store, routerId))
      .filter(({ role }) => !distributed || role !== 'interface')
      .map(({ port_id }) => port_id);
    for (const current of await store.getMany(port, ids)) {
      if (current['binding:host_id'] !== host) {
        await updatePort(this.#parts, store, current, { 'binding:host_id': host });
      }
    }
  }

  /** The agents, usable where they can host such a router. */
  async #agents(store: Reader, wanted: Pick<RouterRecord, 'distributed'>): Promise<readonly SchedulableAgent[]> {
    const records = await store.list(agent, {
      where: [{ op: 'equals', attribute: 'agent_type', values: [l3AgentType] }],
    });
    const loads = await routersPerAgent(store);
    const liveness = livenessOf(this.#parts);
    return records.map((record) => ({
      id: record.id,
      host: record.host,
      availability_zone: record.availability_zone,
      usable: this.canHost(record, wanted) && isAlive(record, liveness),
      load: loads.get(record.id) ?? 0,
    }));
  }
}
