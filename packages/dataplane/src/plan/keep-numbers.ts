// Short numbers of this host for things that have long ids: kept for as long as the thing is there.

export interface NumberRange {
  readonly first: number;
  readonly last: number;
}

/**
 * A number for each of `ids`: the remembered one, else the lowest that neither another id has nor anybody remembers.
 * Those for whom none is left get none. Of two who remember one number, the first by id keeps it.
 */
export function keepNumbers(
  ids: Iterable<string>,
  remembered: ReadonlyMap<string, number>,
  range: NumberRange,
): ReadonlyMap<string, number> {
  const sorted = [...new Set(ids)].toSorted();
  const owners = ownersOf(remembered, range);
  const result = new Map<string, number>();
  for (const id of sorted) {
    const number = remembered.get(id);
    if (number !== undefined && owners.get(number) === id) result.set(id, number);
  }
  let next = range.first;
  for (const id of sorted) {
    if (result.has(id)) continue;
    while (owners.has(next)) next += 1;
    if (next > range.last) break;
    result.set(id, next);
    next += 1;
  }
  return result;
}

function ownersOf(remembered: ReadonlyMap<string, number>, range: NumberRange): ReadonlyMap<number, string> {
  const owners = new Map<number, string>();
  for (const [id, number] of remembered) {
    const other = owners.get(number);
    const usable = number >= range.first && number <= range.last;
    if (usable && (other === undefined || id < other)) owners.set(number, id);
  }
  return owners;
}
