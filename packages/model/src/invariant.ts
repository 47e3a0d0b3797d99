/** A mistake of ours: something that the program relies on does not hold. Ends the request or the reconcile round. */
export class InvariantViolated extends Error {
  override readonly name = 'InvariantViolated';
}

/** Throws InvariantViolated when `condition` does not hold; `claim` says what should have. */
export function invariant(condition: unknown, claim: string): asserts condition {
  if (!condition) throw new InvariantViolated(claim);
}
