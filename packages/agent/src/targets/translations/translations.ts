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
  | { readonly kind: 'judge'; readonly plans: readonly TranslationPlan[] }
  /** Remembers what may go on besides. */
  | { readonly kind: 'widen'; readonly plans: readonly TranslationPlan[] }
  /** The namespaces are gone, and their connections with them. */
  | { readonly kind: 'forget'; readonly namespaces: readonly string[] };

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

  /** One step for each router that has changed, and one for all that a fresh agent does not know. */
  plan(desired: readonly TranslationPlan[], actual: JudgedTranslations): readonly TranslationStep[] {
    const unknown = desired.filter(({ namespace }) => !actual.has(namespace));
    const steps: TranslationStep[] = unknown.length === 0 ? [] : [{ kind: 'judge', plans: unknown }];
    for (const plan of desired) {
      const before = actual.get(plan.namespace);
      if (before === undefined || before === plan) continue;
      if (!includes(plan, before)) steps.push({ kind: 'judge', plans: [plan] });
      else if (!includes(before, plan)) steps.push({ kind: 'widen', plans: [plan] });
    }
    const wanted = new Set(desired.map(({ namespace }) => namespace));
    const gone = [...actual.keys()].filter((namespace) => !wanted.has(namespace));
    if (gone.length > 0) steps.push({ kind: 'forget', namespaces: gone });
    return steps;
  }

  async apply(step: TranslationStep, signal: AbortSignal): Promise<void> {
    if (step.kind === 'forget') {
      for (const namespace of step.namespaces) this.#judged.delete(namespace);
      return;
    }
    if (step.kind === 'judge') await this.#end(step.plans, signal);
    for (const plan of step.plans) this.#judged.set(plan.namespace, plan);
  }

  async #end(plans: readonly TranslationPlan[], signal: AbortSignal): Promise<void> {
    const unwanted = await this.#unwanted(plans, signal);
    if (unwanted.length === 0) return;
    const lines = unwanted.flatMap(({ plan, selectors }) => [
      `nsenter --net=/run/netns/${plan.namespace} sh <<'END'`,
      // It fails where nothing is left to end: connections end by themselves all the time.
      ...selectors.map((selector) => `conntrack -D -f ipv4 ${selector} >/dev/null 2>&1`),
      'true',
      'END',
    ]);
    await this.#exec.run(['sh', '-e'], { stdin: lines.join('\n'), signal });
    const [left] = await this.#unwanted(
      unwanted.map(({ plan }) => plan),
      signal,
    );
    if (left === undefined) return;
    throw new Error(`connections of ${left.plan.namespace} with ${left.selectors[0]} cannot be ended`);
  }

  /** The namespaces with connections that may not go on, and what those have in common. */
  async #unwanted(
    plans: readonly TranslationPlan[],
    signal: AbortSignal,
  ): Promise<readonly { readonly plan: TranslationPlan; readonly selectors: readonly string[] }[]> {
    const lines = plans.flatMap(({ namespace }) => [
      `echo '@${namespace}'`,
      `nsenter --net=/run/netns/${namespace} conntrack -L -f ipv4 --any-nat 2>/dev/null`,
    ]);
    const { stdout } = await this.#exec.run(['sh', '-e'], { stdin: lines.join('\n'), signal });
    const [, ...parts] = `\n${stdout}`.split('\n@');
    return plans.flatMap((plan, index) => {
      const selectors = endings(parseConnections(parts[index] ?? ''), plan);
      return selectors.length === 0 ? [] : [{ plan, selectors }];
    });
  }
}

/** Whether everything that `inner` lets go on `outer` lets go on too. */
function includes(outer: TranslationPlan, inner: TranslationPlan): boolean {
  const textsOf = (plan: TranslationPlan): readonly string[] => [
    ...plan.floatingIps.map(({ floating, fixed }) => `${floating} ${fixed}`),
    ...plan.forwardings.map((each) => JSON.stringify(each)),
    ...plan.gateways.flatMap(({ address, translates }) => [
      `${address} hairpin`,
      ...(translates ? [`${address} out`] : []),
    ]),
    ...plan.inside,
  ];
  const held = new Set(textsOf(outer));
  return textsOf(inner).every((text) => held.has(text));
}

/** What a step does, for the log. */
export function describeTranslationStep(step: TranslationStep): string {
  switch (step.kind) {
    case 'judge':
      return `ending connections of ${step.plans.length} routers that are translated no more`;
    case 'widen':
      return `letting more connections of ${step.plans.length} routers go on`;
    case 'forget':
      return `forgetting the connections of ${step.namespaces.length} routers`;
  }
}
