// Puts the code of test/howto/ into the how-to at the marks that name its files: `<!-- test/howto/rack.ts -->`, with or
// without an earlier copy of the code below it. Written by `npm run reference`, checked with its --check.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const marked = /<!-- (?<file>test\/howto\/[\w.-]+) -->\n(?:\n```ts\n[\s\S]*?```\n)?/g;

/** The text of a how-to with its examples as they are now. */
export function withExamples(text: string, root: string): string {
  return text.replaceAll(marked, (_, file: string) => {
    const code = readFileSync(join(root, file), 'utf8');
    return `<!-- ${file} -->\n\n\`\`\`ts\n${code}\`\`\`\n`;
  });
}
