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
  readonly #exec: Exec;
  #known: NamespaceStates | null = null;

  constructor({ exec }: { readonly exec: Exec }) {
    this.#exec = exec;
  }

  /** Makes the next observation a full one: something outside has been at work. */
  forget(): void {
    this.#known = null;
  }

  async observe(signal: AbortSignal, depth: Depth): Promise<NamespaceStates> {
    if (depth === 'recall' && this.#known !== null) return this.#known;
    const { stdout } = await this.#exec.run(['sh'], { stdin: readNamespacesScript, signal });
    this.#known = parseNamespaces(stdout);
    return this.#known;
  }

  plan(desired: readonly NamespacePlan[], actual: NamespaceStates): readonly NamespaceStep[] {
    return planNamespaces(desired, actual);
  }

  async apply(step: NamespaceStep, signal: AbortSignal): Promise<void> {
    const known = this.#known;
    this.#known = null;
    await this.#exec.run(['sh', '-e'], { stdin: namespaceScript(step), signal });
    if (known !== null) this.#known = afterStep(known, step);
  }
}
