// The agents' end of the server: one WebSocket for each host, on the same port as the API. It lets in who shows the
// secret, sends each host its own view and hands on what hosts report.

import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { contractVersion } from '@neutronium/model/host-view';
import {
  closeCodes,
  type FloatingIpStatus,
  type HaRouterStatus,
  type Heartbeat,
  type Hello,
  type PortStatus,
} from '@neutronium/model/watch-protocol';
import { WebSocketServer, type WebSocket } from 'ws';
import type { AffectedKeys } from '../views/affected-keys.ts';
import type { TopologyFeed } from '../views/topology-feed.ts';
import { AgentConnection } from './agent-connection.ts';
import { AskedHost, type HostQuestions } from './host-questions.ts';
import type { LiveRevisions } from './live-revisions.ts';

const watchPath = '/agent/v1/watch';

/** Frames of agents are small; one of this size is no agent's. */
const maxFrameBytes = 8 * 1024 * 1024;

/** How long agents have to answer the server's goodbye. */
const goodbyeMs = 500;

/** What is done with the reports of hosts. */
export interface ReportSink {
  hello(hello: Hello): void;
  heartbeat(host: string, heartbeat: Heartbeat): void;
  portStatus(host: string, status: PortStatus): void;
  floatingIpStatus(host: string, status: FloatingIpStatus): void;
  haRouterStatus(host: string, status: HaRouterStatus): void;
}

export interface WatchServerParts {
  readonly feed: TopologyFeed;
  readonly reports: ReportSink;
  /** What agents show to be let in; null lets none in. */
  readonly secret: string | null;
  /** Told how far hosts have come. */
  readonly live: LiveRevisions;
  /** By which hosts are asked. */
  readonly questions: HostQuestions;
  readonly onProblem: (problem: unknown, host: string) => void;
}

export class WatchServer {
  readonly #parts: WatchServerParts;
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: maxFrameBytes });
  readonly #connections = new Map<string, AgentConnection>();
  readonly #unsubscribe: readonly (() => void)[];
  #detach: (() => void) | undefined;

  constructor(parts: WatchServerParts) {
    this.#parts = parts;
    this.#unsubscribe = [
      parts.feed.onChange((affected, revision) => this.#tellHosts(affected, revision)),
      // 1012 "service restart" (IANA's WebSocket close codes): agents come back, and begin with a snapshot.
      parts.feed.onReload(() => {
        for (const connection of this.#connections.values()) connection.end(1012, 'the server has begun anew');
      }),
    ];
    parts.live.follow(() => ({
      revision: parts.feed.revision,
      connected: new Map([...this.#connections].map(([host, connection]) => [host, connection.appliedRevision])),
      hosts: parts.feed.topology.hosts,
    }));
  }

  /** Takes the upgrade requests of `server`. */
  attach(server: HttpServer): void {
    const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
      this.#upgrade(request, socket, head);
    };
    server.on('upgrade', onUpgrade);
    this.#detach = () => server.off('upgrade', onUpgrade);
  }

  /** Hosts that are connected now. */
  get hosts(): readonly string[] {
    return [...this.#connections.keys()];
  }

  /** Says goodbye to all agents, and ends what does not answer soon. */
  async close(): Promise<void> {
    this.#detach?.();
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    const clients = [...this.#sockets.clients];
    const gone = clients.map((client) => once(client, 'close'));
    // 1001 "going away" (RFC 6455 section 7.4.1): agents come back by themselves.
    for (const client of clients) client.close(1001, 'the server stops');
    const impatience = setTimeout(() => {
      for (const client of clients) client.terminate();
    }, goodbyeMs);
    await Promise.all(gone);
    clearTimeout(impatience);
    this.#sockets.close();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (pathname !== watchPath) return refuse(socket, '404 Not Found');
    if (!this.#isLetIn(request.headers.authorization)) return refuse(socket, '401 Unauthorized');
    this.#sockets.handleUpgrade(request, socket, head, (accepted) => this.#accept(accepted));
  }

  #isLetIn(authorization: string | undefined): boolean {
    const { secret } = this.#parts;
    if (secret === null || authorization === undefined) return false;
    // Digests have one length, so that the comparison's time says nothing about the secret.
    return timingSafeEqual(digest(authorization), digest(`Bearer ${secret}`));
  }

  #accept(socket: WebSocket): void {
    const asked = new AskedHost((question) => connection.ask(question));
    const connection: AgentConnection = new AgentConnection({
      socket,
      feed: this.#parts.feed,
      onHello: (hello) => {
        const isAdmitted = this.#admit(connection, hello);
        if (isAdmitted) this.#parts.questions.connected(hello.host, asked);
        return isAdmitted;
      },
      onReply: (reply) => asked.take(reply),
      onHeartbeat: (host, heartbeat) => this.#parts.reports.heartbeat(host, heartbeat),
      onPortStatus: (host, status) => this.#parts.reports.portStatus(host, status),
      onFloatingIpStatus: (host, status) => this.#parts.reports.floatingIpStatus(host, status),
      onHaRouterStatus: (host, status) => this.#parts.reports.haRouterStatus(host, status),
      onProblem: (problem, host) => this.#parts.onProblem(problem, host),
      onAck: () => this.#parts.live.moved(),
      onEnd: (host) => {
        this.#parts.questions.left(host, asked);
        if (this.#connections.get(host) !== connection) return;
        this.#connections.delete(host);
        this.#parts.live.left(host, connection.appliedRevision);
      },
    });
  }

  #admit(connection: AgentConnection, hello: Hello): boolean {
    if (hello.contract !== contractVersion) {
      connection.end(closeCodes.wrongContract, `this server speaks contract ${contractVersion}`);
      return false;
    }
    this.#connections.get(hello.host)?.end(closeCodes.replaced, 'the host has connected anew');
    this.#connections.set(hello.host, connection);
    this.#parts.reports.hello(hello);
    return true;
  }

  #tellHosts(affected: readonly AffectedKeys[], revision: number): void {
    const hosts = new Set<string>();
    for (const keys of affected) {
      for (const host of keys.hosts) {
        this.#connections.get(host)?.add(keys.of(host));
        hosts.add(host);
      }
    }
    for (const host of hosts) {
      this.#parts.live.concerns(host, revision);
      this.#connections.get(host)?.flush();
    }
    this.#parts.live.moved();
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
