// The one place where the agent's configuration comes in.

import { readFile } from 'node:fs/promises';
import { serverSections } from '@neutronium/model/setting-sections';
import { readSettings } from '@neutronium/model/settings';
import { parse as parseToml } from 'smol-toml';
import { agentSettings } from './agent-settings.ts';
import type { AgentConfig } from './agent-settings.ts';

/** The configuration cannot be used; every problem that was found, one to a line. */
export class BadConfiguration extends Error {
  override readonly name = 'BadConfiguration';

  constructor(problems: readonly string[]) {
    super(`the configuration cannot be used:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}

export interface ConfigSources {
  /** A TOML file; absent for defaults and environment alone. The server's sections may stand beside the agent's. */
  readonly path?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The configuration, or BadConfiguration with everything that is wrong with it. */
export async function loadAgentConfig({ path, environment }: ConfigSources): Promise<AgentConfig> {
  const file = path === undefined ? {} : { file: { name: path, table: await readToml(path) } };
  const read = readSettings(agentSettings, { ...file, otherSections: serverSections, environment });
  if (!read.ok) throw new BadConfiguration(read.problems);
  const { agent, ovs } = read.values;
  if (agent.tunnel_types.length > 0 && ovs.local_ip === null) {
    throw new BadConfiguration(['ovs.local_ip: tunnels (agent.tunnel_types) need an address to end at']);
  }
  return read.values;
}

/** The secret in the file that `option` names, without the line's end. */
export async function readSecret(option: string, path: string): Promise<string> {
  try {
    const secret = (await readFile(path, 'utf8')).trim();
    if (secret === '') throw new Error('the file is empty');
    return secret;
  } catch (cause) {
    throw new BadConfiguration([`${option}: ${path}: ${messageOf(cause)}`]);
  }
}

async function readToml(path: string): Promise<unknown> {
  try {
    return parseToml(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new BadConfiguration([`${path}: ${messageOf(cause)}`]);
  }
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
