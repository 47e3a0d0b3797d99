// The rules of one family in one network namespace: chains of our own, and the hooks by which packets get to them from
// the kernel's chains.

import { invariant } from '@neutronium/net/invariant';
import type { Rule } from './rule.ts';

export const tables = ['raw', 'mangle', 'nat', 'filter'] as const;
export type Table = (typeof tables)[number];

/** The kernel's own chains of each table (iptables(8)). */
export const builtInChains = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
} as const satisfies Record<Table, readonly string[]>;
export type BuiltInChain = (typeof builtInChains)[Table][number];

export interface Chain {
  readonly table: Table;
  /** At most 28 characters (XT_EXTENSION_MAXNAMELEN less the final zero). */
  readonly name: string;
  /** In the order in which they are asked. */
  readonly rules: readonly Rule[];
}

/** A rule of ours in a chain of the kernel's. */
export interface Hook {
  readonly table: Table;
  readonly chain: BuiltInChain;
  /** Before or after the rules of others; hooks of one place keep the order in which they are given. */
  readonly position: 'first' | 'last';
  readonly rule: Rule;
}

export interface Ruleset {
  readonly chains: readonly Chain[];
  readonly hooks: readonly Hook[];
}

export const emptyRuleset: Ruleset = { chains: [], hooks: [] };

const longestName = 28;

/** A ruleset that the kernel can take: names fit and are given once, and every jump leads to a chain of its table. */
export function ruleset(given: Ruleset): Ruleset {
  const names = new Set<string>();
  for (const { table, name } of given.chains) {
    invariant(name.length <= longestName, () => `the name of chain ${name} is too long`);
    invariant(!names.has(chainKey(table, name)), () => `there are two chains ${name} in table ${table}`);
    names.add(chainKey(table, name));
  }
  const check = (table: Table, { to }: Rule): void =>
    invariant(
      !('chain' in to) || names.has(chainKey(table, to.chain)),
      () => `a rule of table ${table} jumps to ${'chain' in to ? to.chain : ''}, which is not there`,
    );
  for (const { table, rules } of given.chains) for (const rule of rules) check(table, rule);
  for (const { table, chain, rule } of given.hooks) {
    const builtIn: readonly string[] = builtInChains[table];
    invariant(builtIn.includes(chain), () => `table ${table} has no chain ${chain}`);
    check(table, rule);
  }
  return given;
}

/** What one namespace has from several sides, such as a router's NAT and its metadata. */
export function joinRulesets(...parts: readonly Ruleset[]): Ruleset {
  return ruleset({ chains: parts.flatMap(({ chains }) => chains), hooks: parts.flatMap(({ hooks }) => hooks) });
}

/** What tells a chain apart within a family. */
export function chainKey(table: Table, chain: string): string {
  return `${table} ${chain}`;
}

export function isBuiltIn(table: Table, chain: string): boolean {
  const names: readonly string[] = builtInChains[table];
  return names.includes(chain);
}
