// The agent's one connection to the server: says hello, takes the view's snapshot and changes in, sends status up, and
// comes back by itself whenever the connection is lost. While it is away the last view stays in force.

import { contractVersion } from '@neutronium/model/host-view';
import type { HostView } from '@neutronium/model/host-view';
import { closeCodes } from '@neutronium/model/watch-protocol';
import type { AgentMessage, AgentReport, Hello, Question } from '@neutronium/model/watch-protocol';
import { WebSocket } from 'ws';
import { Backoff } from '#effects/backoff';
import { sleep } from '#effects/clock';
import type { Clock } from '#effects/clock';
import { parseServerMessage } from './parse-message.ts';
import { ViewKeeper } from './view-keeper.ts';

export interface WatchEvents {
  /** The view has become `view`. */
  readonly onView: (view: HostView) => void;
  /** An operator asks something; what is sent back must bear the question's number. */
  readonly onQuestion: (question: Question) => void;
  /** A hello was said on a new connection: the server knows nothing yet of what the agent said before. */
  readonly onConnected: () => void;
  /** The connection ended, or could not be made; the next attempt is in `pauseMs`. */
  readonly onDisconnected: (reason: string, pauseMs: number) => void;
}

export interface WatchClientParts {
  /** The server's base address, http: or https:. */
  readonly server: string;
  /** The agents' shared secret. */
  readonly secret: string;
  readonly host: string;
  /** What the hello says of the agents in this process. */
  readonly agents: () => readonly AgentReport[];
  readonly events: WatchEvents;
  readonly clock: Clock;
  readonly random: () => number;
  readonly times?: Partial<WatchTimes>;
}

export interface WatchTimes {
  readonly firstPauseMs: number;
  readonly lastPauseMs: number;
  /** Time between two pings; a server that has not answered one when the next is due is taken for gone. */
  readonly pingEveryMs: number;
  /** Longest time to wait for a connection. */
  readonly connectMs: number;
  /** Longest time to wait for the server's goodbye when the agent stops. */
  readonly closeMs: number;
}

const usualTimes: WatchTimes = {
  firstPauseMs: 50,
  lastPauseMs: 2_000,
  pingEveryMs: 10_000,
  connectMs: 10_000,
  closeMs: 500,
};

/** The largest frame that is taken: a snapshot of tens of thousands of ports. */
const maxFrameBytes = 256 * 1024 * 1024;

export class WatchClient {
  readonly #parts: WatchClientParts;
  readonly #times: WatchTimes;
  readonly #keeper = new ViewKeeper();
  #socket: WebSocket | null = null;

  constructor(parts: WatchClientParts) {
    this.#parts = parts;
    this.#times = { ...usualTimes, ...parts.times };
  }

  /** The newest view; null until the server has sent one to this process. */
  get view(): HostView | null {
    return this.#keeper.view;
  }

