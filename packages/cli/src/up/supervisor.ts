// Keeps programs running: starts each, and starts it again when it ends, sooner when it had been well.

import { setTimeout as delay } from 'node:timers/promises';

/** A program as the supervisor sees it. `start` resolves once the program serves, and says when and why it ended. */
export interface Service {
  readonly name: string;
  start(signal: AbortSignal): Promise<{ exited: Promise<string> }>;
}

export interface Restarts {
  readonly firstMs: number;
  readonly maxMs: number;
  /** A program that lived this long is started again without waiting. */
  readonly wellAfterMs: number;
}

const defaultRestarts: Restarts = { firstMs: 100, maxMs: 5000, wellAfterMs: 5000 };

/** What to tell the person at the terminal. */
export type Tell = (line: string) => void;

/**
 * Starts `service` and keeps it running until `signal` aborts. Resolves once it runs for the first time; the promise
 * within ends after the last run did.
 */
export async function supervise(
  service: Service,
  { signal, tell, restarts = defaultRestarts }: { signal: AbortSignal; tell: Tell; restarts?: Restarts },
): Promise<{ finished: Promise<void> }> {
  const first = await service.start(signal);
  return { finished: keepRunning(service, { first, signal, tell, restarts }) };
}

interface Watch {
  readonly first: { exited: Promise<string> };
  readonly signal: AbortSignal;
  readonly tell: Tell;
  readonly restarts: Restarts;
}

async function keepRunning(service: Service, { first, signal, tell, restarts }: Watch): Promise<void> {
  let running = first;
  let startedAt = performance.now();
  let waitMs = 0;
  while (!signal.aborted) {
    const reason = await Promise.race([running.exited, aborted(signal)]);
    if (reason === undefined) return;
    tell(`${service.name} ended (${reason}); starting it again`);
    const endedAt = performance.now();
    if (endedAt - startedAt >= restarts.wellAfterMs) waitMs = 0;
    for (let up = false; !up && !signal.aborted;) {
      await delay(waitMs, undefined, { signal }).catch(() => undefined);
      waitMs = Math.min(Math.max(waitMs * 2, restarts.firstMs), restarts.maxMs);
      startedAt = performance.now();
      try {
        running = await service.start(signal);
        up = true;
        tell(`${service.name} runs again, ${Math.round(performance.now() - endedAt)} ms after its end`);
      } catch (error) {
        if (!signal.aborted)
          tell(`${service.name} did not start: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  }
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
