// A disk that is full and a database that something else holds: the API says 503, loses nothing, and goes on when it can.

import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerProcess } from '@neutronium/testkit/server-process';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder: string;
let server: ServerProcess;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nn-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'small', folder]);
  server = await ServerProcess.start({
    settings: {
      'auth.mode': 'noauth',
      'database.url': `sqlite:${join(folder, 'neutronium.db')}`,
      'quotas.network': '-1',
      'log.level': 'fatal',
    },
  });
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  execFileSync('umount', [folder]);
  await rm(folder, { recursive: true });
});

const headers = { 'x-user-id': 'u', 'x-project-id': 'p', 'x-roles': 'member,reader' };

async function createNetwork(): Promise<{ status: number; id: string; type: string }> {
  const body = JSON.stringify({ network: { description: 'x'.repeat(255) } });
  const answer = await fetch(`${server.url}/v2.0/networks`, { method: 'POST', headers, body });
  // One of the two shapes that the Networking API answers a creation with.
  const { network, NeutronError } = (await answer.json()) as {
    network?: { id: string };
    NeutronError?: { type: string };
  };
  return { status: answer.status, id: network?.id ?? '', type: NeutronError?.type ?? '' };
}

async function listNetworks(): Promise<string[]> {
  const answer = await fetch(`${server.url}/v2.0/networks?fields=id`, { headers });
  const { networks } = (await answer.json()) as { networks: { id: string }[] };
  return networks.map(({ id }) => id).toSorted();
}

describe('the API', () => {
  it('answers 503 while the disk is full, keeps what it has acknowledged, and goes on when there is room', async () => {
    const acknowledged: string[] = [];
    let refusal = await createNetwork();
    for (let tries = 0; refusal.status === 201 && tries < 20_000; tries += 1) {
      acknowledged.push(refusal.id);
      refusal = await createNetwork();
    }
    expect(refusal).toMatchObject({ status: 503, type: 'ServiceUnavailable' });
    expect(await listNetworks()).toEqual(acknowledged.toSorted());

    execFileSync('mount', ['-o', 'remount,size=64m', folder]);
    const { status, id } = await createNetwork();
    expect(status).toBe(201);
    await server.kill();
    await server.resume();
    expect(await listNetworks()).toEqual([...acknowledged, id].toSorted());
  });

  it('answers 503 while something else holds the database, and goes on when it is let go', async () => {
    const holder = new Database(join(folder, 'neutronium.db'));
    holder.exec('begin immediate');
    expect(await createNetwork()).toMatchObject({ status: 503, type: 'ServiceUnavailable' });
    expect(await listNetworks()).toEqual([]);
    holder.exec('rollback');
    holder.close();
    expect((await createNetwork()).status).toBe(201);
  });
});
