// Every kind that a declaration uses reads its own valid examples, refuses its invalid ones, and survives any JSON.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogue } from '../catalogue.ts';
import type { Kind } from '../kind.ts';
import { attributesOf } from '../resource.ts';

const kinds = new Map(
  catalogue.flatMap((resource) =>
    attributesOf(resource).map(([, { kind }]): [string, Kind<unknown>] => [kind.name, kind]),
  ),
);

describe.each([...kinds])('%s', (_, kind) => {
  it('reads its valid examples', () => {
    for (const example of kind.examples.valid) expect(kind.read(example)).toMatchObject({ ok: true });
  });

  it('refuses its invalid examples', () => {
    for (const example of kind.examples.invalid) expect(kind.read(example)).toMatchObject({ ok: false });
  });

  it('reads what it has read to the same value', () => {
    for (const example of kind.examples.valid) {
      const once = kind.read(example);
      if (!once.ok) continue;
      expect(kind.read(once.value)).toEqual(once);
    }
  });

  it('reads or refuses any JSON, and gives a reason that names no attribute', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const reading = kind.read(value);
        if (!reading.ok && reading.fault !== 'declared') expect(reading.reason).not.toMatch(/\.$/);
      }),
    );
  });

  it('reads any text of a filter or refuses it', () => {
    const { filter } = kind;
    fc.assert(
      fc.property(fc.string(), (text) => {
        const readers = filter.by === 'field' ? Object.values(filter.fields).map(({ read }) => read) : [filter.read];
        for (const read of readers) expect(typeof read(text).ok).toBe('boolean');
      }),
    );
  });
});
