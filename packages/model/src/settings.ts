// What a program can be told from outside, declared once: from a table of sections and settings come the reading of a
// configuration file and of the environment, the text of --help and the table in the documentation. Pure: the caller
// reads the file and hands over what TOML made of it.

import type { Parsed } from '@neutronium/net/parsed';

/** How values of one setting are written: in the file as TOML values, in the environment as text. */
export interface SettingKind<T> {
  /** What --help shows in place of the value. */
  readonly placeholder: string;
  parse(written: unknown): Parsed<T>;
  /** The value as it is written in the environment; empty for "not set". */
  render(value: T): string;
}

export interface Setting<T> {
  readonly kind: SettingKind<T>;
  readonly fallback: T;
  readonly doc: string;
}

export interface Section {
  readonly doc: string;
  readonly settings: Readonly<Record<string, Setting<unknown>>>;
}

export type Sections = Readonly<Record<string, Section>>;

/** The values of a declared table, section by section. */
export type SettingValues<S extends Sections> = {
  readonly [Name in keyof S]: {
    readonly [Key in keyof S[Name]['settings']]: S[Name]['settings'][Key] extends Setting<infer T> ? T : never;
  };
};

export interface SettingSources {
  /** The file as TOML reads it; absent when there is no file. */
  readonly file?: { readonly name: string; readonly table: unknown };
  /** Sections of other programs that read the same file. */
  readonly otherSections?: readonly string[];
  /** The process environment: NEUTRONIUM_<SECTION>_<KEY> wins over the file. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** What the command line said, by `section.key`: wins over both. */
  readonly overrides?: Readonly<Record<string, string>>;
}

export function setting<T>(kind: SettingKind<T>, fallback: NoInfer<T>, doc: string): Setting<T> {
  return { kind, fallback, doc };
}

export function section<const S extends Readonly<Record<string, Setting<unknown>>>>(
  doc: string,
  settings: S,
): { readonly doc: string; readonly settings: S } {
  return { doc, settings };
}

export function environmentName(sectionName: string, key: string): string {
  return `NEUTRONIUM_${sectionName}_${key}`.toUpperCase();
}

/**
 * Every declared value, from the command line, the environment, the file or its default, in this order. All problems
 * are collected, each naming where the value was written, so that an operator corrects them in one go.
 */
export function readSettings<S extends Sections>(
  sections: S,
  sources: SettingSources,
):
  | { readonly ok: true; readonly values: SettingValues<S> }
  | { readonly ok: false; readonly problems: readonly string[] } {
  const problems = [
    ...unknownInFile(sections, sources),
    ...unknownInEnvironment(sections, sources),
    ...unknownOverrides(sections, sources),
  ];
  const values: Record<string, Record<string, unknown>> = {};
  for (const [sectionName, { settings }] of Object.entries(sections)) {
    const read: Record<string, unknown> = {};
    for (const [key, declared] of Object.entries(settings)) {
      const written = findWritten(sources, sectionName, key);
      const parsed = written === undefined ? undefined : declared.kind.parse(written.value);
      if (parsed?.ok === false) problems.push(`${written?.where}: ${parsed.reason}`);
      read[key] = parsed?.ok === true ? parsed.value : declared.fallback;
    }
    values[sectionName] = read;
  }
  if (problems.length > 0) return { ok: false, problems };
  // Built from the declaration key by key; the compiler cannot follow the two loops.
  return { ok: true, values: values as SettingValues<S> };
}

interface Written {
  readonly value: unknown;
  readonly where: string;
}

function findWritten(sources: SettingSources, sectionName: string, key: string): Written | undefined {
  const override = sources.overrides?.[`${sectionName}.${key}`];
  if (override !== undefined) return { value: override, where: `--set ${sectionName}.${key}` };
  const variable = environmentName(sectionName, key);
  const fromEnvironment = sources.environment?.[variable];
  if (fromEnvironment !== undefined) return { value: fromEnvironment, where: variable };
  const table = isTable(sources.file?.table) ? sources.file.table[sectionName] : undefined;
  const fromFile = isTable(table) ? table[key] : undefined;
  return fromFile === undefined
    ? undefined
    : { value: fromFile, where: `${sources.file?.name}: ${sectionName}.${key}` };
}

