// The server's side that faces the hosts: what each must know, the streams that tell them, and what they report.

import { readFile } from 'node:fs/promises';
import type { Server as HttpServer } from 'node:http';
import type { FastifyBaseLogger } from 'fastify';
import { BadConfiguration } from './config/load.ts';
import type { ServerConfig } from './config/server-settings.ts';
import type { DhcpScheduler } from './scheduling/dhcp.ts';
import type { Store } from './store/store.ts';
import { Upkeep } from './upkeep/upkeep.ts';
import { TopologyFeed } from './views/topology-feed.ts';
import { WatchServer } from './watch/watch-server.ts';

export interface HostsParts {
  readonly config: ServerConfig;
  readonly store: Store;
  readonly dhcp: DhcpScheduler;
  readonly http: HttpServer;
  readonly now: () => Date;
  readonly logger: FastifyBaseLogger;
}

/** Lets the agents of hosts in, as soon as their views are computed. Disposing of the result sends them away. */
export async function serveHosts(parts: HostsParts): Promise<AsyncDisposable> {
  const { config, store, dhcp, http, now, logger } = parts;
  await using opened = new AsyncDisposableStack();
  const secret = await readAgentSecret(config.agents.secret_file);

  const feed = new TopologyFeed({
    store,
    dnsDomain: config.ports.dns_domain,
    onProblem: (error) => logger.error({ err: error }, 'following the change log'),
  });
  opened.defer(() => feed.stop());
  const upkeep = new Upkeep({
    store,
    now,
    agentDownTime: config.agents.agent_down_time,
    reschedule: (call) => dhcp.syncAll(call),
    onDrift: (host, drift) => logger.warn({ host, drift }, 'a host had to repair what something else had changed'),
    onProblem: (error) => logger.error({ err: error }, 'taking in what hosts report'),
  });
  opened.defer(() => upkeep.stop());

  await feed.start();
  const watch = new WatchServer({
    feed,
    reports: upkeep,
    secret,
    onProblem: (problem, host) => logger.warn({ err: problem, host }, 'the stream of a host'),
  });
  opened.defer(() => watch.close());
  watch.attach(http);
  return opened.move();
}

async function readAgentSecret(path: string | null): Promise<string | null> {
  if (path === null) return null;
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new BadConfiguration([
      `agents.secret_file: reading ${path}: ${cause instanceof Error ? cause.message : String(cause)}`,
    ]);
  });
  const secret = text.trim();
  if (secret === '') throw new BadConfiguration([`agents.secret_file: ${path} is empty`]);
  return secret;
}
