import { describe, expect, it } from 'vitest';
import { TestClock } from './clock.fake.ts';
import { sleep } from './clock.ts';

describe('sleep', () => {
  it('ends when its time has come', async () => {
    const clock = new TestClock();
    const order: string[] = [];
    const long = sleep(clock, 20).then(() => order.push('long'));
    const short = sleep(clock, 10).then(() => order.push('short'));
    clock.advance(15);
    await short;
    expect(order).toEqual(['short']);
    clock.advance(5);
    await long;
    expect(order).toEqual(['short', 'long']);
  });

  it('is cut short by its signal and leaves no timer behind', async () => {
    const clock = new TestClock();
    const caller = new AbortController();
    const sleeping = sleep(clock, 10, caller.signal);
    caller.abort(new Error('enough'));
    await expect(sleeping).rejects.toThrow('enough');
    expect(clock.pending).toBe(0);
  });
});
