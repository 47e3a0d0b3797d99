// Filters, orders and pages objects that are all at hand: for the few resources that no table holds, and for conditions
// on attributes that are computed when an object is shown. It means the same by a query as the database does.

import type { Condition, ListQuery, Sort } from '@neutronium/model/read-query';

type Item = Readonly<Record<string, unknown>>;

export type Selection = Pick<ListQuery, 'filters' | 'sort' | 'limit' | 'marker' | 'pageReverse'>;

/**
 * The items that the query asks for, in its order. Undefined when its marker is the `primaryKey` of none of the items
 * that its filters leave.
 */
export function selectInMemory<T extends Item>(
  items: readonly T[],
  query: Selection,
  primaryKey: string,
): readonly T[] | undefined {
  const found = items
    .filter((item) => query.filters.every((condition) => holds(condition, item)))
    .toSorted((a, b) => compareBy(query.sort, a, b));
  const { limit, marker } = query;
  const at = marker === null ? undefined : found.findIndex((item) => item[primaryKey] === marker);
  if (at === -1) return undefined;
  const most = limit ?? found.length;
  if (!query.pageReverse) {
    const start = at === undefined ? 0 : at + 1;
    return found.slice(start, start + most);
  }
  const end = at ?? found.length;
  return found.slice(Math.max(0, end - most), end);
}

function holds(condition: Condition, item: Item): boolean {
  switch (condition.op) {
    case 'equals':
      return condition.values.some((value) => value === (item[condition.attribute] ?? null));
    case 'parent-equals':
      // What an object has from its parent it shows as its own.
      return condition.values.some((value) => value === (item[condition.of] ?? null));
    case 'has':
      return membersOf(item[condition.attribute]).some((member) => condition.values.some((value) => value === member));
    case 'has-field':
      return membersOf(item[condition.attribute]).some((member) => fieldMatches(condition, member));
    case 'tags': {
      const tags = new Set(membersOf(item['tags']));
      const all = condition.tags.every((tag) => tags.has(tag));
      const any = condition.tags.some((tag) => tags.has(tag));
      switch (condition.match) {
        case 'all':
          return all;
        case 'any':
          return any;
        case 'not-all':
          return !all;
        case 'none':
          return !any;
      }
    }
  }
}

function fieldMatches({ field, match, values }: Extract<Condition, { op: 'has-field' }>, member: unknown): boolean {
  if (typeof member !== 'object' || member === null) return false;
  const value = new Map(Object.entries(member)).get(field);
  return values.some((wanted) =>
    match === 'equal' ? value === wanted : typeof value === 'string' && value.includes(String(wanted)),
  );
}

function membersOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function compareBy(sort: readonly Sort[], a: Item, b: Item): number {
  for (const { attribute, direction } of sort) {
    const order = compareValues(a[attribute], b[attribute]);
    if (order !== 0) return direction === 'asc' ? order : -order;
  }
  return 0;
}

/** Nothing comes first, then numbers and flags, then text by its code points. */
function compareValues(a: unknown, b: unknown): number {
  const [left, right] = [sortable(a), sortable(b)];
  if (typeof left !== typeof right) return typeof left === 'number' ? -1 : 1;
  return left < right ? -1 : left > right ? 1 : 0;
}

function sortable(value: unknown): number | string {
  if (value === null || value === undefined) return Number.NEGATIVE_INFINITY;
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}
