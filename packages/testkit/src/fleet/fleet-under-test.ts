// One server that a fleet watches: a filled cloud, all agents in step, and changes that are made through the API and
// timed until the last host that they concern holds them.

import { join } from 'node:path';
import { openStore } from '@neutronium/server/store/open-store';
import { ServerProcess, testAgentSecret } from '#server-process';
import { fillCloud, fleetHosts, type FleetNetwork, type FleetSize } from './fleet-cloud.ts';
import { SimulatedFleet } from './simulated-fleet.ts';

const settings = { 'auth.mode': 'noauth', 'quotas.default_quota': '-1', 'log.level': 'error' };

/** How long one kind of change took, in milliseconds from the start of the request. */
export interface ChangeTime {
  readonly kind: 'port created' | 'rule created' | 'port removed';
  readonly informedMs: number;
}

/** One object under its kind's name, or nothing. */
type Made = Readonly<Record<string, { readonly id: string } | undefined>>;

export class FleetUnderTest implements AsyncDisposable {
  readonly server: ServerProcess;
  readonly fleet: SimulatedFleet;
  readonly networks: readonly FleetNetwork[];

  private constructor(parts: {
    readonly server: ServerProcess;
    readonly fleet: SimulatedFleet;
    readonly networks: readonly FleetNetwork[];
  }) {
    this.server = parts.server;
    this.fleet = parts.fleet;
    this.networks = parts.networks;
  }

  /** Resolves when all agents have their views. */
  static async start(size: FleetSize): Promise<FleetUnderTest> {
    const server = await ServerProcess.start({ settings });
    await server.stop();
    const store = await openStore(`sqlite:${join(server.folder, 'neutronium.db')}`);
    const networks = await fillCloud(store, size);
    await store.close();
    await server.resume();
    const fleet = new SimulatedFleet({ server: server.url, secret: testAgentSecret, hosts: fleetHosts(size) });
    await fleet.allInStep();
    return new FleetUnderTest({ server, fleet, networks });
  }

  /** A port that comes, a rule of its group, and the port that goes: each once all hosts concerned hold the one before. */
  async change({ id: network_id, projectId, groupId, hosts }: FleetNetwork): Promise<readonly ChangeTime[]> {
    const host = hosts[0] ?? '';
    const created = await this.#timed(
      { method: 'POST', path: '/v2.0/ports', projectId },
      { port: { network_id, security_groups: [groupId], device_owner: 'compute:nova', 'binding:host_id': host } },
    );
    const portId = created.made['port']?.id ?? '';
    const portIsThere = await this.fleet.informed(
      hosts,
      (view) => (view.ports.has(portId) || view.remote_ports.has(portId)) && hasMember(view, groupId, portId),
    );
    const rule = await this.#timed(
      { method: 'POST', path: '/v2.0/security-group-rules', projectId },
      { security_group_rule: { security_group_id: groupId, direction: 'ingress', protocol: 'tcp', ...unusedPort() } },
    );
    const ruleId = rule.made['security_group_rule']?.id ?? '';
    const ruleIsThere = await this.fleet.informed(
      hosts,
      (view) => view.security_groups.get(groupId)?.rules.some(({ id }) => id === ruleId) === true,
    );
    const removed = await this.#timed({ method: 'DELETE', path: `/v2.0/ports/${portId}`, projectId });
    const portIsGone = await this.fleet.informed(
      hosts,
      (view) => !view.ports.has(portId) && !view.remote_ports.has(portId) && !hasMember(view, groupId, portId),
    );
    return [
      { kind: 'port created', informedMs: portIsThere - created.startedAt },
      { kind: 'rule created', informedMs: ruleIsThere - rule.startedAt },
      { kind: 'port removed', informedMs: portIsGone - removed.startedAt },
    ];
  }

  /** Kills the server and starts it again; milliseconds from its start until all agents are in step. */
  async restart(): Promise<number> {
    await this.server.kill();
    const startedAt = performance.now();
    await this.server.resume();
    await this.fleet.allInStep();
    return performance.now() - startedAt;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.fleet[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
  }

  async #timed(
    { method, path, projectId }: { readonly method: string; readonly path: string; readonly projectId: string },
    body?: unknown,
  ): Promise<{ readonly startedAt: number; readonly made: Made }> {
    const startedAt = performance.now();
    const response = await fetch(`${this.server.url}${path}`, {
      method,
      headers: { 'x-user-id': 'bench', 'x-project-id': projectId, 'x-roles': 'admin,member,reader' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    // An object of one kind, as the API promises; a removal says nothing.
    return { startedAt, made: (text === '' ? {} : JSON.parse(text)) as Made };
  }
}

let lastPort = 0;

/** No two rules of a group may be alike. */
function unusedPort(): { readonly port_range_min: number; readonly port_range_max: number } {
  lastPort = (lastPort % 65_535) + 1;
  return { port_range_min: lastPort, port_range_max: lastPort };
}

function hasMember(
  view: { readonly address_set_members: ReadonlyMap<string, unknown> },
  groupId: string,
  portId: string,
): boolean {
  return view.address_set_members.has(`${groupId}/${portId}`);
}
