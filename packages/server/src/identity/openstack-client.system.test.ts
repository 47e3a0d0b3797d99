// The identity API with the client that it is for: the openstack command, as Debian packages it.

import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadServerConfig } from '../config/load.ts';
import { startServer, type Server } from '../server.ts';

const run = promisify(execFile);
const client = '/usr/bin/openstack';
let folder: string;
let server: Server;

interface Login {
  readonly user: string;
  readonly password: string;
  readonly project: string;
}
const admin: Login = { user: 'admin', password: 'admin-password', project: 'admin' };

/** Runs several commands in one start of the client, which takes seconds; gives back what they print. */
async function openstack({ user, password, project }: Login, ...commands: readonly string[]): Promise<string> {
  const script = join(folder, 'commands');
  await writeFile(script, `${commands.join('\n')}\nquit\n`);
  const { stdout } = await run('/bin/sh', ['-c', `${client} < ${script}`], {
    env: {
      PATH: '/usr/bin:/bin',
      HOME: folder,
      OS_AUTH_URL: `${server.url}/identity/v3`,
      OS_USERNAME: user,
      OS_PASSWORD: password,
      OS_PROJECT_NAME: project,
      OS_USER_DOMAIN_NAME: 'Default',
      OS_PROJECT_DOMAIN_NAME: 'Default',
      OS_IDENTITY_API_VERSION: '3',
    },
  });
  return stdout;
}

describe.skipIf(!existsSync(client))('the openstack client (Debian: python3-openstackclient)', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'neutronium-client-'));
    await writeFile(join(folder, 'admin-password'), 'admin-password\n');
    await writeFile(join(folder, 'demo-password'), 'demo-password\n');
    const config = await loadServerConfig({
      environment: {
        NEUTRONIUM_API_PORT: '0',
        NEUTRONIUM_DATABASE_URL: `sqlite:${join(folder, 'neutronium.sqlite')}`,
        NEUTRONIUM_AUTH_ADMIN_PASSWORD_FILE: join(folder, 'admin-password'),
        NEUTRONIUM_AUTH_DEMO_PASSWORD_FILE: join(folder, 'demo-password'),
      },
    });
    server = await startServer(config, pino({ level: 'silent' }));
  });
  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  it('makes a project and a user, who then works in it and nowhere else', async () => {
    const asAdmin = await openstack(
      admin,
      'token issue -f value -c expires',
      'catalog list -f value -c Name -c Type',
      'project create lab -f value -c name -c domain_id',
      'user create alice --password wonderland --project lab -f value -c name',
      'role add --project lab --user alice member',
      'role assignment list --names --user alice -f value -c Role -c User -c Project',
      'role list -f value -c Name',
    );
    expect(asAdmin).toMatch(/keystone identity\s+neutron network/);
    expect(asAdmin).toContain('member alice@Default lab@Default');
    for (const role of ['admin', 'manager', 'member', 'reader', 'service']) expect(asAdmin).toContain(`\n${role}\n`);

    const alice: Login = { user: 'alice', password: 'wonderland', project: 'lab' };
    const asAlice = await openstack(
      alice,
      'project list -f value -c Name',
      'network create mine -f value -c name -c status',
      'user list',
    );
    expect(asAlice).toContain('lab\n');
    expect(asAlice).toMatch(/mine\s+ACTIVE/);
    await expect(openstack({ ...alice, project: 'admin' }, 'token issue')).resolves.not.toContain('expires');
  });

  it('lets a user change the password, which ends what the old one was good for', async () => {
    const demo: Login = { user: 'demo', password: 'demo-password', project: 'demo' };
    await openstack(demo, 'user password set --original-password demo-password --password changed');
    expect(await openstack(demo, 'token issue -f value -c expires')).not.toMatch(/\d{4}-\d\d-\d\d/);
    expect(await openstack({ ...demo, password: 'changed' }, 'token issue -f value -c expires')).toMatch(
      /\d{4}-\d\d-\d\d/,
    );
  });
});
