// Named rules: the built-in ones with an operator's on top.

import type { Parsed } from '@neutronium/net/parsed';
import { referencedRules, type Check } from './check.ts';
import { parseCheck, parseCheckList } from './parse-check.ts';

/** A built-in rule. */
export interface DefaultRule {
  readonly name: string;
  readonly check: string;
  /** Scopes of tokens that the rule is for; empty for any. */
  readonly scopeTypes: readonly TokenScope[];
}

export type TokenScope = 'project' | 'domain' | 'system';

export interface Rule {
  readonly check: Check;
  readonly scopeTypes: readonly TokenScope[];
}

export interface RuleSet {
  readonly rules: ReadonlyMap<string, Rule>;
  /** Attributes with a `get_RESOURCE:ATTRIBUTE` rule, by `get_RESOURCE`. */
  readonly guardedAttributes: ReadonlyMap<string, readonly string[]>;
}

/** The rule that stands for one which nobody defined (oslo.policy: policy_default_rule). */
export const defaultRuleName = 'default';

/**
 * The rules by name. `overrides` is what an operator's file holds: text, or a list in the older form. A rule that
 * cannot be read, or that refers to itself through others, refuses the whole set, with every problem named.
 */
export function buildRuleSet(
  defaults: readonly DefaultRule[],
  overrides: Readonly<Record<string, unknown>> = {},
): { readonly ok: true; readonly ruleSet: RuleSet } | { readonly ok: false; readonly problems: readonly string[] } {
  const rules = new Map<string, Rule>();
  const problems: string[] = [];
  const add = (name: string, written: unknown, scopeTypes: readonly TokenScope[]): void => {
    const parsed = parseWritten(written);
    if (parsed.ok) rules.set(name, { check: parsed.value, scopeTypes });
    else problems.push(`rule ${name}: ${parsed.reason}`);
  };
  for (const { name, check, scopeTypes } of defaults) add(name, check, scopeTypes);
  for (const [name, written] of Object.entries(overrides)) add(name, written, rules.get(name)?.scopeTypes ?? []);
  problems.push(...findCycles(rules));
  return problems.length > 0
    ? { ok: false, problems }
    : { ok: true, ruleSet: { rules, guardedAttributes: indexAttributes(rules) } };
}

function parseWritten(written: unknown): Parsed<Check> {
  if (typeof written === 'string') return parseCheck(written);
  if (Array.isArray(written)) return parseCheckList(written);
  return { ok: false, reason: 'neither a text nor a list' };
}

function findCycles(rules: ReadonlyMap<string, Rule>): readonly string[] {
  const finished = new Set<string>();
  const problems: string[] = [];
  const visit = (name: string, path: readonly string[]): void => {
    const start = path.indexOf(name);
    if (start >= 0) {
      problems.push(`rule ${name} refers to itself: ${[...path.slice(start), name].join(' -> ')}`);
      return;
    }
    const rule = rules.get(name);
    if (finished.has(name) || rule === undefined) return;
    for (const next of referencedRules(rule.check)) visit(next, [...path, name]);
    finished.add(name);
  };
  for (const name of rules.keys()) visit(name, []);
  return problems;
}

function indexAttributes(rules: ReadonlyMap<string, Rule>): ReadonlyMap<string, readonly string[]> {
  const index = new Map<string, string[]>();
  for (const name of rules.keys()) {
    const matched = /^(get_[^:]+):(.+)$/.exec(name);
    if (matched === null) continue;
    const [, action = '', attribute = ''] = matched;
    index.set(action, [...(index.get(action) ?? []), attribute]);
  }
  return index;
}
