// How the body of a request is made up. An attribute has usual values, which the API takes, and odd ones: at the edge,
// beyond it, or of another kind altogether. A body is odd in one attribute at most, since which of two faults an answer
// names first is nobody's concern.

import fc from 'fast-check';

type Values = Readonly<Record<string, fc.Arbitrary<unknown>>>;

/** What no attribute takes, or few. */
const rubbish: readonly unknown[] = [null, '', -1, 'rubbish', [], {}, ['rubbish'], { rubbish: 1 }, true, 70_000];

/** An object with the `always` and any of the other members of `usual`; one time in three, one member is odd. */
export function some(usual: Values, odd: Readonly<Record<string, readonly unknown[]>>, always: readonly string[] = []) {
  const names = [...new Set([...Object.keys(usual), ...Object.keys(odd)])];
  const spoilt = fc
    .constantFrom(...names)
    .chain((spoiltName) => fc.tuple(fc.constant(spoiltName), fc.constantFrom(...(odd[spoiltName] ?? []), ...rubbish)));
  return fc
    .tuple(fc.record(usual, { requiredKeys: [...always] }), fc.option(spoilt, { freq: 2, nil: undefined }))
    .map(([body, spoiler]): object => (spoiler === undefined ? body : { ...body, [spoiler[0]]: spoiler[1] }));
}

export const pick = (...values: readonly unknown[]): fc.Arbitrary<unknown> => fc.constantFrom(...values);

/** One of the objects of these kinds that the sequence has created. */
export function reference(...kinds: readonly string[]): fc.Arbitrary<string> {
  return fc.tuple(fc.constantFrom(...kinds), fc.nat({ max: 3 })).map(([kind, index]) => `$${kind}.${index}`);
}

export const named = {
  name: pick('', 'a', 'b', 'ä name with spaces', 'x'.repeat(255)),
  description: pick('', 'some words'),
};
export const oddNamed = { name: ['x'.repeat(256)], description: ['x'.repeat(256)] };
