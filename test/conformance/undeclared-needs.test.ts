import { describe, expect, it } from 'vitest';
import { leftOut, renderExcludeList } from './undeclared-needs.ts';

describe('tests that do not say what they need', () => {
  it('run once what they need is offered', () => {
    const aliases = (offered: readonly string[]) => new Set(leftOut(offered).map(({ alias }) => alias));
    expect(aliases([])).toEqual(new Set(['router', 'auto-allocated-topology']));
    expect(aliases(['router'])).toEqual(new Set(['auto-allocated-topology']));
    expect(aliases(['router', 'auto-allocated-topology'])).toEqual(new Set());
  });

  it('are named completely: a test with a longer name still runs', () => {
    const [line = ''] = renderExcludeList([{ name: 'suite.Class.test_ports', alias: 'router' }]).split('\n');
    const excluded = new RegExp(line);
    expect(excluded.test('suite.Class.test_ports[id-1]')).toBe(true);
    expect(excluded.test('suite.Class.test_ports(egress)[id-2]')).toBe(true);
    expect(excluded.test('suite.Class.test_ports_of_routers[id-3]')).toBe(false);
    expect(excluded.test('other.suite.Class.test_ports[id-4]')).toBe(false);
  });

  it('are named as classes, too, with every test in them', () => {
    const [line = ''] = renderExcludeList([{ name: 'suite.Class', alias: 'router' }]).split('\n');
    const excluded = new RegExp(line);
    expect(excluded.test('suite.Class.test_ports[id-1]')).toBe(true);
    expect(excluded.test('suite.ClassV6.test_ports[id-2]')).toBe(false);
  });
});
