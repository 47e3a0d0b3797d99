import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { selectInMemory, type Selection } from './select-in-memory.ts';

const everything: Selection = {
  filters: [],
  sort: [{ attribute: 'id', direction: 'asc' }],
  limit: null,
  marker: null,
  pageReverse: false,
};

const items = [
  { id: 'a', name: 'x', alive: true, tags: ['t1', 't2'], fixed_ips: [{ ip_address: '10.0.0.5' }] },
  { id: 'b', name: 'y', alive: false, tags: ['t1'], fixed_ips: [] },
  { id: 'c', name: 'x', alive: null, tags: [], fixed_ips: [{ ip_address: '192.0.2.1' }] },
];
const ids = (selection: Partial<Selection>): readonly string[] | undefined =>
  selectInMemory(items, { ...everything, ...selection }, 'id')?.map(({ id }) => id);

describe('a selection in memory', () => {
  it('keeps what all conditions hold for', () => {
    expect(ids({ filters: [{ op: 'equals', attribute: 'name', values: ['x', 'z'] }] })).toEqual(['a', 'c']);
    expect(ids({ filters: [{ op: 'equals', attribute: 'alive', values: [null, true] }] })).toEqual(['a', 'c']);
    expect(ids({ filters: [{ op: 'equals', attribute: 'nosuch', values: [null] }] })).toEqual(['a', 'b', 'c']);
    expect(
      ids({
        filters: [
          { op: 'equals', attribute: 'name', values: ['x'] },
          { op: 'has', attribute: 'tags', values: ['t2'] },
        ],
      }),
    ).toEqual(['a']);
  });

  it('looks into lists of objects', () => {
    const field = { op: 'has-field', attribute: 'fixed_ips', field: 'ip_address' } as const;
    expect(ids({ filters: [{ ...field, match: 'equal', values: ['10.0.0.5'] }] })).toEqual(['a']);
    expect(ids({ filters: [{ ...field, match: 'substring', values: ['0.2'] }] })).toEqual(['c']);
  });

  it.each([
    ['all', ['a']],
    ['any', ['a', 'b']],
    ['not-all', ['b', 'c']],
    ['none', ['c']],
  ] as const)('knows tags: %s of two', (match, found) => {
    expect(ids({ filters: [{ op: 'tags', match, tags: ['t1', 't2'] }] })).toEqual(found);
  });

  it('orders by one attribute after the other, nothing before something', () => {
    const sort = [
      { attribute: 'name', direction: 'desc' },
      { attribute: 'id', direction: 'desc' },
    ] as const;
    expect(ids({ sort })).toEqual(['b', 'c', 'a']);
    expect(ids({ sort: [{ attribute: 'alive', direction: 'asc' }] })).toEqual(['c', 'b', 'a']);
  });

  it('does not know a marker that no item has', () => {
    expect(ids({ marker: 'nosuch', limit: 1 })).toBeUndefined();
  });

  it('shows every item on exactly one page, whichever way the pages are turned', () => {
    const anyItems = fc.uniqueArray(fc.record({ id: fc.string(), rank: fc.nat(3) }), { selector: ({ id }) => id });
    fc.assert(
      fc.property(anyItems, fc.integer({ min: 1, max: 5 }), fc.boolean(), (all, limit, pageReverse) => {
        const sort = [
          { attribute: 'rank', direction: 'desc' },
          { attribute: 'id', direction: 'asc' },
        ] as const;
        const pages: (typeof all)[] = [];
        let marker: string | null = null;
        for (;;) {
          const page: readonly { readonly id: string; readonly rank: number }[] =
            selectInMemory(all, { ...everything, sort, limit, marker, pageReverse }, 'id') ?? [];
          const end = pageReverse ? page[0] : page.at(-1);
          if (end === undefined) break;
          pages.push([...page]);
          marker = end.id;
        }
        const inOrder = pageReverse ? pages.toReversed().flat() : pages.flat();
        expect(inOrder).toEqual(selectInMemory(all, { ...everything, sort }, 'id'));
      }),
    );
  });
});
