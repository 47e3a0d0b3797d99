// A stage is a target with its place in a round: which part of the plan it carries out, which stages must have been
// able to look at the host before it may act, and what each of its steps is about. With the types of the target
// closed over, the reconciler holds a plain list of stages and knows none of them by name.

import { isDeepStrictEqual } from 'node:util';
import type { Depth, Target } from '../target.ts';

/**
 * The name of something on the host that a step makes or needs, such as `namespace qdhcp-…` or `flows br-int`. A step
 * that fails takes down its own subjects, and with them every later step that is of one of them or needs it.
 */
export type Subject = string;

export interface PendingStep {
  readonly of: readonly Subject[];
  readonly needs: readonly Subject[];
  /** For the log and the report. */
  readonly text: string;
  /** What there is (`-`) against what there should be (`+`); made when it is asked for. */
  readonly details: readonly string[];
  apply(signal: AbortSignal): Promise<void>;
}

export interface Preparation {
  readonly steps: readonly PendingStep[];
  /** Whether steps that are of different subjects may be carried out at the same time. */
  readonly concurrent: boolean;
  /** True when the stage was asked for the same before: then what there is to do was undone by someone else. */
  readonly repeated: boolean;
}

/** How a round looks at the host; after a refresh, only targets that cannot be refreshed are looked at in full. */
export type Look = Depth | 'refreshed';

export interface Stage<Plan> {
  readonly name: string;
  /** Stages that must not have failed to observe in this round. */
  readonly after: readonly string[];
  /** Stages whose steps may change what this one remembers of the host. */
  readonly doubtedAfter: readonly string[];
  /** Has the stage look at the host itself the next time, however it is asked to look. */
  doubt(): void;
  prepare(plan: Plan, signal: AbortSignal, look: Look): Promise<Preparation>;
  /** Looks for the first time, where that takes long: before there is a plan, and at the same time as other stages. */
  begin(signal: AbortSignal): Promise<void>;
  /** Looks at everything beforehand, where the target can do so while rounds go on. */
  refresh(signal: AbortSignal): Promise<void>;
  /** Tells the stage that all that it prepared last is on the host. */
  settled(): void;
}

export interface StageParts<Plan, Desired, Actual, Step> {
  /** Differs from the target's name where one target acts in two places of the round. */
  readonly name?: string;
  readonly target: Target<Desired, Actual, Step>;
  readonly after: readonly string[];
  /** The part of the plan that is this target's. */
  desired(plan: Plan): Desired;
  of(step: Step): readonly Subject[];
  needs?(step: Step): readonly Subject[];
  describe(step: Step): string;
  detail?(step: Step, actual: Actual): readonly string[];
  /** Where one target acts in several places, which of its steps belong to this one. */
  select?(steps: readonly Step[]): readonly Step[];
  /** Whether an earlier stage of the round has looked, and what the target knows since then of its own work is enough. */
  readonly hasLooked?: boolean;
  /** Stages whose steps may change what the target remembers: it looks anew in the round in which they do something. */
  readonly doubtedAfter?: readonly string[];
}

/** The stage made of `parts`. */
export function stage<Plan, Desired, Actual, Step>(parts: StageParts<Plan, Desired, Actual, Step>): Stage<Plan> {
  const { target, hasLooked = false } = parts;
  const looksLong = target.refresh !== undefined;
  let prepared: { readonly desired: Desired } | null = null;
  let settled: { readonly desired: Desired } | null = null;
  let isDoubted = false;
  return {
    name: parts.name ?? target.name,
    after: parts.after,
    doubtedAfter: parts.doubtedAfter ?? [],
    doubt() {
      isDoubted = true;
    },
    async begin(signal) {
      if (looksLong && !hasLooked) await target.observe(signal, 'recall');
    },
    refresh: async (signal) => target.refresh?.(signal),
    async prepare(plan, signal, look) {
      const desired = parts.desired(plan);
      const usual = hasLooked ? 'recall' : depthOf(look, looksLong);
      const actual = await target.observe(signal, isDoubted ? 'verify' : usual);
      isDoubted = false;
      const all = target.plan(desired, actual);
      const steps = parts.select?.(all) ?? all;
      // Compared only when there is something to do: in the usual round nothing is.
      const repeated = steps.length > 0 && settled !== null && isDeepStrictEqual(settled.desired, desired);
      prepared = { desired };
      return {
        repeated,
        concurrent: target.concurrent === true,
        steps: steps.map((step) => ({
          of: parts.of(step),
          needs: parts.needs?.(step) ?? [],
          text: parts.describe(step),
          get details() {
            return parts.detail?.(step, actual) ?? [];
          },
          apply: (stepSignal) => target.apply(step, stepSignal),
        })),
      };
    },
    settled() {
      settled = prepared;
    },
  };
}

function depthOf(look: Look, isRefreshed: boolean): Depth {
  if (look !== 'refreshed') return look;
  return isRefreshed ? 'recall' : 'verify';
}
