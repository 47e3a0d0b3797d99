// Numbers for what connections remember: they outlive the plan in which they were given, so a number follows from the id
// of what it stands for, and not from what else there is.

import { hashOf } from '../netfilter/hash.ts';

/**
 * A number of `first` to `last` for each id. It follows from the id alone, unless two would have the same. There must be
 * as many numbers as ids.
 */
export function stableNumbers(
  ids: Iterable<string>,
  { first, last }: { readonly first: number; readonly last: number },
): ReadonlyMap<string, number> {
  const count = last - first + 1;
  const taken = new Set<number>();
  return new Map(
    [...new Set(ids)].toSorted().map((id) => {
      let offset = Number.parseInt(hashOf(id).slice(0, 8), 16) % count;
      while (taken.has(offset)) offset = (offset + 1) % count;
      taken.add(offset);
      return [id, first + offset];
    }),
  );
}
