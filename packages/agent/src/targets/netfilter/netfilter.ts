// The target of packet filters: chains, sets and settings of the kernel, in the host's own network namespace and in
// those that the agent has made.

import {
  planNetfilter,
  type NetfilterPlan,
  type NetfilterStep,
  type ObservedNamespaces,
  type ObservedNetfilter,
} from '@neutronium/dataplane/netfilter/plan-netfilter';
import type { ObservedRuleset } from '@neutronium/dataplane/netfilter/observed';
import type { Exec } from '#effects/exec';
import type { Depth, Target } from '../../target.ts';
import { described, hostNamespace, parseNetfilter, readNetfilterScript } from './read-netfilter.ts';

export class Netfilter implements Target<readonly NetfilterPlan[], ObservedNamespaces, NetfilterStep> {
  readonly name = 'netfilter';
  readonly concurrent = true;
  readonly #exec: Exec;
  readonly #patterns: readonly string[];
  #known: Map<string, ObservedNetfilter> | null = null;
  /** Namespaces in which a step has failed, so that what is in them is not known. */
  readonly #doubtful = new Set<string>();
  /** Namespaces that were changed since the refresh began that is under way; null when none is. */
  #meanwhile: Set<string> | null = null;

  /** `patterns` are those of the named namespaces that may hold chains of ours (sh(1)). */
  constructor(parts: { readonly exec: Exec; readonly patterns: readonly string[] }) {
    this.#exec = parts.exec;
    this.#patterns = parts.patterns;
  }

  /** Whether the host's own namespace was last seen or made to hold rules of ours. */
  get remembersHost(): boolean {
    const rules = this.#known?.get(hostNamespace)?.rules;
    const marked = (ruleset: ObservedRuleset) =>
      [...ruleset.values()].some((chain) => chain.some(({ mark }) => mark !== null));
    return rules !== undefined && !this.#doubtful.has(hostNamespace) && marked(rules[4]) && marked(rules[6]);
  }

  /** The next observation looks at the host's own namespace, because something has happened to it. */
  forgetHost(): void {
    this.#doubtful.add(hostNamespace);
  }

  async observe(signal: AbortSignal, depth: Depth): Promise<ObservedNamespaces> {
    if (depth === 'verify' || this.#known === null) {
      this.#known = await this.#look({ patterns: this.#patterns, host: true }, signal);
      this.#doubtful.clear();
    } else if (this.#doubtful.size > 0) {
      const names = [...this.#doubtful];
      const patterns = names.filter((name) => name !== hostNamespace);
      const seen = await this.#look({ patterns, host: this.#doubtful.has(hostNamespace) }, signal);
      for (const name of names) {
        const state = seen.get(name);
        if (state === undefined) this.#known.delete(name);
        else this.#known.set(name, state);
        this.#doubtful.delete(name);
      }
    }
    return this.#known;
  }

  async refresh(signal: AbortSignal): Promise<void> {
    if (this.#meanwhile !== null || this.#known === null) return;
    const meanwhile = new Set<string>();
    this.#meanwhile = meanwhile;
    try {
      const seen = await this.#look({ patterns: this.#patterns, host: true }, signal);
      // What has been changed since is known from the change itself.
      for (const name of meanwhile) {
        const state = this.#known.get(name);
        if (state === undefined) seen.delete(name);
        else seen.set(name, state);
      }
      this.#known = seen;
    } finally {
      this.#meanwhile = null;
    }
  }

  plan(desired: readonly NetfilterPlan[], actual: ObservedNamespaces): readonly NetfilterStep[] {
    return planNetfilter(desired, actual);
  }

  async apply(step: NetfilterStep, signal: AbortSignal): Promise<void> {
    const { namespace } = step;
    const certain = !this.#doubtful.has(namespace);
    this.#doubtful.add(namespace);
    const { argv, stdin } = command(step);
    const enter = namespace === hostNamespace ? [] : ['nsenter', `--net=/run/netns/${namespace}`];
    await this.#exec.run([...enter, ...argv], { stdin, signal });
    this.#meanwhile?.add(namespace);
    if (!certain) return;
    this.#doubtful.delete(namespace);
    this.#known?.set(namespace, step.result);
  }

  async #look(
    which: Parameters<typeof readNetfilterScript>[0],
    signal: AbortSignal,
  ): Promise<Map<string, ObservedNetfilter>> {
    const { stdout } = await this.#exec.run(['sh'], { stdin: readNetfilterScript(which), signal });
    return new Map(parseNetfilter(stdout));
  }
}

/** Every one changes what it changes whole or not at all, except for settings, which can be written again. */
function command(step: NetfilterStep): { readonly argv: readonly string[]; readonly stdin: string } {
  switch (step.kind) {
    case 'sysctls':
      return { argv: ['sh', '-e'], stdin: sysctlScript(step.values) };
    case 'sets':
      return { argv: ['ipset', 'restore', '-exist'], stdin: step.restore };
    case 'rules': {
      const tool = step.family === 4 ? 'iptables-restore' : 'ip6tables-restore';
      // The lock of legacy iptables may be taken by others (xtables.lock); in seconds.
      return { argv: [tool, '--noflush', '--wait', '10'], stdin: step.restore };
    }
  }
}

function sysctlScript(values: Readonly<Record<string, string>>): string {
  return [
    // Frames on Linux bridges pass iptables only with this module (sysctl/net.rst of the kernel).
    '[ -e /proc/sys/net/bridge ] || modprobe br_netfilter',
    ...Object.entries(values).map(([name, value]) => `echo '${value}' > /proc/sys/${name.replaceAll('.', '/')}`),
    '',
  ].join('\n');
}

/** What a step does, for the log. */
export function describeNetfilterStep(step: NetfilterStep): string {
  const where = described(step.namespace);
  switch (step.kind) {
    case 'sysctls':
      return `setting ${Object.keys(step.values).join(', ')} on ${where}`;
    case 'sets':
      return `changing ${step.restore.split('\n').length - 1} members and sets of addresses of ${where}`;
    case 'rules':
      return `changing the rules for IPv${step.family} of ${where}`;
  }
}