function unknownInFile(sections: Sections, { file, otherSections = [] }: SettingSources): string[] {
  if (file === undefined) return [];
  if (!isTable(file.table)) return [`${file.name}: not a table`];
  return Object.entries(file.table).flatMap(([sectionName, table]) => {
    if (otherSections.includes(sectionName)) return [];
    const declared = Object.hasOwn(sections, sectionName) ? sections[sectionName] : undefined;
    if (declared === undefined)
      return [`${file.name}: unknown section [${sectionName}]${nearest(sectionName, Object.keys(sections))}`];
    if (!isTable(table)) return [`${file.name}: [${sectionName}] must be a section`];
    const known = Object.keys(declared.settings);
    return Object.keys(table)
      .filter((key) => !known.includes(key))
      .map((key) => `${file.name}: unknown key ${sectionName}.${key}${nearest(key, known)}`);
  });
}

/** Variables of sections that are not declared here belong to other programs of ours and are left to them. */
function unknownInEnvironment(sections: Sections, { environment = {} }: SettingSources): string[] {
  const known = Object.entries(sections).flatMap(([name, { settings }]) =>
    Object.keys(settings).map((key) => environmentName(name, key)),
  );
  const prefixes = Object.keys(sections).map((name) => environmentName(name, ''));
  return Object.keys(environment)
    .filter((name) => prefixes.some((prefix) => name.startsWith(prefix)) && !known.includes(name))
    .map((name) => `unknown variable ${name}${nearest(name, known)}`);
}

function unknownOverrides(sections: Sections, { overrides = {} }: SettingSources): string[] {
  const known = Object.entries(sections).flatMap(([name, { settings }]) =>
    Object.keys(settings).map((key) => `${name}.${key}`),
  );
  return Object.keys(overrides)
    .filter((name) => !known.includes(name))
    .map((name) => `--set ${name}: unknown key${nearest(name, known)}`);
}

/** One paragraph per setting, for --help. */
export function renderSettingsHelp(sections: Sections): string {
  return Object.entries(sections)
    .map(([sectionName, { doc, settings }]) => {
      const lines = Object.entries(settings).flatMap(([key, declared]) => [
        `  ${key} = ${declared.kind.placeholder}`,
        `      ${declared.doc}`,
        `      ${environmentName(sectionName, key)}, default: ${shownDefault(declared)}`,
      ]);
      return [`[${sectionName}]  ${doc}`, ...lines].join('\n');
    })
    .join('\n\n');
}

/** The same as Markdown tables, for the reference pages. */
export function renderSettingsTable(sections: Sections): string {
  return Object.entries(sections)
    .map(([sectionName, { doc, settings }]) => {
      const rows = Object.entries(settings).map(
        ([key, declared]) =>
          `| \`${key}\` | ${markdownCell(declared.kind.placeholder)} | ${markdownCell(shownDefault(declared))} | ` +
          `\`${environmentName(sectionName, key)}\` | ${markdownCell(declared.doc)} |`,
      );
      const head = ['| key | value | default | environment | meaning |', '|---|---|---|---|---|'];
      return [`## [${sectionName}]`, '', doc, '', ...head, ...rows].join('\n');
    })
    .join('\n\n');
}

function shownDefault({ kind, fallback }: Setting<unknown>): string {
  return kind.render(fallback) || 'none';
}

function markdownCell(text: string): string {
  return text.replaceAll('|', String.raw`\|`);
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** ` (did you mean x?)` when something known is close enough to be a slip of the finger. */
function nearest(written: string, known: readonly string[]): string {
  const ranked = known
    .map((name) => ({ name, distance: editDistance(written.toLowerCase(), name.toLowerCase()) }))
    .toSorted((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.max(2, best.name.length / 3)
    ? ` (did you mean ${best.name}?)`
    : '';
}

/** Insertions, deletions and replacements that turn `a` into `b` (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
