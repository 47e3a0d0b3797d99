import { describe, expect, it } from 'vitest';
import { TestClock } from '#effects/clock.fake';
import { Reconciler } from './reconciler.ts';
import type { RoundOutcome } from './round.ts';
import type { Look, Stage } from './stage.ts';

interface Rig {
  readonly clock: TestClock;
  readonly reconciler: Reconciler<string>;
  readonly looks: { readonly plan: string; readonly look: Look }[];
  /** What the first look of all waits for. */
  begun: Promise<void>;
  /** What a refresh waits for. */
  refreshed: Promise<void>;
  readonly outcomes: RoundOutcome[];
  plan: string | null;
  failing: boolean;
  /** What the stage waits for while it looks. */
  gate: Promise<void>;
}

function rig(): Rig {
  const clock = new TestClock();
  const looks: Rig['looks'] = [];
  const outcomes: RoundOutcome[] = [];
  const stage: Stage<string> = {
    name: 'only',
    after: [],
    doubtedAfter: [],
    doubt: () => undefined,
    async prepare(plan, _signal, look) {
      looks.push({ plan, look });
      await made.gate;
      if (made.failing) throw new Error('it cannot be seen');
      return { steps: [], concurrent: false, repeated: false };
    },
    begin: () => made.begun,
    refresh: () => made.refreshed,
    settled: () => undefined,
  };
  const reconciler = new Reconciler<string>({
    stages: [stage],
    plan: () => made.plan,
    onBegin: () => undefined,
    onEnd: ({ outcome }) => outcomes.push(outcome),
    onPlanFailed: (error) => expect.fail(String(error)),
    clock,
    random: () => 0.999,
    verifyEveryMs: 60_000,
    retry: { firstMs: 100, lastMs: 1_000 },
  });
  const made: Rig = {
    clock,
    reconciler,
    looks,
    outcomes,
    plan: 'one',
    failing: false,
    gate: Promise.resolve(),
    begun: Promise.resolve(),
    refreshed: Promise.resolve(),
  };
  return made;
}

function reconcilerOf(stage: Stage<string>): Reconciler<string> {
  return new Reconciler<string>({
    stages: [stage],
    plan: () => 'one',
    onBegin: () => undefined,
    onEnd: () => undefined,
    onPlanFailed: (error) => expect.fail(String(error)),
    clock: new TestClock(),
    random: () => 0.999,
    verifyEveryMs: 60_000,
    retry: { firstMs: 100, lastMs: 1_000 },
  });
}

/** Lets everything happen that does not wait for the clock. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}

async function running(made: Rig, test: () => Promise<void>): Promise<void> {
  const stop = new AbortController();
  const end = made.reconciler.run(stop.signal);
  await test();
  stop.abort();
  await end;
}

/** A stage that has `undone` steps to do, of which a round does one at a time: each makes the next possible. */
function stepByStep(undone: number): { readonly stage: Stage<string>; readonly left: () => number } {
  const stage: Stage<string> = {
    name: 'only',
    after: [],
    doubtedAfter: [],
    doubt: () => undefined,
    async prepare() {
      const step = {
        of: [],
        needs: [],
        text: `step ${undone}`,
        details: [],
        async apply() {
          undone -= 1;
        },
      };
      return { steps: undone > 0 ? [step] : [], concurrent: false, repeated: false };
    },
    begin: () => Promise.resolve(),
    refresh: () => Promise.resolve(),
    settled: () => undefined,
  };
  return { stage, left: () => undone };
}

