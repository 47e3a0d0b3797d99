// Writes docs/reference from the declarations, and the examples of the how-to. With --check it writes nothing and fails when a page on disk differs.

import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { agentSettings } from '@neutronium/agent/config/agent-settings';
import { catalogue } from '@neutronium/model/catalogue';
import { declaredErrors } from '@neutronium/model/declared-errors';
import { extensions } from '@neutronium/model/extensions';
import { openApiDocument } from '@neutronium/model/openapi';
import { policyDefaults } from '@neutronium/model/policy-defaults';
import { renderErrors, renderExtensions, renderPolicy, renderResource } from '@neutronium/model/reference';
import { renderSettingsTable } from '@neutronium/model/settings';
import { serverSettings } from '@neutronium/server/config/server-settings';
import { withExamples } from './howto-examples.ts';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'docs', 'reference');
/** The options of both programs, for one file that both read. */
function renderConfiguration(): string {
  return [
    '# Configuration',
    '',
    'Options of the server and of the agent. One TOML file may hold both; `NEUTRONIUM_<SECTION>_<KEY>` in the environment wins',
    'over it.',
    '',
    '## The server',
    '',
    renderSettingsTable(serverSettings),
    '## The agent',
    '',
    renderSettingsTable(agentSettings),
  ].join('\n');
}

const { version } = JSON.parse(
  await readFile(join(import.meta.dirname, '..', 'packages', 'server', 'package.json'), 'utf8'),
) as { version: string };

/** File names and their texts. */
const pages = new Map<string, string>([
  ...catalogue.map((resource): [string, string] => [`${resource.plural}.md`, renderResource(resource)]),
  ['extensions.md', renderExtensions(extensions.values(), catalogue)],
  ['errors.md', renderErrors(Object.values(declaredErrors))],
  ['policy.md', renderPolicy(policyDefaults, catalogue)],
  ['configuration.md', renderConfiguration()],
  ['openapi.json', `${JSON.stringify(openApiDocument(catalogue, version), undefined, 2)}\n`],
]);

/** A page that people write, with examples that are code of the tests. */
const howto = join(import.meta.dirname, '..', 'docs', 'howto', 'add-a-resource.md');

if (process.argv.includes('--check')) await check();
else await write();

async function check(): Promise<void> {
  const stale = (await filesOnDisk()).filter((name) => !pages.has(name));
  for (const [name, text] of pages) {
    if ((await readFile(join(folder, name), 'utf8').catch(() => undefined)) !== text) stale.push(name);
  }
  const written = await readFile(howto, 'utf8');
  if (written !== withExamples(written, root)) stale.push('../howto/add-a-resource.md');
  if (stale.length === 0) return;
  console.error(`docs/reference is out of date (${stale.join(', ')}): run npm run reference`);
  process.exitCode = 1;
}

async function write(): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of await filesOnDisk()) if (!pages.has(name)) await rm(join(folder, name));
  for (const [name, text] of pages) await writeFile(join(folder, name), text);
  await writeFile(howto, withExamples(await readFile(howto, 'utf8'), root));
}

async function filesOnDisk(): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
