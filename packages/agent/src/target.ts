// A target is one kind of thing on the host that the agent keeps as planned. The reconciler knows targets only by
// this interface: it observes, asks for the steps, and runs them.

export interface Target<Desired, Actual, Step> {
  readonly name: string;
  /** Reads what is on the host and ours. Changes nothing. */
  observe(signal: AbortSignal): Promise<Actual>;
  /** The steps from `actual` to `desired`, in the order in which they must run. Pure: `plan(d, d)` is empty. */
  plan(desired: Desired, actual: Actual): readonly Step[];
  /** Carries one step out. Safe to repeat, and safe to run again after an interruption at any point. */
  apply(step: Step, signal: AbortSignal): Promise<void>;
}
