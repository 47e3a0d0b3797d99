// Packet filters in memory, behind the programs by which they are read and changed. They refuse what the real ones
// refuse: rules for chains, sets and targets that are not there, and the removal of what is in use.

import type { CommandOutput } from '#effects/exec';
import { FakeExec, type RecordedCommand } from '#effects/exec.fake';

type Tool = 'iptables' | 'ip6tables';
type Chains = Map<string, string[]>;

interface Namespace {
  readonly rules: Record<Tool, Map<string, Chains>>;
  readonly sets: Map<string, { readonly header: string; readonly members: Set<string> }>;
  readonly sysctls: Map<string, string>;
}

const builtIn: Readonly<Record<string, readonly string[]>> = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
};
const verdicts: ReadonlySet<string> = new Set(['ACCEPT', 'DROP', 'RETURN', 'CT', 'MARK', 'SNAT', 'DNAT']);

export class FakeNetfilter {
  readonly namespaces = new Map<string, Namespace>([['', newNamespace()]]);
  /** Input of every program that changes something, in order. */
  readonly changes: string[] = [];
  /** How often everything was looked at. */
  looks = 0;
  /** Says why the next change fails; null lets it pass. */
  refuses: (input: string) => string | null = () => null;
  /** Awaited between seeing and answering. */
  look: Promise<void> = Promise.resolve();
  readonly exec: FakeExec;

  constructor() {
    const inside = (name: string) => async (command: RecordedCommand) => this.#run(name, command);
    this.exec = new FakeExec({
      sh: async (command) =>
        command.stdin.includes('iptables-save') ? this.#show(command.stdin) : inside('')(command),
      'iptables-restore': inside(''),
      'ip6tables-restore': inside(''),
      ipset: inside(''),
      nsenter: async ({ argv, stdin }) => {
        const name = argv[1]?.slice('--net=/run/netns/'.length) ?? '';
        return this.#run(name, { argv: argv.slice(2), stdin });
      },
    });
  }

  makeNamespace(name: string): void {
    this.namespaces.set(name, newNamespace());
  }

  /** What `iptables-save -t TABLE` shows of one chain. */
  chain(name: string, table: string, chain: string): readonly string[] | undefined {
    return this.namespaces.get(name)?.rules.iptables.get(table)?.get(chain);
  }

  /** Runs `iptables-restore --noflush` as somebody else on the host would. */
  restore(input: string, namespace = ''): void {
    const found = this.namespaces.get(namespace);
    if (found === undefined) throw new Error(`there is no namespace ${namespace}`);
    restoreRules(found, 'iptables', input);
  }

  #run(name: string, { argv, stdin }: RecordedCommand): Partial<CommandOutput> {
    const namespace = this.namespaces.get(name);
    if (namespace === undefined) return { exitCode: 1, stderr: `cannot open /run/netns/${name}` };
    const refusal = this.refuses(stdin);
    if (refusal !== null) return { exitCode: 1, stderr: refusal };
    this.changes.push(stdin);
    try {
      if (argv[0] === 'iptables-restore') restoreRules(namespace, 'iptables', stdin);
      else if (argv[0] === 'ip6tables-restore') restoreRules(namespace, 'ip6tables', stdin);
      else if (argv[0] === 'ipset') restoreSets(namespace, stdin);
      else setSysctls(namespace, stdin);
      return {};
    } catch (error) {
      return { exitCode: 1, stderr: error instanceof Error ? error.message : String(error) };
    }
  }

  async #show(script: string): Promise<Partial<CommandOutput>> {
    this.looks += 1;
    const globs = /^for path in (.*); do$/m.exec(script)?.[1]?.split(' ') ?? [];
    const patterns = globs.map((glob) => new RegExp(`^${glob.replace('/run/netns/', '').replaceAll('*', '.*')}$`));
    const seen = [...this.namespaces].filter(([name]) =>
      name === '' ? script.includes('echo "@namespace "') : patterns.some((pattern) => pattern.test(name)),
    );
    const stdout = `${seen.map(([name, namespace]) => `@namespace ${name}\n${shown(namespace)}`).join('')}@end\n`;
    await this.look;
    return { stdout };
  }
}

function newNamespace(): Namespace {
  const tables = (): Map<string, Chains> =>
    new Map(Object.entries(builtIn).map(([table, chains]) => [table, new Map(chains.map((chain) => [chain, []]))]));
  return { rules: { iptables: tables(), ip6tables: tables() }, sets: new Map(), sysctls: new Map() };
}

function shown({ rules, sets, sysctls }: Namespace): string {
  const lines: string[] = [];
  for (const tool of ['iptables', 'ip6tables'] as const) {
    lines.push(`@${tool}-save`);
    for (const [table, chains] of rules[tool]) {
      lines.push(`*${table}`, ...[...chains.keys()].map((chain) => `:${chain} - [0:0]`));
      for (const [chain, texts] of chains) lines.push(...texts.map((text) => `-A ${chain} ${text}`));
      lines.push('COMMIT');
    }
  }
  lines.push('@ipset save');
  for (const [name, { header, members }] of sets) {
    lines.push(`create ${name} ${header}`, ...[...members].map((member) => `add ${name} ${member}`));
  }
  lines.push('@sysctls', ...[...sysctls].map(([name, value]) => `/proc/sys/${name.replaceAll('.', '/')}:${value}`));
  return `${lines.join('\n')}\n@complete\n`;
}

