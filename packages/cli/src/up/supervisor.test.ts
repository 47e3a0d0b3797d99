import { describe, expect, it } from 'vitest';
import { type Service, supervise } from './supervisor.ts';

const eager = { firstMs: 1, maxMs: 4, wellAfterMs: 0 };

/** A service whose runs the test ends by hand, and whose starts fail as often as told. */
class Puppet implements Service {
  readonly name = 'puppet';
  starts = 0;
  failures = 0;
  #end: (reason: string) => void = () => undefined;
  readonly #waiting: { starts: number; resolve: () => void }[] = [];

  async start(): Promise<{ exited: Promise<string> }> {
    this.starts += 1;
    for (const { starts, resolve } of this.#waiting) if (this.starts >= starts) resolve();
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error('not now');
    }
    return { exited: new Promise((resolve) => (this.#end = resolve)) };
  }

  crash(): void {
    this.#end('SIGKILL');
  }

  started(starts: number): Promise<void> {
    if (this.starts >= starts) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ starts, resolve }));
  }
}

describe('supervise', () => {
  it('starts a program again each time it ends, and says so', async () => {
    const stop = new AbortController();
    const puppet = new Puppet();
    const told: string[] = [];
    const { finished } = await supervise(puppet, {
      signal: stop.signal,
      tell: (line) => told.push(line),
      restarts: eager,
    });
    for (const round of [2, 3, 4]) {
      puppet.crash();
      await puppet.started(round);
    }
    stop.abort();
    await finished;
    expect(told.filter((line) => line.includes('ended (SIGKILL)'))).toHaveLength(3);
  });

  it('goes on trying when a start fails', async () => {
    const stop = new AbortController();
    const puppet = new Puppet();
    const { finished } = await supervise(puppet, { signal: stop.signal, tell: () => undefined, restarts: eager });
    puppet.failures = 3;
    puppet.crash();
    await puppet.started(5);
    stop.abort();
    await finished;
    expect(puppet.failures).toBe(0);
  });

  it('rejects when the first start fails', async () => {
    const puppet = new Puppet();
    puppet.failures = 1;
    const { signal } = new AbortController();
    await expect(supervise(puppet, { signal, tell: () => undefined })).rejects.toThrow('not now');
  });

  it('starts nothing more once it is told to stop', async () => {
    const stop = new AbortController();
    const puppet = new Puppet();
    const { finished } = await supervise(puppet, { signal: stop.signal, tell: () => undefined, restarts: eager });
    stop.abort();
    puppet.crash();
    await finished;
    expect(puppet.starts).toBe(1);
  });
});
