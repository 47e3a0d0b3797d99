import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

describe('a token bucket', () => {
  it('lets no more through than its burst and what its rate allows, and all that comes slowly enough', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 200 }),
        (rate, burst, pauses) => {
          let now = 0;
          const bucket = new TokenBucket({ rate, burst, now: () => now });
          let taken = 0;
          for (const pause of pauses) {
            now += pause;
            if (bucket.take()) taken += 1;
          }
          expect(taken).toBeLessThanOrEqual(burst + (now / 1000) * rate + 1e-6);
          now += 1000 / rate + 1;
          expect(bucket.take()).toBe(true);
        },
      ),
    );
  });
});
