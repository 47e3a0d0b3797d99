/** A mistake of ours: something that the program itself guarantees is not so. Ends the request or the reconcile round. */
export class InvariantViolated extends Error {
  override readonly name = 'InvariantViolated';
}

/**
 * Throws InvariantViolated unless `holds`; `claim` says what should be so. Where it is asked thousands of times, `claim`
 * is a function, so that the sentence is made only when it is needed.
 */
export function invariant(holds: unknown, claim: string | (() => string)): asserts holds {
  if (!holds) throw new InvariantViolated(typeof claim === 'string' ? claim : claim());
}
