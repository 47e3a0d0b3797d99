// Everything that the agents on hosts talk to: their views, the connections, and what becomes of their reports.

import { readFile } from 'node:fs/promises';
import type { Server as HttpServer } from 'node:http';
import type { FastifyBaseLogger } from 'fastify';
import { BadConfiguration } from './config/load.ts';
import type { Call } from './resources/handlers.ts';
import { placesOfHost, settleAgentGateways } from './resources/floatingip/agent-gateways.ts';
import type { PortParts } from './resources/port/port-parts.ts';
import { bindAgain, portsToBindAgain } from './scheduling/bind-again.ts';
import type { DhcpScheduler } from './scheduling/dhcp.ts';
import type { L3Scheduler } from './scheduling/l3.ts';
import type { Listeners } from './store/listeners.ts';
import type { Store, Writer } from './store/store.ts';
import { LogKeeper } from './upkeep/log-keeper.ts';
import { Upkeep } from './upkeep/upkeep.ts';
import { TopologyFeed } from './views/topology-feed.ts';
import type { HostQuestions } from './watch/host-questions.ts';
import type { LiveRevisions } from './watch/live-revisions.ts';
import { WatchServer } from './watch/watch-server.ts';

export interface HostServiceParts {
  readonly store: Store;
  readonly ports: PortParts;
  readonly dhcp: DhcpScheduler;
  readonly l3: L3Scheduler;
  /** Says that agents have been enabled, disabled or removed. */
  readonly agentChanges: Pick<Listeners, 'add'>;
  /** Told how far hosts have come. */
  readonly live: LiveRevisions;
  /** By which hosts are asked. */
  readonly questions: HostQuestions;
  /** Where agents connect, on the path of the watch protocol. */
  readonly httpServer: HttpServer;
  readonly logger: FastifyBaseLogger;
}

/** Starts to serve agents; gives back what ends it, which must come before the end of the HTTP server. */
export async function startHostService({
  store,
  ports,
  dhcp,
  l3,
  agentChanges,
  live,
  questions,
  httpServer,
  logger,
}: HostServiceParts): Promise<() => Promise<void>> {
  const { agent_down_time, secret_file } = ports.config.agents;
  const secret = secret_file === null ? null : await readSecret(secret_file);
  const feed = new TopologyFeed({
    store,
    dnsDomain: ports.config.ports.dns_domain,
    onProblem: (error) => logger.error({ err: error }, 'reading the change log'),
  });
  const upkeep = new Upkeep({
    store,
    now: ports.now,
    agentDownTime: agent_down_time,
    dvrMacs: { base: ports.config.routers.dvr_base_mac, random: ports.random },
    findChores: async (reader, arrived) => [
      ...(await dhcp.unsettled(reader)).map((id) => ({
        what: `scheduling the DHCP of network ${id}`,
        run: (call: Call<Writer>) => dhcp.syncNetwork(call, id),
      })),
      ...(await l3.unhosted(reader)).map((id) => ({
        what: `scheduling router ${id}`,
        run: (call: Call<Writer>) => l3.syncRouter(call, id),
      })),
      ...arrived.map((host) => ({
        what: `the ways outside of ${host}`,
        run: async ({ store: writer }: Call<Writer>) =>
          settleAgentGateways(ports, writer, await placesOfHost(writer, host)),
      })),
      ...(await portsToBindAgain(reader, arrived)).map((id) => ({
        what: `binding port ${id} again`,
        run: (call: Call<Writer>) => bindAgain(ports, call, id),
      })),
    ],
    hasPort: (host, id) => feed.topology.hasPort(host, id),
    onHaState: (call, report) => l3.follow(call, report),
    onDrift: (host, drift) => logger.warn({ host, drift }, 'the host has repaired what something else had changed'),
    onSilentPort: (host, { id, state, why }) => logger.info({ host, port: id, state, why }, 'a port forwards nothing'),
    onProblem: (error) => logger.error({ err: error }, 'taking in the reports of hosts'),
  });
  const log = new LogKeeper({
    store,
    now: ports.now,
    history: ports.config.history,
    onProblem: (error) => logger.error({ err: error }, 'keeping the change log short'),
  });
  const endOfAgentChanges = agentChanges.add(() => upkeep.look());
  const watch = new WatchServer({
    feed,
    reports: upkeep,
    secret,
    live,
    questions,
    onProblem: (problem, host) => logger.warn({ err: problem, host }, 'the connection of an agent'),
  });
  // An agent that comes before the views are there waits for them instead of being turned away.
  watch.attach(httpServer);
  await feed.start();
  // What the log lost while no server ran is due now; nobody waits for it.
  void log.look();
  return async () => {
    await watch.close();
    endOfAgentChanges();
    await upkeep.stop();
    await log.stop();
    await feed.stop();
  };
}

async function readSecret(path: string): Promise<string> {
  const secret = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new BadConfiguration([`agents.secret_file: ${path} cannot be read: ${String(cause)}`]);
  });
  if (secret.trim() === '') throw new BadConfiguration([`agents.secret_file: ${path} is empty`]);
  return secret.trim();
}
