import { describe, expect, it } from 'vitest';
import { ct, goto, normal } from './action.ts';
import { match, matchAll } from './match.ts';
import { Pipeline, type FlowOf } from './pipeline.ts';
import { renderFlows } from './render.ts';

const pipeline = new Pipeline('br-test', {
  ENTRY: { number: 0, purpose: 'begins', next: ['GUARD', 'END'], miss: { priority: 0, to: 'GUARD' } },
  GUARD: { number: 24, purpose: 'guards', next: ['END'], miss: { priority: 0, to: 'drop' } },
  END: { number: 60, purpose: 'ends', next: [], miss: { priority: 3, to: 'NORMAL' } },
});

type TestFlow = FlowOf<typeof pipeline.tables>;
const end = { number: 5, purpose: 'ends', next: [], miss: { priority: 0, to: 'drop' } } as const;
const rest = { priority: 5, match: match({ in_port: 1 }), of: 'a', why: 'a test' } as const;

describe('a pipeline', () => {
  it('puts numbers for names and adds what each table does on a miss', () => {
    const flows: readonly TestFlow[] = [
      { table: 'ENTRY', actions: [goto('END')], ...rest },
      { table: 'GUARD', actions: [ct({ zone: 1, table: 'END' })], ...rest },
    ];
    expect(renderFlows(pipeline.flowSet(pipeline.resolveAll(flows)))).toBe(
      [
        'table=0, priority=5,in_port=1 actions=goto_table:60',
        'table=0, priority=0 actions=goto_table:24',
        'table=24, priority=5,in_port=1 actions=ct(table=60,zone=1)',
        'table=24, priority=0 actions=drop',
        'table=60, priority=3 actions=NORMAL\n',
      ].join('\n'),
    );
  });

  it('does not compile a flow that goes where its table does not lead', () => {
    // @ts-expect-error END leads nowhere.
    const backwards: TestFlow = { table: 'END', actions: [goto('ENTRY')], ...rest };
    // @ts-expect-error There is no such table.
    const unknown: TestFlow = { table: 'NOWHERE', actions: [normal], ...rest };
    expect(backwards).not.toEqual(unknown);
  });

  it('does not compile a table that leads to one that is not declared', () => {
    const declare = () =>
      new Pipeline('br-wrong', {
        // @ts-expect-error There is no table of that name.
        ENTRY: { number: 0, purpose: 'begins', next: ['NOWHERE'], miss: { priority: 0, to: 'drop' } },
      });
    expect(declare).toThrow('br-wrong has no table NOWHERE');
  });

  it('does not compile misses that go where the table does not lead', () => {
    const declare = () =>
      new Pipeline('br-wrong', {
        // @ts-expect-error A does not list B.
        A: { number: 1, purpose: 'begins', next: [], miss: { priority: 0, to: 'B' } },
        B: end,
      });
    expect(declare).toThrow('A sends its misses to B, which it does not list');
  });

  it('refuses tables that share a number, and misses that go back', () => {
    expect(() => new Pipeline('br-wrong', { A: end, B: end })).toThrow('two tables have one number');
    const back = { number: 9, purpose: 'goes back', next: ['B'], miss: { priority: 0, to: 'B' } } as const;
    expect(() => new Pipeline('br-wrong', { A: back, B: end })).toThrow('A sends its misses back to B');
  });

  it('refuses a flow that is what a table does on a miss', () => {
    const miss: TestFlow = { ...rest, table: 'GUARD', priority: 0, match: matchAll, actions: [normal] };
    expect(() => pipeline.flowSet(pipeline.resolveAll([miss]))).toThrow(/two flows are 24\/0/);
  });
});
