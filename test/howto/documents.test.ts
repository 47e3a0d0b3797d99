// What the documents point at is there.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
const written = ['README.md', 'ARCHITECTURE.md', 'STYLE.md'];
const folders = ['docs/decisions', 'docs/howto'];
const documents = [
  ...written,
  ...folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`),
  ),
];

it.each(documents)('%s names only files that exist', (document) => {
  const text = readFileSync(join(root, document), 'utf8');
  const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, target = '']) =>
    join(dirname(document), target),
  );
  const paths = [...text.matchAll(/`((?:packages|docs|test|tools|script|bench)\/[\w./-]+)`/g)].map(
    ([, path = '']) => path,
  );
  // The how-to's example is a resource that nobody has added.
  const missing = [...links, ...paths].filter((path) => !path.includes('rack') && !existsSync(join(root, path)));
  expect(missing).toEqual([]);
});
