// Numbers of 32 bits for API objects, for registers and conjunctions. They depend on the ids alone, so that an agent
// that starts again finds its flows as they should be.

import { invariant } from '@neutronium/net/invariant';

const hexDigits = 8;
const numbers = 2 ** 32;
/** Means nothing in a register, and is not a conj_id (ovs-fields(7)). */
const reserved = 0;

/**
 * A number for each id, none of them 0: the id's first 32 bits, or the next that is free, given out in the order of the
 * ids. An id keeps its number unless one of the others begins with the same bits.
 */
export function shortNumbers(ids: Iterable<string>): ReadonlyMap<string, number> {
  const taken = new Set([reserved]);
  const result = new Map<string, number>();
  for (const id of [...new Set(ids)].toSorted()) {
    let number = Number.parseInt(id.slice(0, hexDigits), 16);
    invariant(number >= 0, () => `${id} does not begin as an id of the API`);
    while (taken.has(number)) number = (number + 1) % numbers;
    taken.add(number);
    result.set(id, number);
  }
  return result;
}
