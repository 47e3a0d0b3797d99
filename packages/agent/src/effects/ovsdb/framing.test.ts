import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonSplitter } from './framing.ts';

describe('a stream of JSON objects', () => {
  it('comes apart the same however its bytes are cut', () => {
    const objects = fc.array(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()));
    const cuts = fc.array(fc.nat({ max: 2000 }));
    fc.assert(
      fc.property(objects, cuts, (sent, positions) => {
        const bytes = Buffer.from(sent.map((object) => JSON.stringify(object)).join(''));
        const splitter = new JsonSplitter();
        const received = chunks(bytes, positions).flatMap((chunk) => splitter.push(chunk));
        expect(received).toEqual(sent.map((object) => JSON.parse(JSON.stringify(object))));
      }),
    );
  });

  it('is refused where it is not JSON', () => {
    expect(() => new JsonSplitter().push(Buffer.from('{nonsense}'))).toThrow(SyntaxError);
  });
});

function chunks(bytes: Buffer, positions: readonly number[]): readonly Buffer[] {
  const inside = positions.filter((position) => position < bytes.length).toSorted((a, b) => a - b);
  return [0, ...inside].map((start, i) => bytes.subarray(start, inside[i] ?? bytes.length));
}
