// A PostgreSQL server of our own for the tests: its data in a scratch folder, on a UNIX socket there, gone when stopped.

import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';

/** The newest folder of Debian's PostgreSQL server programs; undefined where none is installed. */
export function findPostgres(): string | undefined {
  const base = '/usr/lib/postgresql';
  if (!existsSync(base)) return undefined;
  const versions = readdirSync(base).filter((version) => existsSync(join(base, version, 'bin', 'initdb')));
  const newest = versions.toSorted((a, b) => Number(b) - Number(a))[0];
  return newest === undefined ? undefined : join(base, newest, 'bin');
}

export interface RunningPostgres {
  /** A libpq URL; its `host` parameter, the folder of the socket, goes over the host before it. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a server from `bin`; it refuses to run as root, so it runs as Debian's `postgres` user there. */
export async function startPostgres(bin: string): Promise<RunningPostgres> {
  const folder = await mkdtemp(join(tmpdir(), 'nn-pg-'));
  const owner = await unprivilegedOwner();
  if (owner !== undefined) await chown(folder, owner.uid, owner.gid);
  const data = join(folder, 'data');
  const asOwner = owner === undefined ? {} : { uid: owner.uid, gid: owner.gid };
  execFileSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync', '-E', 'UTF8', '--locale=C'],
    { ...asOwner, cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const settings = ['listen_addresses=', `unix_socket_directories=${folder}`, 'fsync=off', 'max_connections=200'];
  const server = spawn(join(bin, 'postgres'), ['-D', data, ...settings.flatMap((setting) => ['-c', setting])], {
    ...asOwner,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = once(server, 'exit');
  await new Promise<void>((resolve, reject) => {
    let log = '';
    server.stderr.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-10_000);
      if (log.includes('ready to accept connections')) resolve();
    });
    server.once('exit', () => reject(new Error(`starting PostgreSQL in ${folder}: it ended\n${log}`)));
  });
  return {
    url: `postgres://postgres@localhost/postgres?host=${encodeURIComponent(folder)}`,
    async stop() {
      server.kill('SIGINT'); // PostgreSQL's fast shutdown: ends sessions, waits for no client.
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function unprivilegedOwner(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  await mkdir(tmpdir(), { recursive: true });
  return { uid: id('-u'), gid: id('-g') };
}
