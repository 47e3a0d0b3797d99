// One connection of one agent: its hello, what it is sent, what it says, and its end.

import type {
  FloatingIpStatus,
  HaRouterStatus,
  Heartbeat,
  Hello,
  PortStatus,
  Question,
  Reply,
} from '@neutronium/model/watch-protocol';
import { closeCodes } from '@neutronium/model/watch-protocol';
import type { ObjectKey } from '@neutronium/model/host-view';
import type { RawData, WebSocket } from 'ws';
import type { TopologyFeed } from '../views/topology-feed.ts';
import { HostStream, type ViewSource } from './host-stream.ts';
import { parseAgentMessage } from './parse-agent-message.ts';

const connectionTimes = {
  /** Within this the first frame must come. */
  helloMs: 10_000,
  /** How often a silent connection is asked whether it is still there; one that does not answer until the next is ended. */
  pingMs: 30_000,
  /** Between two frames to a host that is behind. */
  pauseMs: 1_000,
  /** A connection whose buffer stays full for so long is ended: the agent can begin anew with a snapshot. */
  tooSlowMs: 60_000,
} as const;

export interface AgentConnectionParts {
  readonly socket: WebSocket;
  readonly feed: TopologyFeed;
  /** False when the agent was turned away. */
  readonly onHello: (hello: Hello) => boolean;
  readonly onHeartbeat: (host: string, heartbeat: Heartbeat) => void;
  readonly onPortStatus: (host: string, status: PortStatus) => void;
  readonly onFloatingIpStatus: (host: string, status: FloatingIpStatus) => void;
  readonly onHaRouterStatus: (host: string, status: HaRouterStatus) => void;
  readonly onReply: (reply: Reply) => void;
  readonly onProblem: (problem: unknown, host: string) => void;
  /** The host has applied more than before. */
  readonly onAck: () => void;
  readonly onEnd: (host: string) => void;
}

export class AgentConnection {
  readonly #parts: AgentConnectionParts;
  readonly #helloTimer: NodeJS.Timeout;
  readonly #pingTimer: NodeJS.Timeout;
  #pauseTimer: NodeJS.Timeout | undefined;
  #host = '';
  #stream: HostStream | undefined;
  /** Until the first frame is decided upon, changes only wait. */
  #streaming = false;
  #heard = true;
  #fullSince: number | undefined;

  constructor(parts: AgentConnectionParts) {
    this.#parts = parts;
    const { socket } = parts;
    this.#helloTimer = setTimeout(() => this.end(closeCodes.refused, 'no hello came'), connectionTimes.helloMs);
    this.#pingTimer = setInterval(() => this.#ping(), connectionTimes.pingMs);
    socket.on('message', (data, isBinary) => this.#take(data, isBinary));
    socket.on('pong', () => {
      this.#heard = true;
    });
    socket.on('error', (error) => parts.onProblem(error, this.#host));
    socket.on('close', () => this.#ended());
  }

  /** The last revision that is known to be really on the host; 0 when none is. */
  get appliedRevision(): number {
    return this.#stream?.appliedRevision ?? 0;
  }

  /** Objects of these names may have changed; `flush` sends them. */
  add(keys: readonly ObjectKey[]): void {
    this.#stream?.add(keys);
  }

  flush(): void {
    if (this.#streaming && this.#pauseTimer === undefined) this.#send(false);
  }

  /** Hands a question on, beside the stream of changes. */
  ask(question: Question): void {
    this.#parts.socket.send(JSON.stringify(question));
  }

  end(code: number, reason: string): void {
    this.#streaming = false;
    this.#parts.socket.close(code, reason);
  }

  #send(evenIfBehind: boolean): void {
    const outcome = this.#stream?.flush(evenIfBehind);
    if (outcome !== 'behind') {
      this.#fullSince = undefined;
      return;
    }
    const now = performance.now();
    this.#fullSince ??= now;
    if (evenIfBehind && now - this.#fullSince > connectionTimes.tooSlowMs) {
      this.end(closeCodes.tooSlow, 'the host does not take what it is sent');
      return;
    }
    this.#pauseTimer = setTimeout(() => {
      this.#pauseTimer = undefined;
      if (this.#streaming) this.#send(true);
    }, connectionTimes.pauseMs);
  }

  #take(data: RawData, isBinary: boolean): void {
    this.#heard = true;
    const parsed = isBinary ? ({ ok: false, reason: 'the frame is binary' } as const) : parseAgentMessage(textOf(data));
    if (!parsed.ok) {
      this.end(closeCodes.refused, parsed.reason);
      return;
    }
    const { message } = parsed;
    if (message.kind === 'hello') {
      if (this.#stream === undefined) this.#begin(message);
      else this.end(closeCodes.refused, 'a second hello');
      return;
    }
    if (this.#stream === undefined) {
      this.end(closeCodes.refused, 'the first frame is no hello');
      return;
    }
    switch (message.kind) {
      case 'ack':
        this.#stream.acknowledge(message.revision);
        this.#parts.onAck();
        this.flush();
        return;
      case 'heartbeat':
        this.#parts.onHeartbeat(this.#host, message);
        return;
      case 'port-status':
        this.#parts.onPortStatus(this.#host, message);
        return;
      case 'floating-ip-status':
        this.#parts.onFloatingIpStatus(this.#host, message);
        return;
      case 'ha-router-status':
        this.#parts.onHaRouterStatus(this.#host, message);
        return;
      case 'reply':
        this.#parts.onReply(message);
        return;
    }
  }

  #begin(hello: Hello): void {
    clearTimeout(this.#helloTimer);
    const { socket, feed } = this.#parts;
    this.#host = hello.host;
    // The topology of the moment: an agent may come while the server still reads it.
    const source: ViewSource = {
      get revision() {
        return feed.revision;
      },
      object: (host, key) => feed.topology.object(host, key),
      objectsOf: (host) => feed.topology.objectsOf(host),
    };
    const sink = {
      get bufferedBytes() {
        return socket.bufferedAmount;
      },
      send: (frame: string) => socket.send(frame),
    };
    const stream = new HostStream(hello.host, source, sink);
    this.#stream = stream;
    if (!this.#parts.onHello(hello)) return;
    this.#catchUp(stream, hello.revision).catch((error: unknown) => {
      this.#parts.onProblem(error, this.#host);
      // 1011 "internal error" (RFC 6455 section 7.4.1): the agent tries again.
      this.end(1011, 'the view could not be read');
    });
  }

  /** Sends what the host has missed since `revision`, or everything where that cannot be told. */
  async #catchUp(stream: HostStream, revision: number | null): Promise<void> {
    const { feed, socket } = this.#parts;
    await feed.ready;
    const entries = revision === null ? undefined : await feed.entriesSince(revision);
    if (socket.readyState !== socket.OPEN) return;
    this.#streaming = true;
    if (revision === null || entries === undefined) stream.sendSnapshot();
    else stream.resume(feed.topology.changedSince(this.#host, entries));
  }

  #ping(): void {
    if (!this.#heard) {
      this.#parts.socket.terminate();
      return;
    }
    this.#heard = false;
    this.#parts.socket.ping();
  }

  #ended(): void {
    clearTimeout(this.#helloTimer);
    clearInterval(this.#pingTimer);
    clearTimeout(this.#pauseTimer);
    this.#streaming = false;
    this.#parts.onEnd(this.#host);
  }
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return (Buffer.isBuffer(data) ? data : Buffer.from(data)).toString('utf8');
}