/** Table by table; one that has a bad line stays as it was, and so do those after it. */
function restoreRules(namespace: Namespace, tool: Tool, input: string): void {
  let table = '';
  let chains: Chains = new Map();
  for (const line of input.split('\n').filter((text) => text !== '')) {
    if (line.startsWith('*')) {
      table = line.slice(1);
      chains = new Map([...(namespace.rules[tool].get(table) ?? [])].map(([name, rules]) => [name, [...rules]]));
    } else if (line === 'COMMIT') namespace.rules[tool].set(table, chains);
    else restoreLine(chains, { line, table, sets: namespace.sets });
  }
}

function restoreLine(
  chains: Chains,
  { line, table, sets }: { readonly line: string; readonly table: string; readonly sets: Namespace['sets'] },
): void {
  const [, declared] = /^:(\S+) /.exec(line) ?? [];
  if (declared !== undefined) {
    chains.set(declared, []);
    return;
  }
  const [, command = '', name = '', rest = ''] = /^(-\w) (\S+) ?(.*)$/.exec(line) ?? [];
  const rules = chains.get(name);
  if (rules === undefined) throw new Error(`No chain by that name: ${line}`);
  const [, number, numbered] = /^(\d+) (.*)$/.exec(rest) ?? [];
  const text = command === '-I' ? (numbered ?? '') : rest;
  if (command === '-A' || command === '-I') checkRule(text, { chains, sets });
  switch (command) {
    case '-A':
      rules.push(text);
      break;
    case '-I':
      if (Number(number) > rules.length + 1) throw new Error(`Index of insertion too big: ${line}`);
      rules.splice(Number(number) - 1, 0, text);
      break;
    case '-D': {
      const index = rules.indexOf(text);
      if (index === -1) throw new Error(`Bad rule (does a matching rule exist in that chain?): ${line}`);
      rules.splice(index, 1);
      break;
    }
    case '-F':
      rules.length = 0;
      break;
    case '-X': {
      const used = [...chains.values()].some((others) => others.some((rule) => targetOf(rule) === name));
      if (builtIn[table]?.includes(name) === true || rules.length > 0 || used) throw new Error(`busy: ${line}`);
      chains.delete(name);
      break;
    }
    default:
      throw new Error(`unknown: ${line}`);
  }
}

function checkRule(
  text: string,
  { chains, sets }: { readonly chains: Chains; readonly sets: Namespace['sets'] },
): void {
  const target = targetOf(text);
  if (target === undefined || !(verdicts.has(target) || chains.has(target))) throw new Error(`no target: ${text}`);
  const set = /--match-set (\S+)/.exec(text)?.[1];
  if (set !== undefined && !sets.has(set)) throw new Error(`Set ${set} doesn't exist.`);
}

function targetOf(text: string): string | undefined {
  return /-j (\S+)/.exec(text.replaceAll(/"[^"]*"/g, ''))?.[1];
}

function restoreSets(namespace: Namespace, input: string): void {
  const { sets } = namespace;
  const find = (name: string) => {
    const set = sets.get(name);
    if (set === undefined) throw new Error(`The set with the given name does not exist: ${name}`);
    return set;
  };
  for (const line of input.split('\n').filter((text) => text !== '')) {
    const [command = '', name = '', ...rest] = line.split(' ');
    if (command === 'create') {
      const header = rest.join(' ');
      if (sets.has(name) && find(name).header !== header) throw new Error(`set ${name} already exists`);
      if (!sets.has(name)) sets.set(name, { header, members: new Set() });
    } else if (command === 'add') find(name).members.add(rest[0] ?? '');
    else if (command === 'del') find(name).members.delete(rest[0] ?? '');
    else if (command === 'swap') {
      const [one, other] = [find(name), find(rest[0] ?? '')];
      sets.set(name, other).set(rest[0] ?? '', one);
    } else if (command === 'destroy') {
      find(name);
      const used = Object.values(namespace.rules).some((tables) =>
        [...tables.values()].some((chains) => [...chains.values()].flat().some((text) => text.includes(` ${name} `))),
      );
      if (used) throw new Error(`Set cannot be destroyed: it is in use by a kernel component: ${name}`);
      sets.delete(name);
    } else throw new Error(`unknown: ${line}`);
  }
}

function setSysctls(namespace: Namespace, script: string): void {
  for (const [, value = '', path = ''] of script.matchAll(/^echo '(.*)' > \/proc\/sys\/(.*)$/gm)) {
    namespace.sysctls.set(path.replaceAll('/', '.'), value);
  }
}
