// How a document in docs/howto shows what an operator does: a block of `sh` is typed, and a block of `text` right after
// it is what is seen then.

import { readFileSync } from 'node:fs';

export interface Step {
  readonly commands: string;
  /** What the commands show; null where the document does not say. */
  readonly shows: string | null;
}

export interface Section {
  /** Empty for what comes before the first one. */
  readonly title: string;
  readonly steps: readonly Step[];
}

/** The introduction and the sections of the document in that file. */
export function readDocument(path: string): readonly Section[] {
  return sectionsOf(readFileSync(path, 'utf8'));
}

/** The document's introduction, and its sections, in its order. */
export function sectionsOf(markdown: string): readonly Section[] {
  const [introduction = '', ...sections] = markdown.split(/^## /m);
  const titled = sections.map((text) => ({ title: text.split('\n')[0] ?? '', steps: stepsOf(text) }));
  return [{ title: '', steps: stepsOf(introduction) }, ...titled];
}

function stepsOf(markdown: string): readonly Step[] {
  const block = /^```sh\n(?<commands>[\s\S]*?)^```\n(?:\n```text\n(?<shows>[\s\S]*?)^```$)?/gm;
  return [...markdown.matchAll(block)].map(({ groups }) => ({
    commands: groups?.['commands'] ?? '',
    shows: groups?.['shows'] ?? null,
  }));
}

/**
 * Whether `output` is what `shown` says. A line that is only `…` stands for any lines, none too; elsewhere it stands for
 * any text within the line. Space at the end of lines does not count.
 */
export function isShown(shown: string, output: string): boolean {
  const lines = tidy(shown).map((line) => {
    if (line === '…') return '(?:.*\n)*?';
    return `${line.split('…').map(literally).join('.*?')}\n`;
  });
  return new RegExp(`^${lines.join('')}$`).test(`${tidy(output).join('\n')}\n`);
}

function tidy(text: string): readonly string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd());
}

function literally(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
}
