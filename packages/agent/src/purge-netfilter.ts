// Takes out of the host's packet filter what bears our mark, and nothing else. For the removal of the whole product.

import type { Exec } from '#effects/exec';
import { describeNetfilterStep, Netfilter } from '#targets/netfilter/netfilter';

/** Removes our rules and sets from the host's own namespace. Says what was done. */
export async function purgeNetfilter(exec: Exec, signal = new AbortController().signal): Promise<readonly string[]> {
  const target = new Netfilter({ exec, patterns: [] });
  const steps = target.plan([], await target.observe(signal, 'verify'));
  for (const step of steps) await target.apply(step, signal);
  return steps.map(describeNetfilterStep);
}
