// The main job, as the README tells it: the real openstack client makes a network, two instances get their addresses
// by DHCP and ping each other.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Embedded } from '@neutronium/testkit/lab/embedded';
import { addressOf } from './instances.ts';

interface Row {
  readonly [column: string]: unknown;
}

let embedded: Embedded;
beforeAll(async () => {
  embedded = await Embedded.start();
  await embedded.openstack('network', 'create', 'net1');
  await embedded.openstack('subnet', 'create', 'subnet1', '--network', 'net1', '--subnet-range', '10.0.0.0/24');
  await embedded.vm('add', 'a', '--network', 'net1');
  await embedded.vm('add', 'b', '--network', 'net1');
});
afterAll(async () => {
  await embedded[Symbol.asyncDispose]();
});

describe('one network, two instances', () => {
  it('lists an Open vSwitch agent and a DHCP agent, alive', async () => {
    const agents = await embedded.openstack<Row[]>('network', 'agent', 'list');
    const alive = agents.map((agent) => [agent['Agent Type'], agent['Alive'], agent['State']]);
    expect(alive).toEqual(
      expect.arrayContaining([
        ['Open vSwitch agent', true, true],
        ['DHCP agent', true, true],
      ]),
    );
  });

  it('gives the DHCP port the first address after the gateway, and shows every port as ACTIVE', async () => {
    const ports = await embedded.openstack<Row[]>('port', 'list', '--long');
    const dhcp = ports.find((port) => port['Device Owner'] === 'network:dhcp');
    expect(JSON.stringify(dhcp?.['Fixed IP Addresses'])).toContain('10.0.0.2');
    expect(ports.map((port) => port['Status'])).toEqual(['ACTIVE', 'ACTIVE', 'ACTIVE']);
  });

  it('gives each instance the address of its port by DHCP', async () => {
    for (const name of ['a', 'b']) {
      const address = await addressOf(embedded, name);
      const { stdout } = await embedded.inVm(name, ['ip', '-4', '-brief', 'address', 'show', 'eth0']);
      expect(stdout).toContain(`${address}/24`);
    }
  });

  it('lets them ping each other without loss', async () => {
    const address = await addressOf(embedded, 'b');
    const output = await embedded.vm('exec', 'a', '--', 'ping', '-c3', '-i', '0.2', address);
    expect(output).toContain('3 packets transmitted, 3 received, 0% packet loss');
  });

  it('gives the address of another instance for its name', async () => {
    const address = await addressOf(embedded, 'b');
    const name = `host-${address.replaceAll('.', '-')}.openstacklocal`;
    const { stdout } = await embedded.inVm('a', ['getent', 'ahostsv4', name]);
    expect(stdout).toContain(address);
  });
});
