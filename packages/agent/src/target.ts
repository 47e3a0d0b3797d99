// A target is one kind of thing on the host that the agent keeps as planned. The reconciler knows targets only by
// this interface: it observes, asks for the steps, and runs them.

/**
 * How far an observation goes. `recall` may answer from what the target remembers of its own steps and from what
 * monitors tell it, so that one port's change does not cost a look at all; `verify` reads the host itself.
 */
export type Depth = 'recall' | 'verify';

export interface Target<Desired, Actual, Step> {
  readonly name: string;
  /** Reads what is on the host and ours. Changes nothing. The first observation of a process is always a full one. */
  observe(signal: AbortSignal, depth: Depth): Promise<Actual>;
  /**
   * For a target whose full look takes long: looks, while rounds go on, so that the next `recall` tells what is really
   * there. A target without it is looked at within a round.
   */
  refresh?(signal: AbortSignal): Promise<void>;
  /** The steps from `actual` to `desired`, in the order in which they must run. Pure: `plan(d, d)` is empty. */
  plan(desired: Desired, actual: Actual): readonly Step[];
  /**
   * Whether steps of different subjects may be carried out at the same time. Left out, a step waits for the one before.
   */
  readonly concurrent?: true;
  /** Carries one step out. Safe to repeat, and safe to run again after an interruption at any point. */
  apply(step: Step, signal: AbortSignal): Promise<void>;
}
