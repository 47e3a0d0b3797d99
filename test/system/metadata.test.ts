// What instances are told of themselves, on a host on which everything runs: two tenants with the same addresses, on
// networks without a router.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Embedded } from '@neutronium/testkit/lab/embedded';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listPorts } from './instances.ts';

const address = '10.0.0.18';
const base = 'http://169.254.169.254';
const keyPath = '/2009-04-04/meta-data/public-keys/0/openssh-key';
const keyOf = (name: string): string => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${name} ${name}@example.org`;
const userData = '#!/bin/sh\necho hello\n';

interface Tenant {
  readonly vm: string;
  readonly cloud: string;
}
const alice: Tenant = { vm: 'alice', cloud: 'neutronium' };
const bob: Tenant = { vm: 'bob', cloud: 'demo' };

let embedded: Embedded;
const networks = new Map<string, string>();

beforeAll(async () => {
  embedded = await Embedded.start({ config: '[metadata]\nforce_metadata = true\n' });
  for (const tenant of [alice, bob]) await addInstance(tenant);
});
afterAll(async () => {
  await embedded[Symbol.asyncDispose]();
});

async function addInstance({ vm, cloud }: Tenant): Promise<void> {
  const { id } = await embedded.create<{ id: string }>('/v2.0/networks', { network: { name: vm } }, cloud);
  networks.set(vm, id);
  const subnet = { network_id: id, ip_version: 4, cidr: '10.0.0.0/24' };
  await embedded.create('/v2.0/subnets', { subnet }, cloud);
  const port = { network_id: id, name: vm, fixed_ips: [{ ip_address: address }] };
  await embedded.create('/v2.0/ports', { port }, cloud);
  const [key, data] = ['pub', 'data'].map((suffix) => join(embedded.host.dir, `${vm}.${suffix}`));
  if (key === undefined || data === undefined) throw new Error('two files have two names');
  await writeFile(key, `${keyOf(vm)}\n`);
  await writeFile(data, userData);
  await embedded.vm('add', vm, '--port', vm, '--cloud', cloud, '--key', key, '--user-data', data);
}

/** What the instance is answered; empty when it gets no answer of 200. */
async function ask(vm: string, url: string, ...options: readonly string[]): Promise<string> {
  const { stdout } = await embedded.inVm(vm, ['curl', '-sgf', '-m', '5', ...options, url], { anyExitCode: true });
  return stdout;
}

async function proxyPid(vm: string): Promise<string> {
  const file = join(embedded.stateDir, 'agent', 'services', `metadata-${networks.get(vm)}`, 'pid');
  return (await embedded.host.script(`cat ${file} 2>/dev/null || true`)).trim();
}

describe('metadata', () => {
  it("gives each tenant's instance its own key, whoever else has its address", async () => {
    for (const { vm } of [alice, bob]) expect(await ask(vm, `${base}${keyPath}`)).toBe(keyOf(vm));
  });

  it('is in both forms, with user data', async () => {
    expect(await ask('alice', `${base}/latest/meta-data/hostname`)).toBe('alice');
    expect(await ask('alice', `${base}/latest/meta-data/local-ipv4`)).toBe(address);
    expect(await ask('alice', `${base}/latest/user-data`)).toBe(userData);
    const [port] = await listPorts(embedded, 'name=alice');
    expect(JSON.parse(await ask('alice', `${base}/openstack/latest/meta_data.json`))).toMatchObject({ name: 'alice' });
    expect(JSON.parse(await ask('alice', `${base}/openstack/2018-08-27/network_data.json`))).toMatchObject({
      links: [{ vif_id: port?.id }],
      networks: [{ type: 'ipv4_dhcp', network_id: port?.network_id }],
    });
  });

  it('is answered over IPv6 as well', async () => {
    const url = `http://[fe80::a9fe:a9fe%25eth0]${keyPath}`;
    // The kernel of the instance makes sure first that nobody else has its link-local address.
    await embedded.until('an answer', async () => (await ask('bob', url)) === keyOf('bob'));
  });

  it('cannot be had for another by saying so', async () => {
    const lies = [
      `X-Forwarded-For: 10.0.0.2`,
      `X-Neutron-Network-ID: ${networks.get('alice')}`,
      'X-Instance-ID: alice',
    ];
    const options = lies.flatMap((lie) => ['-H', lie]);
    expect(await ask('bob', `${base}${keyPath}`, ...options)).toBe(keyOf('bob'));
  });

  it('is answered again after its proxy was killed', async () => {
    const before = await proxyPid('alice');
    await embedded.host.script(`kill -9 ${before}`);
    await embedded.until('an answer', async () => (await ask('alice', `${base}${keyPath}`)) === keyOf('alice'));
    expect(await proxyPid('alice')).not.toBe(before);
  });

  it.each(['agent', 'metadata'])(
    'is answered again after the program %s was killed, by the same proxies',
    async (name) => {
      const before = [await proxyPid('alice'), await proxyPid('bob')];
      const program = `/run/neutronium/${name}.pid`;
      const victim = await embedded.host.script(`cat ${program}`);
      await embedded.killProgram(program);
      await embedded.until('a successor', async () => {
        const now = await embedded.host.script(`cat ${program} 2>/dev/null || true`);
        return now !== '' && now !== victim;
      });
      await embedded.until('an answer', async () => (await ask('alice', `${base}${keyPath}`)) === keyOf('alice'));
      expect([await proxyPid('alice'), await proxyPid('bob')]).toEqual(before);
    },
  );

  it('has an agent that operators see', async () => {
    const { body } = await embedded.api('GET', '/v2.0/agents?binary=neutron-metadata-agent');
    expect(body['agents']).toMatchObject([
      { agent_type: 'Metadata agent', alive: true, configurations: { nova_metadata_port: 8775 } },
    ]);
  });

  it('leaves nothing of an instance or a network that is gone', async () => {
    const pid = await proxyPid('bob');
    await embedded.vm('rm', 'bob');
    const [port] = await listPorts(embedded, 'name=bob');
    await embedded.api('DELETE', `/v2.0/ports/${port?.id}`);
    expect((await embedded.api('DELETE', `/v2.0/networks/${networks.get('bob')}`)).status).toBe(204);
    await embedded.until('the end of the proxy', async () => {
      const left = await embedded.host.script(`kill -0 ${pid} 2>/dev/null && echo alive || true`);
      return left === '' && (await proxyPid('bob')) === '';
    });
    expect((await embedded.host.script(`ls ${embedded.stateDir}/instances | wc -l`)).trim()).toBe('1');
  });
});
