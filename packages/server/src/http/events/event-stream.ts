// One client's stream of events. It is a position in the change log and nothing else: entries are read as fast as the
// client takes them, so that a slow one costs no memory, and one that is cut off resumes where it was. What many
// streams read at once is bounded by how often each of them looks.

import { once } from 'node:events';
import { Readable } from 'node:stream';
import { setTimeout as after } from 'node:timers/promises';
import type { RequestContext } from '../../context.ts';
import type { ChangeEntry } from '../../store/store.ts';
import type { Engine } from '../engine.ts';
import { isWanted, renderEvent, renderPosition, type EventFilter } from './event.ts';
import { ShownOfOthers, visibleEvents } from './visible-events.ts';

/** In milliseconds. */
export type StreamTimes = Readonly<Record<'heartbeatMs' | 'pauseMs' | 'patienceMs' | 'longestMs', number>>;

export const streamTimes: StreamTimes = {
  /** A stream on which nothing happens says so: proxies and clients then know that it lives. */
  heartbeatMs: 15_000,
  /** Between two looks at the log. */
  pauseMs: 50,
  /** A client that takes nothing for so long is cut off. */
  patienceMs: 60_000,
  /** A stream ends after this, and the client comes back with a token that is looked at again. */
  longestMs: 15 * 60_000,
};

/** Entries that are read at once. */
const batchSize = 200;

export interface StreamRequest {
  readonly context: RequestContext;
  /** Entries after this revision. */
  readonly since: number;
  readonly filter: EventFilter;
  /** Without it, the stream ends where the log does. */
  readonly follow: boolean;
  /** Aborted when the server ends. */
  readonly ending: AbortSignal;
}

/** The stream as text, which whoever sends it destroys when the client is gone. */
export function eventStream(engine: Engine, request: StreamRequest, times: StreamTimes = streamTimes): Readable {
  const ended = new AbortController();
  const signal = AbortSignal.any([request.ending, ended.signal, AbortSignal.timeout(times.longestMs)]);
  const cut = (): void => {
    stream.destroy();
  };
  const stream = Readable.from(patiently(frames(engine, request, { signal, times }), times.patienceMs, cut), {
    objectMode: false,
    // Nothing is read ahead of what the client takes: what it does not take is noticed at once.
    highWaterMark: 1,
  });
  stream.once('close', () => ended.abort());
  return stream;
}

/** Gives frames on as they are taken; calls `cut` when one is not taken for so long, where heartbeats see to it that there are some. */
async function* patiently(source: AsyncIterable<string>, patienceMs: number, cut: () => void): AsyncGenerator<string> {
  for await (const frame of source) {
    const timer = setTimeout(cut, patienceMs);
    try {
      yield frame;
    } finally {
      clearTimeout(timer);
    }
  }
}

async function* frames(
  engine: Engine,
  { context, since, filter, follow }: StreamRequest,
  { signal, times }: { readonly signal: AbortSignal; readonly times: StreamTimes },
): AsyncGenerator<string> {
  const shownBefore = new ShownOfOthers();
  const wake = new Wake(engine);
  let position = since;
  let saidAt = performance.now();
  try {
    yield renderPosition(position);
    while (!signal.aborted) {
      wake.reset();
      const entries = await engine.store.changesAfter(position, batchSize);
      const last = entries.at(-1);
      if (last !== undefined) {
        // The log was cut while the client lagged behind. Its next request is told so.
        if (entries[0]?.revision !== position + 1) return;
        position = last.revision;
        const text = await framesOf(engine, context, {
          entries: entries.filter((each) => isWanted(filter, each)),
          shownBefore,
        });
        if (text !== '') {
          yield text;
          saidAt = performance.now();
        }
      }
      if (entries.length === batchSize) continue;
      if (!follow) {
        yield renderPosition(position);
        return;
      }
      await after(times.pauseMs, undefined, { signal });
      await wake.wait(saidAt + times.heartbeatMs - performance.now(), signal);
      if (performance.now() - saidAt >= times.heartbeatMs) {
        yield renderPosition(position);
        saidAt = performance.now();
      }
    }
  } catch (error) {
    // The end of the stream is no error: the client resumes it.
    if (!signal.aborted) throw error;
  } finally {
    wake.close();
  }
}

async function framesOf(
  engine: Engine,
  context: RequestContext,
  parts: { readonly entries: readonly ChangeEntry[]; readonly shownBefore: ShownOfOthers },
): Promise<string> {
  if (parts.entries.length === 0) return '';
  const events = await engine.store.read((store) => visibleEvents(engine, { context, store }, parts));
  return events.map(renderEvent).join('');
}

/** Whether there may be new entries since it was last reset. */
class Wake {
  readonly #target = new EventTarget();
  readonly #unsubscribe: () => void;
  #due = false;

  constructor({ store }: Engine) {
    this.#unsubscribe = store.onChanges(() => {
      this.#due = true;
      this.#target.dispatchEvent(new Event('due'));
    });
  }

  reset(): void {
    this.#due = false;
  }

  /** Resolves when there may be new entries, or after `ms`. Throws when the signal is aborted. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (this.#due || ms <= 0) return;
    const timeout = AbortSignal.timeout(Math.ceil(ms));
    await once(this.#target, 'due', { signal: AbortSignal.any([signal, timeout]) }).catch((error: unknown) => {
      if (signal.aborted || !timeout.aborted) throw error;
    });
  }

  close(): void {
    this.#unsubscribe();
  }
}
