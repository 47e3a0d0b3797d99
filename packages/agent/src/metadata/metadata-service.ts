// The metadata agent: answers the proxies in this host's namespaces for as long as the agent runs.

import { metadataSocket, proxyUser } from '@neutronium/dataplane/services/metadata-proxy';
import type { HostView } from '@neutronium/model/host-view';
import type { Logger } from 'pino';
import { Backoff } from '#effects/backoff';
import { sleep } from '#effects/clock';
import type { Clock } from '#effects/clock';
import type { Exec } from '#effects/exec';
import { SocketServer } from '#effects/socket-server';
import { InstanceDirectory } from './instance-directory.ts';
import { connectionsTo } from './nova.ts';
import { relay } from './relay.ts';
import type { RelayParts } from './relay.ts';

export interface MetadataServiceParts {
  readonly stateDir: string;
  readonly secret: string;
  readonly nova: RelayParts['nova'];
  /** Null until the server has sent the view. */
  readonly view: () => HostView | null;
  readonly exec: Exec;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

/** Less than what the proxies wait (32 s), so that they have an answer to pass on. */
const novaTimeoutMs = 30_000;
/** To Nova, at a time; further requests wait. */
const mostConnections = 256;
const lookEveryMs = 2_000;
const pauses = { firstMs: 100, lastMs: 10_000 } as const;

/** Runs until `signal` is aborted. A socket that cannot be opened, or that somebody takes away, is opened again. */
export async function runMetadataService(parts: MetadataServiceParts, signal: AbortSignal): Promise<void> {
  const { exec, clock, log } = parts;
  const connections = connectionsTo(parts.nova, mostConnections);
  const answer: RelayParts = {
    directory: new InstanceDirectory(parts.view),
    secret: parts.secret,
    nova: parts.nova,
    connections,
    timeoutMs: novaTimeoutMs,
    events: {
      onRefused: (why) => log.debug({ why }, 'a request for metadata was refused'),
      onTrouble({ error, ...trouble }) {
        log.warn({ ...trouble, ...(error !== undefined && { err: error }) }, 'a request for metadata was not answered');
      },
    },
  };
  const path = metadataSocket(parts.stateDir);
  const backoff = new Backoff({ ...pauses, fraction: parts.random });
  while (!signal.aborted) {
    try {
      await using server = await SocketServer.listen({
        path,
        group: proxyUser,
        handle: (request, response) => void relay(answer, request, response),
        exec,
      });
      backoff.reset();
      while (await server.isReachable()) await sleep(clock, lookEveryMs, signal);
      log.warn({ path }, 'somebody has taken the socket of the metadata service; opening it again');
    } catch (error) {
      if (signal.aborted) break;
      const pauseMs = backoff.nextMs();
      log.error({ err: error, pauseMs }, 'the metadata service cannot open its socket');
      await sleep(clock, pauseMs, signal).catch(() => undefined);
    }
  }
  connections.destroy();
}
