// An operator's rules in a YAML file, on top of the built-in ones.

import { unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { parse as parseYaml, YAMLParseError } from 'yaml';
import { buildRuleSet, type DefaultRule, type RuleSet } from './rule-set.ts';

/** The policy file cannot be used; every problem that was found, one to a line. */
export class BadPolicyFile extends Error {
  override readonly name = 'BadPolicyFile';
  constructor(path: string, problems: readonly string[]) {
    super(`the policy file ${path} cannot be used:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}

/** The rules with those of the file on top; without a path the built-in ones alone. Throws BadPolicyFile. */
export async function loadRuleSet(defaults: readonly DefaultRule[], path: string | null): Promise<RuleSet> {
  const overrides = path === null ? {} : await readOverrides(path);
  const built = buildRuleSet(defaults, overrides);
  if (!built.ok) throw new BadPolicyFile(path ?? '(built in)', built.problems);
  return built.ruleSet;
}

async function readOverrides(path: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Error(`reading the policy file ${path}`, { cause });
  });
  try {
    const table: unknown = parseYaml(text) ?? {};
    if (typeof table !== 'object' || table === null || Array.isArray(table)) {
      throw new BadPolicyFile(path, ['it must hold a table from names of rules to rules']);
    }
    return { ...table };
  } catch (cause) {
    if (cause instanceof YAMLParseError) throw new BadPolicyFile(path, [cause.message]);
    throw cause;
  }
}

/** How often the file's modification time is looked at. It may lie on a file system without change notices. */
const watchIntervalMs = 1000;

/**
 * Loads the rules again when the file has changed and then stayed the same for an interval: an editor that empties the
 * file before it fills it must not open what an operator has closed. They go to `onRules`; a file that cannot be used
 * goes to `onProblem`, and the rules stay as they were. Gives back what ends the watching.
 */
export function watchPolicyFile({
  path,
  defaults,
  onRules,
  onProblem,
  intervalMs = watchIntervalMs,
}: PolicyFileWatch): () => void {
  let settled: NodeJS.Timeout | undefined;
  const reload = (): void => {
    loadRuleSet(defaults, path).then(onRules, onProblem);
  };
  const changed = (): void => {
    clearTimeout(settled);
    settled = setTimeout(reload, intervalMs).unref();
  };
  watchFile(path, { interval: intervalMs, persistent: false }, changed);
  return () => {
    unwatchFile(path, changed);
    clearTimeout(settled);
  };
}

export interface PolicyFileWatch {
  readonly path: string;
  readonly defaults: readonly DefaultRule[];
  readonly onRules: (rules: RuleSet) => void;
  readonly onProblem: (problem: unknown) => void;
  readonly intervalMs?: number;
}