  /** Sends `message`; false when there is no connection, and the message is lost. */
  send(message: AgentMessage): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** Keeps a connection until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, events, random } = this.#parts;
    const { firstPauseMs: firstMs, lastPauseMs: lastMs } = this.#times;
    const backoff = new Backoff({ firstMs, lastMs, fraction: random });
    while (!signal.aborted) {
      const end = await this.#connection(signal);
      if (signal.aborted) return;
      if (end.heard) backoff.reset();
      // A server that refuses will go on refusing until someone acts: no use in knocking fast.
      const pauseMs = end.refused ? lastMs : backoff.nextMs();
      events.onDisconnected(end.reason, pauseMs);
      await pause(clock, pauseMs, signal);
    }
  }

  /** One connection from its beginning to its end. */
  #connection(signal: AbortSignal): Promise<ConnectionEnd> {
    return new Promise((resolve) => {
      const socket = new WebSocket(watchUrl(this.#parts.server), {
        headers: { authorization: `Bearer ${this.#parts.secret}` },
        handshakeTimeout: this.#times.connectMs,
        maxPayload: maxFrameBytes,
        perMessageDeflate: false,
      });
      let heard = false;
      let refused = false;
      let reason = 'the server cannot be reached';
      const over = new AbortController();
      let patience: Disposable | null = null;
      const leave = (): void => {
        socket.close(1001, 'the agent stops');
        patience = this.#parts.clock.after(this.#times.closeMs, () => socket.terminate());
      };
      signal.addEventListener('abort', leave, { once: true });

      socket.on('open', () => {
        reason = 'the connection was lost';
        socket.send(JSON.stringify(this.#hello()));
        this.#socket = socket;
        this.#parts.events.onConnected();
        // A server that has no news answers pings all the same.
        socket.once('pong', () => (heard = true));
        void this.#watchPulse(socket, over.signal);
      });
      socket.on('message', (data, binary) => {
        const complaint = binary ? 'a binary frame came' : this.#take(frameText(data));
        if (complaint === null) {
          heard = true;
        } else {
          reason = complaint;
          socket.close(1002, complaint.slice(0, 100));
        }
      });
      socket.on('unexpected-response', (request, response) => {
        refused = response.statusCode === 401 || response.statusCode === 403;
        reason = `the server answered ${response.statusCode}${refused ? ': is the agents’ secret the server’s?' : ''}`;
        // What ws says of the end of a connection that never was one adds nothing.
        socket.removeAllListeners('error').on('error', () => undefined);
        request.destroy();
        socket.terminate();
      });
      socket.on('error', (error) => {
        reason = error.message === '' ? reason : error.message;
      });
      socket.on('close', (code, text) => {
        over.abort();
        patience?.[Symbol.dispose]();
        signal.removeEventListener('abort', leave);
        this.#socket = null;
        refused ||= refusals.has(code);
        if (code > 1006) reason = `the server closed with ${code} ${text.toString()}`;
        resolve({ heard, refused, reason });
      });
    });
  }

  /** Takes one frame in; null when all is well, otherwise what is wrong with it. */
  #take(text: string): string | null {
    const parsed = parseServerMessage(text);
    if (!parsed.ok) return parsed.reason;
    if (parsed.message.kind === 'question') {
      this.#parts.events.onQuestion(parsed.message);
      return null;
    }
    const taken = this.#keeper.take(parsed.message);
    if (!taken.ok) return taken.reason;
    this.#parts.events.onView(taken.view);
    return null;
  }

  #hello(): Hello {
    const { host, agents } = this.#parts;
    return { kind: 'hello', contract: contractVersion, host, revision: this.#keeper.resumeFrom, agents: agents() };
  }

  /** Ends a connection whose other side has gone without a word (a machine that lost its power). */
  async #watchPulse(socket: WebSocket, over: AbortSignal): Promise<void> {
    let alive = true;
    socket.on('pong', () => (alive = true));
    socket.on('message', () => (alive = true));
    for (;;) {
      await pause(this.#parts.clock, this.#times.pingEveryMs, over);
      if (over.aborted) return;
      if (!alive) return socket.terminate();
      alive = false;
      socket.ping();
    }
  }
}

interface ConnectionEnd {
  /** At least one message was taken: the server is there and talks to us. */
  readonly heard: boolean;
  readonly refused: boolean;
  readonly reason: string;
}

const refusals: ReadonlySet<number> = new Set([closeCodes.wrongContract, closeCodes.refused, closeCodes.replaced]);

function watchUrl(server: string): string {
  const url = new URL(server);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.pathname = `${url.pathname.replace(/\/$/, '')}/agent/v1/watch`;
  return url.href;
}

function frameText(data: Buffer | ArrayBuffer | Buffer[]): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return (data instanceof ArrayBuffer ? Buffer.from(data) : data).toString('utf8');
}

/** Resolves after `ms`, and at once when `signal` is aborted. */
async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  await sleep(clock, ms, signal).catch((cause: unknown) => {
    if (!signal.aborted) throw cause;
  });
}
