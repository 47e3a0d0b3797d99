// The target of network namespaces and the links in them.

import type { NamespacePlan } from '@neutronium/dataplane/host-plan';
import type { Exec } from '#effects/exec';
import type { Depth, Target } from '../../target.ts';
import { namespaceScript } from './namespace-script.ts';
import { planNamespaces } from './plan-namespaces.ts';
import { parseNamespaces, readNamespacesScript } from './read-namespaces.ts';
import { afterStep } from './state.ts';
import type { NamespaceStates, NamespaceStep } from './state.ts';

export class Namespaces implements Target<readonly NamespacePlan[], NamespaceStates, NamespaceStep> {
  readonly name = 'namespaces';
  readonly concurrent = true;
  readonly #exec: Exec;
  #known: NamespaceStates | null = null;
  /** Steps that were carried out since the refresh began that is under way; null when none is. */
  #meanwhile: NamespaceStep[] | null = null;

  constructor({ exec }: { readonly exec: Exec }) {
    this.#exec = exec;
  }

  async observe(signal: AbortSignal, depth: Depth): Promise<NamespaceStates> {
    if (depth === 'recall' && this.#known !== null) return this.#known;
    this.#known = await this.#look(signal);
    return this.#known;
  }

  async refresh(signal: AbortSignal): Promise<void> {
    // One look serves whoever asks while it is under way. With nothing known, the next round looks by itself.
    if (this.#meanwhile !== null || this.#known === null) return;
    const meanwhile: NamespaceStep[] = [];
    this.#meanwhile = meanwhile;
    try {
      const seen = await this.#look(signal);
      // Whether the look saw a step's work or came before it, what the step makes is there now. What became of a step
      // that failed is not known, and then the next round looks.
      if (this.#known !== null) this.#known = meanwhile.reduce(afterStep, seen);
    } finally {
      this.#meanwhile = null;
    }
  }

  plan(desired: readonly NamespacePlan[], actual: NamespaceStates): readonly NamespaceStep[] {
    return planNamespaces(desired, actual);
  }

  async apply(step: NamespaceStep, signal: AbortSignal): Promise<void> {
    try {
      await this.#exec.run(['sh', '-e'], { stdin: namespaceScript(step), signal });
    } catch (error) {
      this.#known = null;
      throw error;
    }
    this.#meanwhile?.push(step);
    // Steps of other namespaces may have been carried out meanwhile, and a look may have come to its end.
    if (this.#known !== null) this.#known = afterStep(this.#known, step);
  }

  async #look(signal: AbortSignal): Promise<NamespaceStates> {
    const { stdout } = await this.#exec.run(['sh'], { stdin: readNamespacesScript, signal });
    return parseNamespaces(stdout);
  }
}
