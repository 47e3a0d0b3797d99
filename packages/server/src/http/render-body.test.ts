import fc from 'fast-check';
import { expect, it } from 'vitest';
import { renderBody } from './render-body.ts';

/** Objects as answers are: names and values that JSON can say, some of them lists that are rendered in parts. */
const bodies = fc
  .dictionary(fc.string(), fc.oneof(fc.jsonValue(), fc.integer({ min: 0, max: 1201 })))
  .map((members) =>
    Object.fromEntries(
      Object.entries(members).map(([name, value]) => [
        name,
        typeof value === 'number' ? Array.from({ length: value % 1202 }, (_, index) => ({ index, ü: '"' })) : value,
      ]),
    ),
  );

it('renders what JSON.stringify does, however long its lists are', async () => {
  await fc.assert(
    fc.asyncProperty(bodies, async (body) => {
      expect(String(await renderBody(body))).toBe(JSON.stringify(body));
    }),
    { numRuns: 50 },
  );
});

it('lets others have their turn within a long list', async () => {
  const events: string[] = [];
  setImmediate(() => events.push('somebody else'));
  await renderBody({ ports: Array.from({ length: 2000 }, (_, index) => index) });
  events.push('rendered');
  expect(events).toEqual(['somebody else', 'rendered']);
});
