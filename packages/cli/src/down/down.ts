// `neutronium down`: ends the programs. With --purge, removes everything else of ours as well.

import { runningPid, stop } from '../up/process.ts';
import { type Layout, paths } from '../up/layout.ts';
import type { Tell } from '../up/supervisor.ts';
import { programNames, stopProgram } from '../up/up.ts';
import { purge } from './purge.ts';

/** Long enough for `up` to end what it supervises. */
const upGraceMs = 15_000;

export async function down({ layout, everything }: { layout: Layout; everything: boolean }, tell: Tell): Promise<void> {
  const marker = 'main.ts up';
  const pid = runningPid(paths(layout).pidFile('up'), marker);
  if (pid !== undefined) {
    await stop({ pid, marker, graceMs: upGraceMs });
    tell('stopped neutronium up');
  }
  // An `up` that was killed has left them running.
  for (const program of programNames) await stopProgram(layout, program);
  if (everything) await purge(layout, tell);
  else tell('the networks go on working; --purge removes them, and everything else of ours');
}
