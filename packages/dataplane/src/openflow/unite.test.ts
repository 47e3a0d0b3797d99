import { expect, it } from 'vitest';
import { ip } from '@neutronium/net/ip';
import { drop, output, type Action, type Conjunction } from './action.ts';
import type { Flow } from './flow.ts';
import { ipv4 } from './match.ts';
import { unite } from './unite.ts';

function flow(why: string, actions: readonly Action[]): Flow {
  return { table: 1, priority: 1, match: ipv4({ ip_src: ip('10.0.0.1') }), actions, of: why, why };
}

function clause(number: number): Conjunction {
  return { kind: 'conjunction', id: number, clause: 1, clauses: 2 };
}

it('makes one flow of those that match and do the same, for the first and with every reason', () => {
  expect(unite([flow('a', [output(1)]), flow('b', [output(1)])])).toEqual([{ ...flow('a', [output(1)]), why: 'a; b' }]);
});

it('makes one flow of clauses of several conjunctions', () => {
  const [one, ...others] = unite([flow('a', [clause(9)]), flow('b', [clause(7)]), flow('c', [clause(9)])]);
  expect(one?.actions).toEqual([clause(7), clause(9)]);
  expect(others).toEqual([]);
});

it('refuses flows that match the same and do different things', () => {
  expect(() => unite([flow('a', [output(1)]), flow('b', drop)])).toThrow('do different things');
});
