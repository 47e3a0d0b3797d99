import { describe, expect, it } from 'vitest';
import { chooseAgents, type SchedulableAgent } from './choose-agents.ts';

const agent = (id: string, changes: Partial<SchedulableAgent> = {}): SchedulableAgent => ({
  id,
  host: `host-${id}`,
  availability_zone: 'nova',
  usable: true,
  load: 0,
  unreached: 0,
  ...changes,
});
const demand = { availability_zone_hints: [], servedBy: [], wanted: 1 };

function chosen(
  changes: Partial<typeof demand> | Parameters<typeof chooseAgents>[0],
  agents: readonly SchedulableAgent[],
) {
  const { add, replace } = chooseAgents({ ...demand, ...changes }, agents);
  return { add: add.map(({ id }) => id), replace };
}

describe('chooseAgents', () => {
  it('takes the least loaded agent', () => {
    expect(chosen({}, [agent('a', { load: 3 }), agent('b', { load: 1 }), agent('c', { load: 2 })]).add).toEqual(['b']);
  });
  it('leaves a network that is served as it should be', () => {
    expect(chosen({ ...demand, servedBy: ['a'] }, [agent('a', { load: 9 }), agent('b')])).toEqual({
      add: [],
      replace: [],
    });
  });
  it('replaces a dead agent when another can serve', () => {
    const agents = [agent('a', { usable: false }), agent('b')];
    expect(chosen({ ...demand, servedBy: ['a'] }, agents)).toEqual({ add: ['b'], replace: ['a'] });
  });
  it('leaves the network with a dead agent when there is no other', () => {
    const expected = { add: [], replace: [] };
    expect(chosen({ ...demand, servedBy: ['a'] }, [agent('a', { usable: false })])).toEqual(expected);
  });
  it('takes only agents of the zones that the network asks for', () => {
    const agents = [agent('a'), agent('b', { availability_zone: 'east', load: 5 })];
    expect(chosen({ ...demand, availability_zone_hints: ['east'] }, agents).add).toEqual(['b']);
    expect(chosen({ ...demand, availability_zone_hints: ['west'] }, agents).add).toEqual([]);
  });
  it('takes none that reaches less than another, however idle it is', () => {
    const agents = [agent('a', { unreached: 1 }), agent('b', { load: 9 }), agent('c', { unreached: 2 })];
    expect(chosen({ ...demand, wanted: 3 }, agents).add).toEqual(['b']);
  });
  it('takes one that does not reach everything where none does', () => {
    expect(chosen({}, [agent('a', { unreached: 2 }), agent('b', { unreached: 1 })]).add).toEqual(['b']);
  });
  it('replaces one that reaches less than another', () => {
    const agents = [agent('a', { unreached: 1 }), agent('b')];
    expect(chosen({ ...demand, servedBy: ['a'] }, agents)).toEqual({ add: ['b'], replace: ['a'] });
  });
  it('sends away one that reaches less than those that serve besides it', () => {
    const agents = [agent('a', { unreached: 1 }), agent('b')];
    expect(chosen({ ...demand, servedBy: ['a', 'b'], wanted: 2 }, agents)).toEqual({ add: [], replace: ['a'] });
  });
  it('does not leave the zones that are asked for to reach more', () => {
    const agents = [agent('a', { unreached: 1 }), agent('b', { availability_zone: 'east' })];
    expect(chosen({ ...demand, availability_zone_hints: ['nova'] }, agents).add).toEqual(['a']);
  });
  it('spreads several agents over zones', () => {
    const agents = [agent('a'), agent('b'), agent('c', { availability_zone: 'east', load: 5 })];
    expect(chosen({ ...demand, wanted: 2 }, agents).add).toEqual(['a', 'c']);
  });
});
