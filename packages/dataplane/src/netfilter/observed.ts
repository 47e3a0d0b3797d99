// What is in the kernel, as far as it may be ours: the chains whose names begin as ours do, and the kernel's own.

import { readMark } from './rule.ts';
import { chainKey, isBuiltIn, tables, type Table } from './ruleset.ts';

export interface ObservedRule {
  /** Null for a rule that others have written. */
  readonly mark: string | null;
  /** As the tool takes it after `-A CHAIN` and `-D CHAIN`. */
  readonly text: string;
}

/** Rules in their order, by chainKey. */
export type ObservedRuleset = ReadonlyMap<string, readonly ObservedRule[]>;

/** Reads what iptables-save and ip6tables-save print. `prefix` is what the names of our chains begin with. */
export function parseRuleset(saved: string, prefix: string): ObservedRuleset {
  const chains = new Map<string, ObservedRule[]>();
  let table: Table | undefined;
  for (const line of saved.split('\n')) {
    if (line.startsWith('*')) table = tables.find((name) => name === line.slice(1));
    if (table === undefined) continue;
    const [, declared] = /^:(\S+) /.exec(line) ?? [];
    if (declared !== undefined && (isBuiltIn(table, declared) || declared.startsWith(prefix))) {
      chains.set(chainKey(table, declared), []);
    }
    const [, chain = '', text = ''] = /^-A (\S+) (.*)$/.exec(line) ?? [];
    chains.get(chainKey(table, chain))?.push({ mark: readMark(text), text });
  }
  return chains;
}
