// One round: every stage in order looks, plans and acts. A failed step stops the steps that need its subject, not its
// siblings; a stage that could not even look stops the stages that come after it.

import { lanesOf, runLanes } from './lanes.ts';
import type { Look, PendingStep, Stage, Subject } from './stage.ts';

export interface Failure {
  readonly stage: string;
  /** What it took down; none when the stage could not be looked at at all. */
  readonly subjects: readonly Subject[];
  readonly what: string;
  readonly error: Error;
}

export interface RoundOutcome {
  readonly failures: readonly Failure[];
  /** Subjects that are not as planned: those of failed steps, and of the steps that were not run because of them. */
  readonly broken: ReadonlySet<Subject>;
  /** Stages that could not look, and those that must come after them. */
  readonly blocked: ReadonlySet<string>;
  /** Steps carried out. */
  readonly steps: number;
  /** Repairs of what someone else changed, by stage. */
  readonly drift: ReadonlyMap<string, number>;
  /** True when the round was stopped before its end. */
  readonly aborted: boolean;
}

export interface RoundRequest<Plan> {
  readonly plan: Plan;
  readonly stages: readonly Stage<Plan>[];
  readonly look: Look;
  readonly signal: AbortSignal;
}

/** Carries `plan` out and says what became of it. Never rejects for what goes wrong on the host. */
export async function runRound<Plan>({ plan, stages, look, signal }: RoundRequest<Plan>): Promise<RoundOutcome> {
  const failures: Failure[] = [];
  const broken = new Set<Subject>();
  const blocked = new Set<string>();
  const drift = new Map<string, number>();
  let steps = 0;

  for (const stage of stages) {
    if (signal.aborted) break;
    if (stage.after.some((name) => blocked.has(name))) {
      blocked.add(stage.name);
      continue;
    }
    let preparation;
    try {
      preparation = await stage.prepare(plan, signal, look);
    } catch (cause) {
      if (signal.aborted) break;
      blocked.add(stage.name);
      failures.push({ stage: stage.name, subjects: [], what: `looking at ${stage.name}`, error: asError(cause) });
      continue;
    }
    let whole = true;
    const carryOut = async (step: PendingStep): Promise<void> => {
      if ([...step.of, ...step.needs].some((subject) => broken.has(subject))) {
        for (const subject of step.of) broken.add(subject);
        whole = false;
        return;
      }
      for (const other of stages) if (other.doubtedAfter.includes(stage.name)) other.doubt();
      try {
        await step.apply(signal);
        steps += 1;
        if (preparation.repeated) drift.set(stage.name, (drift.get(stage.name) ?? 0) + 1);
      } catch (cause) {
        if (signal.aborted) return;
        for (const subject of step.of) broken.add(subject);
        whole = false;
        failures.push({ stage: stage.name, subjects: step.of, what: step.text, error: asError(cause) });
      }
    };
    const lanes = preparation.concurrent ? lanesOf(preparation.steps) : [preparation.steps];
    await runLanes(lanes, carryOut, signal);
    if (signal.aborted) break;
    if (whole) stage.settled();
  }
  return { failures, broken, blocked, steps, drift, aborted: signal.aborted };
}

function asError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(String(cause));
}
