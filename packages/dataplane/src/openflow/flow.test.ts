import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normal, output } from './action.ts';
import { arbitraryFlows } from './flow-arbitraries.ts';
import { flowDifference, flowKey, flowSet, sameActions, type Flow, type FlowRule } from './flow.ts';
import { match } from './match.ts';
import { renderFlow, renderFlows } from './render.ts';

const flow: Flow = { table: 60, priority: 3, match: match({ in_port: 5 }), actions: [normal], of: 'a', why: 'it must' };

/** What a switch holds after a difference was applied to it: the rules of OpenFlow 1.4 section 6.4. */
function applied(before: readonly FlowRule[], desired: readonly Flow[]): ReadonlyMap<string, FlowRule> {
  const { add, remove } = flowDifference(flowSet(desired), before);
  const held = new Map(before.map((rule) => [flowKey(rule), rule]));
  for (const rule of remove) held.delete(flowKey(rule));
  for (const rule of add) held.set(flowKey(rule), rule);
  return held;
}

describe('a flow set', () => {
  it('is the same in whatever order its flows came', () => {
    const shuffled = arbitraryFlows.chain((flows) =>
      fc.tuple(fc.constant(flows), fc.shuffledSubarray([...flows], { minLength: flows.length })),
    );
    fc.assert(
      fc.property(shuffled, ([flows, others]) => {
        expect(renderFlows(flowSet(flows))).toBe(renderFlows(flowSet(others)));
      }),
    );
  });

  it('refuses two flows of which a switch would keep only one, and names both', () => {
    const other: Flow = { ...flow, actions: [output(9)], of: 'b', why: 'it should' };
    expect(() => flowSet([flow, other])).toThrow("'it must' of a and 'it should' of b");
  });
});

describe('the difference between flow sets', () => {
  it('is empty for the same flows', () => {
    fc.assert(
      fc.property(arbitraryFlows, (flows) => {
        expect(flowDifference(flowSet(flows), flows)).toEqual({ add: [], remove: [] });
      }),
    );
  });

  it('makes any flows into any others', () => {
    fc.assert(
      fc.property(arbitraryFlows, arbitraryFlows, (before, after) => {
        const held = [...applied(before, after).values()];
        expect(held.map(renderFlow).toSorted()).toEqual(after.map(renderFlow).toSorted());
      }),
    );
  });

  it('replaces a flow that does something else without removing it first', () => {
    const changed = { ...flow, actions: [output(9)] };
    expect(flowDifference(flowSet([changed]), [flow])).toEqual({ add: [changed], remove: [] });
  });

  it('does not see whom a flow is for, or why', () => {
    expect(flowDifference(flowSet([{ ...flow, of: 'b', why: 'because' }]), [flow])).toEqual({ add: [], remove: [] });
    expect(sameActions(flow, { ...flow, actions: [{ ...normal }] })).toBe(true);
  });
});
