// The target of translated connections. Rules decide about the first packet of a connection only; those that were
// begun under rules that are gone would go on. After a change that takes something away, the connections of the router
// are read and held against what is wanted now, and those are ended that would not come about any more.
//
// What was wanted when the connections were last judged is only remembered: a fresh agent judges those of every router
// once. Nobody but the rules can make a translated connection, so none is looked for in between.

import type { TranslationPlan } from '@neutronium/dataplane/host-plan';
import type { Exec } from '#effects/exec';
import type { Target } from '../../target.ts';
import { parseConnections } from './connection.ts';
import { endings } from './judge.ts';

/** What the connections of each namespace were last judged by. */
export type JudgedTranslations = ReadonlyMap<string, TranslationPlan>;

export type TranslationStep =
  /** Ends what may not go on. */
  | { readonly kind: 'judge'; readonly plan: TranslationPlan }
  /** Remembers what may go on besides. */
  | { readonly kind: 'widen'; readonly plan: TranslationPlan }
  /** The namespace is gone, and its connections with it. */
  | { readonly kind: 'forget'; readonly namespace: string };

export class Translations implements Target<readonly TranslationPlan[], JudgedTranslations, TranslationStep> {
  readonly name = 'translations';
  readonly concurrent = true;
  readonly #exec: Exec;
  readonly #judged = new Map<string, TranslationPlan>();

  constructor({ exec }: { readonly exec: Exec }) {
    this.#exec = exec;
  }

  async observe(): Promise<JudgedTranslations> {
    return this.#judged;
  }

  plan(desired: readonly TranslationPlan[], actual: JudgedTranslations): readonly TranslationStep[] {
    const wanted = new Set(desired.map(({ namespace }) => namespace));
    const steps = desired.flatMap((plan): readonly TranslationStep[] => {
      const before = actual.get(plan.namespace);
      if (before === plan) return [];
      const kind = before !== undefined && includes(plan, before) ? 'widen' : 'judge';
      return before !== undefined && kind === 'widen' && includes(before, plan) ? [] : [{ kind, plan }];
    });
    const gone = [...actual.keys()].filter((namespace) => !wanted.has(namespace));
    return [...steps, ...gone.map((namespace) => ({ kind: 'forget', namespace }) as const)];
  }

  async apply(step: TranslationStep, signal: AbortSignal): Promise<void> {
    switch (step.kind) {
      case 'judge':
        await this.#end(step.plan, signal);
        this.#judged.set(step.plan.namespace, step.plan);
        break;
      case 'widen':
        this.#judged.set(step.plan.namespace, step.plan);
        break;
      case 'forget':
        this.#judged.delete(step.namespace);
        break;
    }
  }

  async #end(plan: TranslationPlan, signal: AbortSignal): Promise<void> {
    const selectors = endings(await this.#list(plan, signal), plan);
    if (selectors.length === 0) return;
    const inside = ['nsenter', `--net=/run/netns/${plan.namespace}`, 'sh'];
    // It fails where nothing is left to end: connections end by themselves all the time.
    const lines = selectors.map((selector) => `conntrack -D -f ipv4 ${selector} >/dev/null 2>&1`);
    await this.#exec.run(inside, { stdin: `${lines.join('\n')}\ntrue`, signal });
    const [left] = endings(await this.#list(plan, signal), plan);
    if (left !== undefined) throw new Error(`connections of ${plan.namespace} with ${left} cannot be ended`);
  }

  async #list(plan: TranslationPlan, signal: AbortSignal): Promise<ReturnType<typeof parseConnections>> {
    const command = ['nsenter', `--net=/run/netns/${plan.namespace}`, 'conntrack', '-L', '-f', 'ipv4', '--any-nat'];
    return parseConnections((await this.#exec.run(command, { signal })).stdout);
  }
}

/** Whether everything that `inner` lets go on `outer` lets go on too. */
function includes(outer: TranslationPlan, inner: TranslationPlan): boolean {
  const textsOf = (plan: TranslationPlan): readonly string[] => [
    ...plan.floatingIps.map(({ floating, fixed }) => `${floating} ${fixed}`),
    ...plan.forwardings.map((each) => JSON.stringify(each)),
    ...(plan.gateway === null ? [] : [`${plan.gateway.address} hairpin`]),
    ...(plan.gateway?.translates === true ? [`${plan.gateway.address} out`] : []),
    ...plan.inside,
  ];
  const held = new Set(textsOf(outer));
  return textsOf(inner).every((text) => held.has(text));
}

/** What a step does, for the log. */
export function describeTranslationStep(step: TranslationStep): string {
  switch (step.kind) {
    case 'judge':
      return `ending connections of ${step.plan.namespace} that are translated no more`;
    case 'widen':
      return `letting more connections of ${step.plan.namespace} go on`;
    case 'forget':
      return `forgetting the connections of ${step.namespace}`;
  }
}
