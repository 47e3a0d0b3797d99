import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Depth, Target } from '../target.ts';
import { inspect } from './inspect.ts';
import { runRound } from './round.ts';
import { stage } from './stage.ts';
import type { Stage, StageParts } from './stage.ts';

type Plan = Readonly<Record<string, readonly string[]>>;

interface ShelfStep {
  readonly put?: string;
  readonly take?: string;
}

/** A kernel in which things are made by name, and which refuses those that it is told to refuse. */
class Shelf implements Target<readonly string[], ReadonlySet<string>, ShelfStep> {
  readonly name: string;
  readonly things: Set<string>;
  readonly refused = new Set<string>();
  readonly tried: string[] = [];
  blind = false;
  onTake: () => void = () => undefined;

  constructor(name: string, things: readonly string[] = []) {
    this.name = name;
    this.things = new Set(things);
  }

  async observe(_signal?: AbortSignal, _depth?: Depth): Promise<ReadonlySet<string>> {
    if (this.blind) throw new Error(`${this.name} cannot be seen`);
    return new Set(this.things);
  }

  plan(desired: readonly string[], actual: ReadonlySet<string>): readonly { put?: string; take?: string }[] {
    return [
      ...desired.filter((thing) => !actual.has(thing)).map((put) => ({ put })),
      ...[...actual].filter((thing) => !desired.includes(thing)).map((take) => ({ take })),
    ];
  }

  async apply({ put, take }: { put?: string; take?: string }): Promise<void> {
    const thing = put ?? take ?? '';
    this.tried.push(thing);
    if (this.refused.has(thing)) throw new Error(`${thing} is refused`);
    if (put !== undefined) this.things.add(put);
    if (take === undefined) return;
    this.things.delete(take);
    this.onTake();
  }
}

/** Looks once, and then relies on what it has seen and done, unless it is told to look. */
class RememberingShelf extends Shelf {
  #known: Set<string> | null = null;

  override async observe(_signal?: AbortSignal, depth: Depth = 'recall'): Promise<ReadonlySet<string>> {
    if (depth === 'verify') this.#known = null;
    this.#known ??= new Set(this.things);
    return this.#known;
  }

  override async apply(step: ShelfStep): Promise<void> {
    await super.apply(step);
    this.#known = new Set(this.things);
  }
}

function shelfStage(
  shelf: Shelf,
  after: readonly string[] = [],
  needs: (thing: string) => readonly string[] = () => [],
): Stage<Plan> {
  return stage({ ...partsOf(shelf), after, needs: ({ put, take }) => needs(put ?? take ?? '') });
}

function partsOf(shelf: Shelf): StageParts<Plan, readonly string[], ReadonlySet<string>, ShelfStep> {
  return {
    target: shelf,
    after: [],
    desired: (plan) => plan[shelf.name] ?? [],
    of: ({ put, take }) => [`${shelf.name} ${put ?? take}`],
    describe: ({ put, take }) => (put === undefined ? `taking ${take}` : `putting ${put}`),
  };
}

const { signal } = new AbortController();

