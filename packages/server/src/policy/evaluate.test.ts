import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { reduceFor, type Credentials, type ParentNeed, type ParentRequest, type Target } from './evaluate.ts';
import { buildRuleSet, type RuleSet } from './rule-set.ts';

function ruleSet(rules: Readonly<Record<string, string>>): RuleSet {
  const built = buildRuleSet([], rules);
  if (!built.ok) throw new Error(built.problems.join('\n'));
  return built.ruleSet;
}

function holds(rules: Readonly<Record<string, string>>, credentials: Credentials, target: Target): boolean {
  const residual = reduceFor(ruleSet(rules), credentials)('asked');
  return residual.kind === 'constant' ? residual.holds : residual.holds(target, () => undefined);
}

function requests(needs: readonly ParentNeed[], target: Target): readonly ParentRequest[] {
  return needs.flatMap((need) => {
    const id = need.id(target);
    return id === undefined ? [] : [{ resource: need.resource(target), id, seenBy: need.seenBy(target) }];
  });
}

/** Random expressions, and what oslo.policy 4.0 with Neutron 21's own checks decided for each caller and target. */
interface Decisions {
  readonly rules: Readonly<Record<string, string>>;
  readonly credentials: readonly Credentials[];
  readonly targets: readonly Target[];
  /** Per expression one letter for each pair of caller and target, Y for allowed. */
  readonly decisions: readonly (readonly [string, string])[];
}

describe('reduceFor', () => {
  const recorded: Decisions = JSON.parse(readFileSync(new URL('golden/decisions.json', import.meta.url), 'utf8'));

  it('decides as oslo.policy does', () => {
    const differing = recorded.decisions.filter(([expression, expected]) => {
      const rules = { ...recorded.rules, asked: expression };
      const decided = recorded.credentials.flatMap((caller) =>
        recorded.targets.map((target) => (holds(rules, caller, target) ? 'Y' : '.')),
      );
      return decided.join('') !== expected;
    });
    expect(differing).toEqual([]);
  });

  it('leaves nothing open that the credentials already decide', () => {
    const rules = ruleSet({ asked: 'rule:admin or project_id:%(project_id)s', admin: 'role:admin' });
    expect(reduceFor(rules, { project_id: 'p', roles: ['admin'] })('asked')).toEqual({ kind: 'constant', holds: true });
    expect(reduceFor(rules, { project_id: 'p', roles: [] })('asked').kind).toBe('depends');
  });

  it('lets the rule named default stand for an undefined one', () => {
    expect(holds({ default: 'role:member', asked: 'rule:undefined' }, { roles: ['member'] }, {})).toBe(true);
    expect(holds({ asked: 'rule:undefined' }, { roles: ['member'] }, {})).toBe(false);
  });

  it('never takes a missing project for the same as another missing one', () => {
    expect(holds({ asked: 'project_id:%(project_id)s' }, { project_id: null }, { project_id: null })).toBe(false);
    expect(holds({ asked: 'tenant_id:%(tenant_id)s' }, { project_id: '' }, { tenant_id: '' })).toBe(false);
  });

  it('knows project_id and tenant_id as two names of one thing', () => {
    expect(holds({ asked: 'tenant_id:%(tenant_id)s' }, { project_id: 'p' }, { project_id: 'p' })).toBe(true);
    expect(holds({ asked: 'project_id:%(project_id)s' }, { project_id: 'p' }, { tenant_id: 'p' })).toBe(true);
  });

  it.each([
    ['project_id:%(network:project_id)s', { network_id: 'n' }, { resource: 'network', id: 'n', seenBy: null }],
    ['tenant_id:%(network:tenant_id)s', { network_id: 'n' }, { resource: 'network', id: 'n', seenBy: null }],
    [
      'project_id:%(ext_parent:project_id)s',
      { ext_parent_floatingip_id: 'f' },
      { resource: 'floatingip', id: 'f', seenBy: null },
    ],
    ['field:networks:shared=True', { network_id: 'n', project_id: 'q' }, { resource: 'network', id: 'n', seenBy: 'q' }],
  ])('asks for the parent that %j is about', (check, target, request) => {
    const residual = reduceFor(ruleSet({ asked: check }), { project_id: 'p', roles: [] })('asked');
    if (residual.kind === 'constant') throw new Error('decided without its target');
    expect(requests(residual.needs, target)).toEqual([request]);
    const parent = { project_id: 'p', shared: true };
    expect(residual.holds(target, (need) => (need.id(target) === request.id ? parent : undefined))).toBe(true);
    expect(residual.holds(target, () => undefined)).toBe(false);
  });

  it('asks for no parent whose attribute the target brings along', () => {
    const residual = reduceFor(ruleSet({ asked: 'project_id:%(network:project_id)s' }), { project_id: 'p' })('asked');
    if (residual.kind === 'constant') throw new Error('decided without its target');
    const target = { network_id: 'n', 'network:project_id': 'p' };
    expect(requests(residual.needs, target)).toEqual([]);
    expect(residual.holds(target, () => undefined)).toBe(true);
  });
});
