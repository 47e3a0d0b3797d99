// What the commands about instances work with: two sessions, and where things are on this machine.

import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { credentialsFromClouds, credentialsFromVariables } from '../cloud/credentials.ts';
import type { Credentials, Environment } from '../cloud/credentials.ts';
import { Session } from '../cloud/session.ts';
import { paths } from '../up/layout.ts';
import type { Layout } from '../up/layout.ts';
import type { SwitchAddress } from './switch.ts';

export interface VmContext {
  readonly layout: Layout;
  readonly switch: SwitchAddress;
  /** The name by which the agent of this machine is known: ports are bound to it. */
  readonly host: string;
  /** Holds a folder for each instance: pid files of its DHCP clients. */
  readonly instancesDir: string;
  /** Holds what instances are told of themselves. */
  readonly recordsDir: string;
  /** Whose networks and ports are used. */
  readonly owner: () => Promise<Session>;
  /** Who may bind ports to hosts and delete anybody's: the part that Nova's own user plays. */
  readonly operator: () => Promise<Session>;
}

export interface VmOptions {
  readonly layout: Layout;
  readonly cloud: string | undefined;
  readonly host: string | undefined;
  readonly environment: Environment;
}

/** The cloud of the administrator in the clouds.yaml that `up` writes. */
const operatorCloud = 'neutronium';

export function vmContext({ layout, cloud, host, environment }: VmOptions): VmContext {
  const owner = once(async () => Session.open(await ownerCredentials(layout, { cloud, environment })));
  return {
    layout,
    switch: { database: paths(layout).ovsSocket, bridge: 'br-int' },
    host: host ?? hostname(),
    instancesDir: join(layout.stateDir, 'vm'),
    recordsDir: paths(layout).instances,
    owner,
    operator: once(async () => {
      const credentials = await operatorCredentials(layout);
      return credentials === null ? await owner() : await Session.open(credentials);
    }),
  };
}

/**
 * A cloud that was named is looked up in clouds.yaml: the one that OS_CLIENT_CONFIG_FILE names, or ours. Otherwise
 * variables say who we are, and if they do not, we are the administrator.
 */
async function ownerCredentials(
  layout: Layout,
  { cloud, environment }: Pick<VmOptions, 'cloud' | 'environment'>,
): Promise<Credentials> {
  const named = cloud ?? environment['OS_CLOUD'];
  const variables = named === undefined ? credentialsFromVariables(environment) : null;
  if (variables !== null) return variables;
  const file = environment['OS_CLIENT_CONFIG_FILE'] ?? paths(layout).clouds;
  const text = await readIfThere(file);
  if (text === null) {
    throw new Error(`no credentials: there is no ${file}, which \`neutronium up\` writes, and OS_AUTH_URL is not set`);
  }
  return credentialsFromClouds(text, { cloud: named ?? operatorCloud, file });
}

async function operatorCredentials(layout: Layout): Promise<Credentials | null> {
  const file = paths(layout).clouds;
  const text = await readIfThere(file);
  return text === null ? null : credentialsFromClouds(text, { cloud: operatorCloud, file });
}

async function readIfThere(file: string): Promise<string | null> {
  return await readFile(file, 'utf8').catch((cause: unknown) => {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw cause;
  });
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => (made ??= make());
}
