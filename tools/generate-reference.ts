// Writes docs/reference from the declarations. With --check it writes nothing and fails when a page on disk differs.

import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { catalogue } from '@neutronium/model/catalogue';
import * as errors from '@neutronium/model/errors';
import { extensions } from '@neutronium/model/extensions';
import { openApiDocument } from '@neutronium/model/openapi';
import { policyDefaults } from '@neutronium/model/policy-defaults';
import { renderErrors, renderExtensions, renderPolicy, renderResource } from '@neutronium/model/reference';

const folder = join(import.meta.dirname, '..', 'docs', 'reference');
const { ApiError: _, ...declaredErrors } = errors;
const { version } = JSON.parse(
  await readFile(join(import.meta.dirname, '..', 'packages', 'server', 'package.json'), 'utf8'),
) as { version: string };

/** File names and their texts. */
const pages = new Map<string, string>([
  ...catalogue.map((resource): [string, string] => [`${resource.plural}.md`, renderResource(resource)]),
  ['extensions.md', renderExtensions(extensions.values(), catalogue)],
  ['errors.md', renderErrors(Object.values(declaredErrors))],
  ['policy.md', renderPolicy(policyDefaults, catalogue)],
  ['openapi.json', `${JSON.stringify(openApiDocument(catalogue, version), undefined, 2)}\n`],
]);

if (process.argv.includes('--check')) await check();
else await write();

async function check(): Promise<void> {
  const stale = (await filesOnDisk()).filter((name) => !pages.has(name));
  for (const [name, text] of pages) {
    if ((await readFile(join(folder, name), 'utf8').catch(() => undefined)) !== text) stale.push(name);
  }
  if (stale.length === 0) return;
  console.error(`docs/reference is out of date (${stale.join(', ')}): run node tools/generate-reference.ts`);
  process.exitCode = 1;
}

async function write(): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of await filesOnDisk()) if (!pages.has(name)) await rm(join(folder, name));
  for (const [name, text] of pages) await writeFile(join(folder, name), text);
}

async function filesOnDisk(): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
