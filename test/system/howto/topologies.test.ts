// Runs the scripts of docs/howto/topologies, each on a host of its own, and looks at who reaches whom.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Embedded } from '@neutronium/testkit/lab/embedded';
import { OperatorShell } from '@neutronium/testkit/lab/operator-shell';
import { callTcp, startTcpServer } from '@neutronium/testkit/lab/tcp';
import { expect, it } from 'vitest';
import { listPorts, type PortBody } from '../instances.ts';
import { addOutsideHost, servicePort } from '../outside-host.ts';

const folder = join(import.meta.dirname, '../../../docs/howto/topologies');

/** The world after a script has run; hosts outside and instances are namespaces that answer on the service's port. */
class Topology implements AsyncDisposable {
  readonly #embedded: Embedded;

  private constructor(embedded: Embedded) {
    this.#embedded = embedded;
  }

  static async of(
    script: string,
    { hosts, services = [] }: { hosts: Record<string, string>; services?: readonly string[] },
  ): Promise<Topology> {
    const path = join(folder, script);
    const options = /^# Start .*: sudo script\/up (?<options>.*)$/m.exec(readFileSync(path, 'utf8'))?.groups?.[
      'options'
    ];
    const shell = await OperatorShell.start(options?.split(' ') ?? []);
    const { embedded } = shell;
    try {
      for (const [netns, address] of Object.entries(hosts)) {
        const bridge = address.startsWith('172.24.5.') ? 'br-lab' : 'br-ex';
        await addOutsideHost(embedded, { netns, bridge, addresses: [address] });
      }
      await shell.do(`OS_CLIENT_CONFIG_FILE=/var/lib/neutronium/clouds.yaml ${path}`);
      for (const vm of services) await startTcpServer(embedded.host, { netns: `vm-${vm}`, port: servicePort });
    } catch (error) {
      await embedded[Symbol.asyncDispose]();
      throw error;
    }
    return new Topology(embedded);
  }

  async port(name: string): Promise<PortBody> {
    const [port] = await listPorts(this.#embedded, `name=${name}`);
    if (port === undefined) throw new Error(`there is no port ${name}`);
    return port;
  }

  async address(name: string): Promise<string> {
    return (await this.port(name)).fixed_ips[0]?.ip_address ?? 'none';
  }

  async floatingIp(portName: string): Promise<string> {
    const { id } = await this.port(portName);
    const { body } = await this.#embedded.api('GET', `/v2.0/floatingips?port_id=${id}`);
    // The shape of a list of floating IPs in the Networking API.
    const [floatingIp] = body['floatingips'] as readonly { readonly floating_ip_address: string }[];
    return floatingIp?.floating_ip_address ?? 'none';
  }

  async pings(from: string, address: string): Promise<boolean> {
    const ping = ['ping', '-c1', '-W1', address];
    return (await this.#embedded.host.run(ping, { netns: from, anyExitCode: true })).exitCode === 0;
  }

  /** Returns once it is so. */
  async untilPings(from: string, address: string): Promise<void> {
    await this.#embedded.until(`a ping from ${from} to ${address}`, async () => await this.pings(from, address));
  }

  /** The address as which the service there sees a caller. */
  async call(from: string, address: string): Promise<string> {
    return await callTcp(this.#embedded.host, { netns: from, address, port: servicePort });
  }

  /** What a user is told who asks for a floating IP of the network of that port. */
  async askForFloatingIp(portName: string): Promise<unknown> {
    const floatingip = { floating_network_id: (await this.port(portName)).network_id };
    return (await this.#embedded.api('POST', '/v2.0/floatingips', { floatingip }, 'demo')).body;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#embedded[Symbol.asyncDispose]();
  }
}

it('a single flat network: fixed addresses are those of the world, and there are no floating IPs', async () => {
  await using lan = await Topology.of('1-single-flat-network.sh', {
    hosts: { outside: '172.24.4.1/24' },
    services: ['users', 'admins'],
  });
  const [admins, users] = [await lan.address('admins'), await lan.address('users')];
  for (const from of ['vm-users', 'vm-admins', 'outside']) await lan.untilPings(from, users);
  for (const from of ['vm-users', 'vm-admins']) await lan.untilPings(from, '172.24.4.1');
  expect(await lan.call('vm-users', '172.24.4.1')).toBe(users);
  expect(await lan.call('vm-admins', '172.24.4.1')).toBe(admins);
  expect(await lan.call('outside', users)).toBe('172.24.4.1');
  expect(await lan.call('vm-admins', users)).toBe(admins);
  // Nobody has let anyone in there.
  const refused = await Promise.all(['outside', 'vm-users'].map((from) => lan.call(from, admins)));
  expect(refused).toEqual(['no answer', 'no answer']);
  expect(await lan.askForFloatingIp('users')).toMatchObject({
    NeutronError: { type: 'BadRequest', message: expect.stringContaining('is not a valid external network') },
  });
});

it('several flat networks: an instance is on the physical network that was chosen for it', async () => {
  await using flat = await Topology.of('2-several-flat-networks.sh', {
    hosts: { office: '172.24.4.1/24', laboratory: '172.24.5.1/24' },
  });
  const typist = await flat.address('typist');
  const chemist = await flat.address('chemist');
  await flat.untilPings('vm-clerk', '172.24.4.1');
  await flat.untilPings('vm-clerk', typist);
  await flat.untilPings('vm-chemist', '172.24.5.1');
  // The gateways are hosts that forward nothing.
  const unreachable: readonly [string, string][] = [
    ['vm-clerk', chemist],
    ['vm-clerk', '172.24.5.1'],
    ['vm-chemist', typist],
    ['vm-chemist', '172.24.4.1'],
  ];
  expect(await Promise.all(unreachable.map(([from, to]) => flat.pings(from, to)))).toEqual(noneOf(unreachable));
});

it('flat and private: an instance with two NICs is the way out and in of another', async () => {
  await using mixed = await Topology.of('3-flat-and-private.sh', {
    hosts: { outside: '172.24.4.1/24' },
    services: ['inside'],
  });
  const gateway = await mixed.address('gateway');
  await mixed.untilPings('vm-inside', '172.24.4.1');
  expect(await mixed.call('vm-inside', '172.24.4.1')).toBe(gateway);
  // Nothing but the gateway answers for that address: it has handed the call on.
  expect(await mixed.call('outside', gateway)).toBe('172.24.4.1');
  await mixed.untilPings('outside', gateway);
  expect(await mixed.pings('outside', '10.0.0.18')).toBe(false);
});

it('routers of tenants: the same addresses twice, which meet only by floating IPs', async () => {
  await using tenants = await Topology.of('4-routers-of-tenants.sh', {
    hosts: { outside: '172.24.4.1/24' },
    services: ['red-web', 'red-db', 'blue-web', 'blue-db'],
  });
  const [red, blue] = [await tenants.floatingIp('red-web'), await tenants.floatingIp('blue-web')];
  for (const [tenant, own, others] of [
    ['red', red, blue],
    ['blue', blue, red],
  ] as const) {
    await tenants.untilPings('outside', own);
    await tenants.untilPings(`vm-${tenant}-web`, others);
    expect(await tenants.call(`vm-${tenant}-web`, '172.24.4.1')).toBe(own);
    expect(await tenants.call('outside', own)).toBe('172.24.4.1');
    expect(await tenants.call(`vm-${tenant}-web`, others)).toBe(own);
    await tenants.untilPings(`vm-${tenant}-web`, await tenants.address(`${tenant}-db`));
  }
  const unreachable: readonly [string, string][] = [
    ['vm-red-web', await tenants.address('blue-db')],
    ['vm-blue-web', await tenants.address('red-db')],
    ['outside', await tenants.address('red-db')],
    ['outside', '10.0.0.18'],
  ];
  expect(await Promise.all(unreachable.map(([from, to]) => tenants.pings(from, to)))).toEqual(noneOf(unreachable));
});

function noneOf(pairs: readonly unknown[]): readonly false[] {
  return pairs.map(() => false);
}
