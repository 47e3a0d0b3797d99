// The `neutronium` command of this checkout, where shells find it.

import { lstat, readlink, rm, symlink } from 'node:fs/promises';
import { resolve } from 'node:path';

const link = '/usr/local/bin/neutronium';
const script = resolve(import.meta.dirname, '../../../../script/neutronium');

/** Makes the link unless something of that name is there. Gives the word that runs the command. */
export async function linkCommand(): Promise<string> {
  const existing = await lstat(link).catch(() => undefined);
  if (existing === undefined) await symlink(script, link);
  return (await isOurs()) ? 'neutronium' : 'script/neutronium';
}

/** Removes the link when it is this checkout's. */
export async function unlinkCommand(): Promise<void> {
  if (await isOurs()) await rm(link);
}

async function isOurs(): Promise<boolean> {
  return (await readlink(link).catch(() => undefined)) === script;
}
