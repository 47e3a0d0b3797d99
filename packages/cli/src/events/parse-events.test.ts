import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFrames, type Frame } from './parse-events.ts';
import { renderEvent, renderHistory } from './render-event.ts';

const event = {
  revision: 7,
  op: 'update',
  resource: 'network',
  id: 'n1',
  project_id: 'p',
  at: '2030-01-02T03:04:05Z',
  request_id: 'req-1',
  user_id: 'u',
  object: { name: 'a: b', mtu: 1400 },
  changed: ['mtu', 'revision_number'],
  was: { mtu: 1500, revision_number: 1 },
} as const;
const stream = `id: 6\n\nid: 7\nevent: update\ndata: ${JSON.stringify(event)}\n\nid: 9\n\nid: 10\neve`;

async function framesOf(pieces: readonly string[]): Promise<readonly Frame[]> {
  const frames: Frame[] = [];
  const source = (async function* () {
    yield* pieces;
  })();
  for await (const frame of parseFrames(source)) frames.push(frame);
  return frames;
}

describe('a stream of events', () => {
  it('is read alike however it is cut into pieces, without what it leaves unfinished', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(stream.length), { maxLength: 10 }), async (cuts) => {
        const ends = [...cuts.toSorted((a, b) => a - b), stream.length];
        const pieces = ends.map((end, index) => stream.slice(ends[index - 1] ?? 0, end));
        expect(await framesOf(pieces)).toEqual([
          { position: '6', event: null },
          { position: '7', event },
          { position: '9', event: null },
        ]);
      }),
    );
  });

  it('is shown as a line for each event, with what has become different', () => {
    expect(renderEvent(event)).toBe('7  2030-01-02T03:04:05Z  update network n1 (a: b): mtu=1400');
    expect(renderEvent({ ...event, op: 'delete', object: {}, changed: [] })).toBe(
      '7  2030-01-02T03:04:05Z  delete network n1',
    );
  });

  it('is shown as history with who did it and what was there before', () => {
    expect(renderHistory(event)).toBe('7  2030-01-02T03:04:05Z  update by u (req-1)\n    mtu: 1500 -> 1400');
  });
});
