/** Raised when this package contradicts itself: a fault of the program, never of its input. */
export class InvariantBroken extends Error {
  override readonly name = 'InvariantBroken';
}

/** Ends the computation when something that the program itself guarantees is not so. */
export function invariant(holds: boolean, what: string): asserts holds {
  if (!holds) throw new InvariantBroken(what);
}
