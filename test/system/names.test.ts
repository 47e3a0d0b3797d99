// The names of ports, as the internal DNS of their network answers them to an instance, on a host on which everything runs.

import { Embedded } from '@neutronium/testkit/lab/embedded';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Seconds in which a new name has to be known. */
const patience = 10;

let embedded: Embedded;
let network = '';

beforeAll(async () => {
  embedded = await Embedded.start({ config: '[ports]\ndns_domain = "cloud.example."\n' });
  const given = { name: 'named', dns_domain: '<project_name>.test.' };
  network = (await embedded.create<{ id: string }>('/v2.0/networks', { network: given })).id;
  const subnet = { network_id: network, ip_version: 4, cidr: '10.0.0.0/24' };
  await embedded.create('/v2.0/subnets', { subnet });
  await embedded.vm('add', 'asks', '--network', 'named');
});
afterAll(async () => {
  await embedded[Symbol.asyncDispose]();
});

/** What the instance's own resolver finds; empty for nothing. */
async function resolved(name: string): Promise<string> {
  const { stdout } = await embedded.inVm('asks', ['getent', 'ahostsv4', name], { anyExitCode: true });
  return stdout.split(/\s/)[0] ?? '';
}

async function named(address: string, given: object): Promise<string> {
  const port = { network_id: network, fixed_ips: [{ ip_address: address }], ...given };
  return (await embedded.create<{ id: string }>('/v2.0/ports', { port })).id;
}

const known = (name: string, address: string) =>
  embedded.until(`${name} at ${address}`, async () => (await resolved(name)) === address, patience * 1000);

describe('the internal DNS of a network', () => {
  it('knows a new port by its name, in the cloud’s domain and in the one of its network', async () => {
    await named('10.0.0.50', { dns_name: 'web' });
    for (const name of ['web', 'web.cloud.example', 'web.admin.test']) await known(name, '10.0.0.50');
  });

  it('knows a port in a domain of its own instead of its network’s', async () => {
    await named('10.0.0.51', { dns_name: 'db', dns_domain: 'data.test.' });
    await known('db.data.test', '10.0.0.51');
    await known('db.cloud.example', '10.0.0.51');
    expect(await resolved('db.admin.test')).toBe('');
  });

  it('knows a port without a name by its address, and what a name stands for from the other side', async () => {
    await named('10.0.0.52', {});
    await known('host-10-0-0-52.cloud.example', '10.0.0.52');
    const { stdout } = await embedded.inVm('asks', ['getent', 'hosts', '10.0.0.50']);
    expect(stdout.split(/\s+/)[1]).toBe('web.cloud.example');
  });

  it('follows a port that gets another name, and forgets the old one', async () => {
    const id = await named('10.0.0.53', { dns_name: 'old' });
    await known('old.admin.test', '10.0.0.53');
    await embedded.api('PUT', `/v2.0/ports/${id}`, { port: { dns_name: 'new' } });
    await known('new.admin.test', '10.0.0.53');
    expect(await resolved('old.admin.test')).toBe('');
    expect(await resolved('old')).toBe('');
  });
});
