// The real Neutron 21 as a process beside ours.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AgentReport } from '@neutronium/model/watch-protocol';
import { freePort } from '@neutronium/testkit/server-process';

/** Debian's own interpreter: another one on the PATH does not see Debian's packages. */
const python = '/usr/bin/python3';

/** Whether Debian's python3-neutron is installed. */
export const referenceInstalled = existsSync('/usr/lib/python3/dist-packages/neutron/version.py');

export class ReferenceNeutron implements AsyncDisposable {
  readonly url: string;
  readonly #stop: () => Promise<void>;

  private constructor(url: string, stop: () => Promise<void>) {
    this.url = url;
    this.#stop = stop;
  }

  /** With these agents, by the names of their hosts. */
  static async start(agents: Readonly<Record<string, readonly AgentReport[]>> = {}): Promise<ReferenceNeutron> {
    const work = await mkdtemp(join(tmpdir(), 'nn-reference-'));
    const port = await freePort();
    const script = join(import.meta.dirname, 'reference_neutron.py');
    const child = spawn(python, [script, '--port', String(port), '--work', work, '--agents', JSON.stringify(agents)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    const ready = new Promise<void>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => {
          said = (said + text).slice(-5000);
          if (said.includes('ready\n')) resolve();
        });
      }
      child.once('exit', () => reject(new Error(`the reference ended before it listened:\n${said}`)));
    });
    await ready;
    return new ReferenceNeutron(`http://127.0.0.1:${port}`, async () => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
      await rm(work, { recursive: true, force: true });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
  }
}
