import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lanesOf, runLanes } from './lanes.ts';
import type { PendingStep } from './stage.ts';

function step(of: readonly string[]): PendingStep {
  return { of, needs: [], text: of.join(' '), details: [], apply: () => Promise.resolve() };
}

const steps = fc.array(fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { maxLength: 3 }).map(step));
const shareSubject = (one: PendingStep, other: PendingStep): boolean => one.of.some((each) => other.of.includes(each));

describe('lanes', () => {
  it('never carry out two steps of one subject at the same time, and keep the order of such steps', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.scheduler(), async (all, scheduler) => {
        const [running, begun] = [new Set<PendingStep>(), new Array<PendingStep>()];
        const carryOut = async (each: PendingStep): Promise<void> => {
          for (const other of running) expect(shareSubject(each, other)).toBe(false);
          running.add(each);
          begun.push(each);
          await scheduler.schedule(Promise.resolve());
          running.delete(each);
        };
        await scheduler.waitFor(runLanes(lanesOf(all), carryOut, new AbortController().signal));
        expect(new Set(begun)).toEqual(new Set(all));
        for (const [index, later] of all.entries()) {
          for (const earlier of all.slice(0, index).filter((each) => shareSubject(each, later))) {
            expect(begun.indexOf(earlier)).toBeLessThan(begun.indexOf(later));
          }
        }
      }),
    );
  });

  it('are carried out at the same time where they have nothing to do with one another', async () => {
    const both = Promise.withResolvers<void>();
    let begun = 0;
    const carryOut = async (): Promise<void> => {
      begun += 1;
      if (begun === 2) both.resolve();
      await both.promise;
    };
    await runLanes(lanesOf([step(['a']), step(['b'])]), carryOut, new AbortController().signal);
    expect(begun).toBe(2);
  });

  it('go no further once they are to stop', async () => {
    const stop = new AbortController();
    const done: string[] = [];
    const carryOut = async ({ text }: PendingStep): Promise<void> => {
      done.push(text);
      stop.abort();
    };
    await runLanes(lanesOf([step(['a']), step(['a']), step(['b'])]), carryOut, stop.signal);
    expect(done).toEqual(['a']);
  });
});
