import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRecord, removeRecord, writeRecord } from './instance-record.ts';
import type { InstanceRecord } from './instance-record.ts';
import { responder } from './responder.ts';

const secret = 'shared';
const uuid = '0a1b2c3d-0000-4000-8000-000000000001';
const record: InstanceRecord = {
  uuid,
  name: 'web',
  project_id: 'alice',
  keys: [],
  user_data: null,
  ports: [{ id: 'p', network_id: 'n', mac_address: 'fa:16:3e:00:00:12', mtu: 1450, addresses: [] }],
};

let folder: string;
let base: string;
const server = createServer(responder({ secret, record: async (id) => readRecord(folder, id) }));
beforeAll(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'responder-')), 'instances');
  await writeRecord(folder, record);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on TCP has such an address.
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(join(folder, '..'), { recursive: true });
});

const sign = (id: string, key = secret): string => createHmac('sha256', key).update(id).digest('hex');
const signed = (id: string, project: string, signature = sign(id)) => ({
  'X-Instance-ID': id,
  'X-Tenant-ID': project,
  'X-Instance-ID-Signature': signature,
});

async function status(path: string, headers: Record<string, string>, method = 'GET'): Promise<number> {
  return (await fetch(`${base}${path}`, { headers, method })).status;
}

describe('the metadata responder', () => {
  it('tells an instance of itself', async () => {
    const answer = await fetch(`${base}/latest/meta-data/hostname?x=y`, { headers: signed(uuid, 'alice') });
    expect([answer.status, await answer.text()]).toEqual([200, 'web']);
  });

  it('tells everybody which versions there are, and nobody more', async () => {
    expect(await status('/', {})).toBe(200);
    expect(await status('/latest', {})).toBe(400);
  });

  it('believes signatures that are made with the shared secret alone', async () => {
    const signatures = ['', 'x', sign(uuid, 'another'), sign('another'), sign(uuid).toUpperCase(), `${sign(uuid)}0`];
    for (const signature of signatures) {
      expect([signature, await status('/latest', signed(uuid, 'alice', signature))]).toEqual([signature, 403]);
    }
  });

  it('tells nothing to a port that another project has given the id of the instance', async () => {
    expect(await status('/latest', signed(uuid, 'bob'))).toBe(404);
  });

  it('knows no instance by another name than its id', async () => {
    for (const id of ['0a1b2c3d-0000-4000-8000-000000000002', `../instances/${uuid}`, '', 'x'.repeat(5000)]) {
      expect(await status('/latest', signed(id, 'alice'))).toBe(404);
    }
  });

  it('changes nothing', async () => {
    expect(await status('/openstack/latest/password', signed(uuid, 'alice'), 'POST')).toBe(405);
  });

  it('keeps records where root alone may read them, until they are removed', async () => {
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, `${uuid}.json`))).mode & 0o777).toBe(0o600);
    await writeRecord(folder, { ...record, uuid: uuid.replace(/1$/, '9') });
    await removeRecord(folder, uuid.replace(/1$/, '9'));
    expect(await readRecord(folder, uuid.replace(/1$/, '9'))).toBeNull();
    await removeRecord(folder, uuid.replace(/1$/, '9'));
  });
});
