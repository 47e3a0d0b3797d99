// The one place where the server's configuration comes in: a TOML file, the environment, the command line.

import { readFile } from 'node:fs/promises';
import { agentSections } from '@neutronium/model/setting-sections';
import type { Mac } from '@neutronium/net/mac';
import { readSettings } from '@neutronium/model/settings';
import { parse as parseToml, TomlError } from 'smol-toml';
import { serverSettings, type ServerConfig } from './server-settings.ts';

/** The configuration cannot be used; every problem that was found, one to a line. */
export class BadConfiguration extends Error {
  override readonly name = 'BadConfiguration';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`the configuration cannot be used:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

export interface ConfigSources {
  /** A TOML file, which may hold the agent's sections as well; absent for defaults and environment alone. */
  readonly path?: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `section.key` to text, from the command line. */
  readonly overrides?: Readonly<Record<string, string>>;
}

/** The configuration, or BadConfiguration with everything that is wrong with it. */
export async function loadServerConfig({ path, environment, overrides = {} }: ConfigSources): Promise<ServerConfig> {
  const file = path === undefined ? {} : { file: { name: path, table: await readToml(path) } };
  const read = readSettings(serverSettings, { ...file, otherSections: agentSections, environment, overrides });
  if (!read.ok) throw new BadConfiguration(read.problems);
  const contradictions = findContradictions(read.values);
  if (contradictions.length > 0) throw new BadConfiguration(contradictions);
  return read.values;
}

async function readToml(path: string): Promise<Readonly<Record<string, unknown>>> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new Error(`reading the configuration file ${path}`, { cause });
  });
  try {
    return parseToml(text);
  } catch (cause) {
    if (cause instanceof TomlError)
      throw new BadConfiguration([`${path}:${cause.line}:${cause.column}: ${cause.message}`]);
    throw cause;
  }
}

/** What no single setting can see is wrong. */
function findContradictions({ auth, networks, ports, routers }: ServerConfig): readonly string[] {
  const problems: string[] = [];
  if (auth.mode === 'keystone' && auth.keystone_url === null) {
    problems.push('auth.mode is keystone, but auth.keystone_url is not set');
  }
  for (const type of networks.tenant_network_types) {
    if (!networks.type_drivers.includes(type)) {
      problems.push(`networks.tenant_network_types has ${type}, which networks.type_drivers has not`);
    }
  }
  const flat = networks.tenant_network_types.includes('flat');
  if (flat) problems.push('networks.tenant_network_types: flat networks have no ids to give to tenants');
  if (vendorOf(ports.base_mac) === vendorOf(routers.dvr_base_mac)) {
    problems.push(
      `routers.dvr_base_mac and ports.base_mac both begin with ${vendorOf(ports.base_mac)}: by the first three octets ` +
        'hosts tell what distributed routers send from what ports send',
    );
  }
  return problems;
}

/** The first three octets, as text. */
function vendorOf(mac: Mac): string {
  return mac.split(':').slice(0, 3).join(':');
}