describe('the reconciler', () => {
  it('puts right at once what is not as planned, in as many rounds as it takes, and says what is left', async () => {
    const stop = new AbortController();
    const repaired = async (undone: number) => {
      const { stage, left } = stepByStep(undone);
      const reconciler = reconcilerOf(stage);
      const answer = await reconciler.repair(stop.signal);
      return [answer?.found.differences.map(({ what }) => what), answer?.left.differences.length, left()];
    };
    expect(await repaired(0)).toEqual([[], 0, 0]);
    expect(await repaired(2)).toEqual([['step 2'], 0, 0]);
    expect(await repaired(9)).toEqual([['step 9'], 1, 4]);
  });

  it('touches nothing before it has a plan', async () => {
    const made = rig();
    made.plan = null;
    await running(made, async () => {
      made.reconciler.request('inventory');
      await settle();
      made.clock.advance(200_000);
      await settle();
      expect(made.looks).toEqual([]);
    });
  });

  it.each(['succeeds', 'fails'])('runs its first round after a first look, which %s', async (end) => {
    const made = rig();
    const begun = Promise.withResolvers<void>();
    made.begun = begun.promise;
    await running(made, async () => {
      made.reconciler.request('view');
      await settle();
      expect(made.looks).toEqual([]);
      if (end === 'succeeds') begun.resolve();
      else begun.reject(new Error('it cannot be seen'));
      await settle();
      expect(made.looks.map(({ look }) => look)).toEqual(['recall']);
    });
  });

  it('does not look at everything when a program has ended', async () => {
    const made = rig();
    await running(made, async () => {
      made.reconciler.request('ended');
      await settle();
      expect(made.looks.map(({ look }) => look)).toEqual(['recall']);
    });
  });

  it('runs one more round, with the newest plan, for all that was asked for during a round', async () => {
    const made = rig();
    const gate = Promise.withResolvers<void>();
    made.gate = gate.promise;
    await running(made, async () => {
      made.reconciler.request('view');
      await settle();
      for (const plan of ['two', 'three', 'four']) {
        made.plan = plan;
        made.reconciler.request('view');
      }
      gate.resolve();
      await settle();
      expect(made.looks.map(({ plan }) => plan)).toEqual(['one', 'four']);
    });
  });

  it('looks at everything from time to time, and only then', async () => {
    const made = rig();
    await running(made, async () => {
      made.reconciler.request('view');
      await settle();
      made.clock.advance(60_000);
      await settle();
      made.reconciler.request('inventory');
      await settle();
      expect(made.looks.map(({ look }) => look)).toEqual(['recall', 'refreshed', 'recall']);
    });
  });

  it('goes on with its rounds while it looks at what takes long', async () => {
    const made = rig();
    const refreshed = Promise.withResolvers<void>();
    made.refreshed = refreshed.promise;
    await running(made, async () => {
      await settle();
      made.clock.advance(60_000);
      await settle();
      made.reconciler.request('inventory');
      await settle();
      expect(made.looks.map(({ look }) => look)).toEqual(['recall']);
      refreshed.resolve();
      await settle();
      expect(made.looks.map(({ look }) => look)).toEqual(['recall', 'refreshed']);
    });
  });

  it('looks at everything itself, and at once, when something has gone', async () => {
    const made = rig();
    await running(made, async () => {
      made.reconciler.request('inventory');
      made.reconciler.request('lost');
      await settle();
      expect(made.looks.map(({ look }) => look)).toEqual(['verify']);
    });
  });

  it('tries again after a failure, later and later, until it succeeds', async () => {
    const made = rig();
    made.failing = true;
    await running(made, async () => {
      made.reconciler.request('view');
      await settle();
      for (const pauseMs of [100, 200, 400, 800, 1_000, 1_000]) {
        const before = made.looks.length;
        made.clock.advance(pauseMs * 0.99);
        await settle();
        expect(made.looks.length).toBe(before);
        made.clock.advance(pauseMs * 0.01);
        await settle();
        expect(made.looks.length).toBe(before + 1);
      }
      made.failing = false;
      made.clock.advance(1_000);
      await settle();
      const after = made.looks.length;
      made.clock.advance(30_000);
      await settle();
      expect(made.looks.length).toBe(after);
    });
  });

  it('reports no round that was cut short', async () => {
    const made = rig();
    const gate = Promise.withResolvers<void>();
    made.gate = gate.promise;
    const stop = new AbortController();
    const end = made.reconciler.run(stop.signal);
    made.reconciler.request('view');
    await settle();
    stop.abort();
    gate.resolve();
    await end;
    expect(made.outcomes).toEqual([]);
  });

  it('inspects between two rounds, never during one', async () => {
    const made = rig();
    await running(made, async () => {
      const gate = Promise.withResolvers<void>();
      made.gate = gate.promise;
      made.reconciler.request('view');
      await settle();
      const inspection = made.reconciler.inspect(new AbortController().signal);
      await settle();
      expect(made.looks).toEqual([{ plan: 'one', look: 'recall' }]);
      gate.resolve();
      expect(await inspection).toEqual({ plan: 'one', differences: [], unseen: [] });
      expect(made.looks.at(-1)).toEqual({ plan: 'one', look: 'verify' });
      expect(made.outcomes).toHaveLength(1);
    });
  });

  it('finds nothing to inspect before it has a plan', async () => {
    const made = rig();
    made.plan = null;
    expect(await made.reconciler.inspect(new AbortController().signal)).toBeNull();
  });
});
