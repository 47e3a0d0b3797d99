// Lists what no test makes use of: attributes that no request of a test gives, or that no answer shows, lists that are
// never searched or sorted by something that they could be, rules that are never asked and errors that no request is
// answered with. The list is test/uncovered.txt.
//
//   npm run uncovered               runs the unit, store and contract tests for it, which takes some minutes
//   npm run uncovered -- FOLDER...  counts what was seen in runs with NEUTRONIUM_WITNESS=FOLDER and
//                                   NODE_OPTIONS=--import=…/tools/witness.ts in their environment

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isInternal } from '@neutronium/model/attribute';
import { catalogue } from '@neutronium/model/catalogue';
import { declaredErrors } from '@neutronium/model/declared-errors';
import { policyDefaults } from '@neutronium/model/policy-defaults';
import { attributesOf, type AnyResource } from '@neutronium/model/resource';
import type { Sight } from '@neutronium/model/witness';

const root = join(import.meta.dirname, '..');
const listed = join(root, 'test/uncovered.txt');

const folders = process.argv.slice(2);
await using own = new AsyncDisposableStack();
if (folders.length === 0) {
  const folder = await mkdtemp(join(tmpdir(), 'nn-witness-'));
  own.defer(() => rm(folder, { recursive: true, force: true }));
  for (const project of ['unit', 'store', 'contract']) await runTests(project, folder);
  folders.push(folder);
}
const seen = new Set((await Promise.all(folders.map(readSights))).flat());
const all = everything();
const uncovered = all.filter((each) => !seen.has(each));
await writeFile(listed, uncovered.map((each) => `${each.replace('\t', ' ')}\n`).join(''));
console.log(`${uncovered.length} of ${all.length} are used by no test; see ${listed}`);

async function runTests(project: string, witnesses: string): Promise<void> {
  const preload = pathToFileURL(join(import.meta.dirname, 'witness.ts')).href;
  const options = [process.env['NODE_OPTIONS'] ?? '', `--import=${preload}`].join(' ').trim();
  const env = { ...process.env, NEUTRONIUM_WITNESS: witnesses, NODE_OPTIONS: options };
  const child = spawn('node_modules/.bin/vitest', ['run', '--project', project, '--reporter=dot'], {
    cwd: root,
    stdio: 'inherit',
    env,
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) console.log(`${project} tests failed: what they would have used is not counted`);
}

async function readSights(from: string): Promise<readonly string[]> {
  const texts = await Promise.all((await readdir(from)).map((name) => readFile(join(from, name), 'utf8')));
  return texts.flatMap((text) => text.split('\n').filter((line) => line !== ''));
}

/** All that could be seen, in the order of the declarations. */
function everything(): readonly string[] {
  return [
    ...catalogue.flatMap(sightsOf),
    ...policyDefaults.map(({ name }) => line('rule', name)),
    ...[...new Set(Object.values(declaredErrors).map(({ type }) => type))]
      .toSorted()
      .map((type) => line('error', type)),
  ];
}

function sightsOf(resource: AnyResource): readonly string[] {
  const { operations, plural, parent } = resource;
  return attributesOf(resource).flatMap(([name, attribute]) => {
    if (isInternal(attribute) || name === parent?.attribute) return [];
    const { traits, filter, sort } = attribute;
    const possible: readonly (readonly [Sight, boolean])[] = [
      ['created with', operations.includes('create') && traits.post !== 'refused'],
      ['changed', operations.includes('update') && traits.put],
      ['shown', traits.visible],
      ['searched by', operations.includes('list') && filter],
      ['sorted by', operations.includes('list') && sort],
    ];
    return possible.flatMap(([sight, can]) => (can ? [line(sight, `${plural}.${name}`)] : []));
  });
}

function line(sight: Sight, name: string): string {
  return `${sight}\t${name}`;
}