describe('a round', () => {
  it('brings every stage to the plan', async () => {
    const [lower, upper] = [new Shelf('lower', ['old']), new Shelf('upper')];
    const stages = [shelfStage(lower), shelfStage(upper, ['lower'])];
    const outcome = await runRound({ plan: { lower: ['a'], upper: ['b', 'c'] }, stages, look: 'recall', signal });
    expect([[...lower.things], [...upper.things]]).toEqual([['a'], ['b', 'c']]);
    expect(outcome).toMatchObject({ failures: [], steps: 4, aborted: false });
  });

  it('stops what depends on a failed step, and nothing else', async () => {
    const [lower, upper] = [new Shelf('lower'), new Shelf('upper')];
    lower.refused.add('a');
    const stages = [shelfStage(lower), shelfStage(upper, ['lower'], (thing) => [`lower ${thing}`])];
    const outcome = await runRound({ plan: { lower: ['a', 'b'], upper: ['a', 'b'] }, stages, look: 'recall', signal });
    expect([[...lower.things], [...upper.things], upper.tried]).toEqual([['b'], ['b'], ['b']]);
    expect(outcome.broken).toEqual(new Set(['lower a', 'upper a']));
    expect(outcome.failures.map((failure) => failure.error.message)).toEqual(['a is refused']);
  });

  it('looks anew where a step of another stage may have changed what is remembered, and only there', async () => {
    const [giver, other] = [new Shelf('giver', ['old']), new RememberingShelf('other', ['given'])];
    const parts = { ...partsOf(other), doubtedAfter: ['giver'] };
    const stages = [shelfStage(giver), stage(parts)];
    await runRound({ plan: { giver: ['old'], other: ['given'] }, stages, look: 'recall', signal });
    // Whoever ends takes along what it has given.
    giver.onTake = () => other.things.delete('given');
    await runRound({ plan: { giver: [], other: ['given'] }, stages, look: 'recall', signal });
    expect([...other.things]).toEqual(['given']);
    other.things.delete('given');
    await runRound({ plan: { giver: [], other: ['given'] }, stages, look: 'recall', signal });
    expect([...other.things]).toEqual([]);
  });

  it('does not act upon a host that an earlier stage could not look at', async () => {
    const [lower, middle, upper, aside] = [
      new Shelf('lower'),
      new Shelf('middle'),
      new Shelf('upper'),
      new Shelf('aside'),
    ];
    lower.blind = true;
    const stages = [shelfStage(lower), shelfStage(middle, ['lower']), shelfStage(upper, ['middle']), shelfStage(aside)];
    const plan = { lower: ['a'], middle: ['a'], upper: ['a'], aside: ['a'] };
    const outcome = await runRound({ plan, stages, look: 'recall', signal });
    expect([...middle.tried, ...upper.tried]).toEqual([]);
    expect([...aside.things]).toEqual(['a']);
    expect(outcome.blocked).toEqual(new Set(['lower', 'middle', 'upper']));
  });

  it('counts as drift what is found undone under the same plan, and nothing that is new', async () => {
    const shelf = new Shelf('lower');
    const stages = [shelfStage(shelf)];
    const drifts: number[] = [];
    const run = async (things: readonly string[]): Promise<void> => {
      const outcome = await runRound({ plan: { lower: things }, stages, look: 'verify', signal });
      drifts.push(outcome.drift.get('lower') ?? 0);
    };
    await run(['a', 'b']);
    await run(['a', 'b', 'c']);
    shelf.things.delete('a');
    shelf.things.add('stranger');
    await run(['a', 'b', 'c']);
    await run(['a', 'b', 'c']);
    expect(drifts).toEqual([0, 0, 2, 0]);
  });

  it('ends at the step that runs when it is aborted', async () => {
    const stop = new AbortController();
    const shelf = new Shelf('lower');
    const apply = shelf.apply.bind(shelf);
    shelf.apply = async (step) => {
      await apply(step);
      stop.abort();
    };
    const outcome = await runRound({
      plan: { lower: ['a', 'b'] },
      stages: [shelfStage(shelf)],
      look: 'recall',
      signal: stop.signal,
    });
    expect([...shelf.things]).toEqual(['a']);
    expect(outcome.aborted).toBe(true);
  });

  it('reaches the plan from any state, however often it is refused a step on the way', async () => {
    const thing = fc.constantFrom('a', 'b', 'c', 'd');
    const things = fc.uniqueArray(thing);
    await fc.assert(
      fc.asyncProperty(
        things,
        things,
        fc.array(fc.uniqueArray(thing), { maxLength: 3 }),
        async (before, wanted, refusals) => {
          const [lower, upper] = [new Shelf('lower', before), new Shelf('upper', before)];
          const stages = [shelfStage(lower), shelfStage(upper, ['lower'], (name) => [`lower ${name}`])];
          const plan = { lower: wanted, upper: wanted };
          for (const refused of [...refusals, []]) {
            lower.refused.clear();
            for (const name of refused) lower.refused.add(name);
            await runRound({ plan, stages, look: 'verify', signal });
          }
          expect([lower.things, upper.things]).toEqual([new Set(wanted), new Set(wanted)]);
        },
      ),
    );
  });
});

describe('stages of one target', () => {
  it('look at the host once in a round, whatever is asked of them', async () => {
    const depths: Depth[] = [];
    const target: Target<string, null, string> = {
      name: 'one',
      async observe(_signal, depth) {
        depths.push(depth);
        return null;
      },
      plan: () => [],
      apply: () => Promise.resolve(),
    };
    const parts = { target, after: [], desired: () => '', of: () => [], describe: () => '' };
    const stages = [
      stage<string, string, null, string>(parts),
      stage<string, string, null, string>({ ...parts, name: 'two', hasLooked: true }),
    ];
    await runRound({ plan: '', stages, look: 'verify', signal: new AbortController().signal });
    expect(depths).toEqual(['verify', 'recall']);
  });
});

describe('an inspection', () => {
  it('says of each stage what it would do, and does nothing', async () => {
    const shelves = [new Shelf('a', ['old']), new Shelf('b', ['kept'])];
    const plan: Plan = { a: ['new'], b: ['kept'] };
    const stages = shelves.map((shelf) => shelfStage(shelf));
    const { differences, unseen } = await inspect(plan, stages, new AbortController().signal);
    expect(differences.map(({ stage: name, what }) => [name, what])).toEqual([
      ['a', 'putting new'],
      ['a', 'taking old'],
    ]);
    expect(unseen).toEqual([]);
    expect(shelves.flatMap(({ tried }) => tried)).toEqual([]);
  });

  it('names the stages that cannot look, and looks at the others all the same', async () => {
    const shelves = [new Shelf('a'), new Shelf('b')];
    for (const shelf of shelves.slice(0, 1)) shelf.blind = true;
    const stages = shelves.map((shelf) => shelfStage(shelf));
    const found = await inspect({ a: [], b: ['new'] }, stages, new AbortController().signal);
    expect(found.unseen).toEqual([{ stage: 'a', why: 'a cannot be seen' }]);
    expect(found.differences.map(({ what }) => what)).toEqual(['putting new']);
  });
});
