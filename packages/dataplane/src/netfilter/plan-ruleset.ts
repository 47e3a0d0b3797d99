// From the rules that there are to those that there should be. A chain is changed where it differs, so that one more
// rule costs one line; where much of it differs, or others have written into it, it is filled anew. Everything is
// carried out by one `iptables-restore --noflush`, which changes a table whole or not at all.

import { back, ruleText, type Rule, type RuleText } from './rule.ts';
import { builtInChains, chainKey, isBuiltIn, tables, type Chain, type Ruleset, type Table } from './ruleset.ts';
import type { ObservedRule, ObservedRuleset } from './observed.ts';

export interface RulesetChange {
  /** What iptables-restore reads. */
  readonly restore: string;
  /** What is there afterwards. */
  readonly result: ObservedRuleset;
}

/** The change from `actual` to `desired`; null when there is none. Chains and hooks without a mark are left alone. */
export function planRuleset(desired: Ruleset, actual: ObservedRuleset): RulesetChange | null {
  const result = new Map(actual);
  const parts: string[] = [];
  for (const table of tables) {
    const lines = tableLines(table, desired, { actual, result });
    if (lines.length > 0) parts.push(`*${table}`, ...lines, 'COMMIT');
  }
  return parts.length === 0 ? null : { restore: `${parts.join('\n')}\n`, result };
}

interface Progress {
  readonly actual: ObservedRuleset;
  readonly result: Map<string, readonly ObservedRule[]>;
}

function tableLines(table: Table, desired: Ruleset, { actual, result }: Progress): readonly string[] {
  const wanted = new Map(desired.chains.filter((chain) => chain.table === table).map((chain) => [chain.name, chain]));
  const declarations: string[] = [];
  const edits: string[] = [];
  for (const chain of wanted.values()) {
    const rules = ownRules(chain);
    const present = actual.get(chainKey(table, chain.name));
    if (present === rules) continue;
    const change = present === undefined ? null : editChain(chain.name, { present, rules });
    if (change === null) {
      // Declaring a chain that is there empties it (iptables-restore(8) with --noflush).
      declarations.push(`:${chain.name} - [0:0]`);
      edits.push(...rules.map(({ text }) => `-A ${chain.name} ${text}`));
    } else edits.push(...change);
    result.set(chainKey(table, chain.name), rules);
  }
  const hooks = builtInChains[table].map((chain) => hookLines(table, chain, { desired, actual, result }));
  const unwanted = ownChains(table, actual).filter((name) => !wanted.has(name));
  for (const name of unwanted) result.delete(chainKey(table, name));
  return [
    ...declarations,
    ...hooks.flatMap(({ remove }) => remove),
    ...edits,
    ...hooks.flatMap(({ add }) => add),
    // Emptied before any of them goes: they may jump to each other.
    ...unwanted.map((name) => `-F ${name}`),
    ...unwanted.map((name) => `-X ${name}`),
  ];
}

// A chain that is still the same object is known to be as it should by its rules being the same object, too.
const texts = new WeakMap<Chain, readonly RuleText[]>();

/** A chain of ours is never empty, for without a rule it would bear no mark. */
function ownRules(chain: Chain): readonly RuleText[] {
  let rules = texts.get(chain);
  if (rules === undefined) {
    const nothing: Rule = { match: [], to: back, of: chain.name, why: 'holds nothing' };
    rules = (chain.rules.length > 0 ? chain.rules : [nothing]).map(ruleText);
    texts.set(chain, rules);
  }
  return rules;
}

/** The chains that bear our mark. */
function ownChains(table: Table, actual: ObservedRuleset): readonly string[] {
  return [...actual].flatMap(([key, rules]) => {
    const name = key.slice(table.length + 1);
    const own = key === chainKey(table, name) && !isBuiltIn(table, name) && rules.some(({ mark }) => mark !== null);
    return own ? [name] : [];
  });
}

interface ChainContents {
  readonly present: readonly ObservedRule[];
  readonly rules: readonly RuleText[];
}

/** The lines that change a chain in place; null where filling it anew is better. */
function editChain(name: string, { present, rules }: ChainContents): readonly string[] | null {
  if (present.some(({ mark }) => mark === null)) return null;
  let start = 0;
  while (start < present.length && start < rules.length && present[start]?.mark === rules[start]?.mark) start += 1;
  let [presentEnd, end] = [present.length, rules.length];
  while (presentEnd > start && end > start && present[presentEnd - 1]?.mark === rules[end - 1]?.mark) {
    presentEnd -= 1;
    end -= 1;
  }
  const [removed, added] = [present.slice(start, presentEnd), rules.slice(start, end)];
  if (removed.length + added.length > rules.length) return null;
  return [
    // By what they say, not by their numbers: should the chain have changed since it was looked at, this is refused.
    ...removed.map(({ text }) => `-D ${name} ${text}`),
    ...added.map(({ text }, index) => `-I ${name} ${start + index + 1} ${text}`),
  ];
}

/** Our rules in a chain of the kernel's: unless they are all there and in their place, they are taken and put anew. */
function hookLines(
  table: Table,
  chain: string,
  { desired, actual, result }: Progress & { readonly desired: Ruleset },
): { readonly remove: readonly string[]; readonly add: readonly string[] } {
  const hooks = desired.hooks.filter((hook) => hook.table === table && hook.chain === chain);
  const at = (position: 'first' | 'last') =>
    hooks.filter((hook) => hook.position === position).map(({ rule }) => ruleText(rule));
  const [first, last] = [at('first'), at('last')];
  const present = actual.get(chainKey(table, chain)) ?? [];
  const own = present.filter(({ mark }) => mark !== null);
  const inPlace =
    own.length === first.length + last.length &&
    sameMarks(present.slice(0, first.length), first) &&
    sameMarks(present.slice(present.length - last.length), last);
  if (inPlace) return { remove: [], add: [] };
  result.set(chainKey(table, chain), [...first, ...present.filter(({ mark }) => mark === null), ...last]);
  return {
    remove: own.map(({ text }) => `-D ${chain} ${text}`),
    add: [
      ...first.map(({ text }, index) => `-I ${chain} ${index + 1} ${text}`),
      ...last.map(({ text }) => `-A ${chain} ${text}`),
    ],
  };
}

function sameMarks(present: readonly ObservedRule[], rules: readonly RuleText[]): boolean {
  return present.length === rules.length && present.every(({ mark }, index) => mark === rules[index]?.mark);
}
