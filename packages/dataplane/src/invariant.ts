/** Raised when this package contradicts itself: a fault of the program, never of its input. */
export class InvariantBroken extends Error {
  override readonly name = 'InvariantBroken';
}

/**
 * Ends the computation when something that the program itself guarantees is not so. Where it is asked thousands of
 * times, `what` is a function, so that the sentence is made only when it is needed.
 */
export function invariant(holds: boolean, what: string | (() => string)): asserts holds {
  if (!holds) throw new InvariantBroken(typeof what === 'string' ? what : what());
}
