// haproxy itself is asked whether it takes the proxies' configuration, and what the far side is told by it.

import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { LabHost, missingForLab } from '@neutronium/cli/lab/host';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServicePlan } from '../host-plan.ts';
import { metadataService, metadataSocket, proxyUser } from './metadata-proxy.ts';
import type { MetadataServed } from './metadata-proxy.ts';

describe.skipIf(missingForLab().length > 0)('the metadata proxy with real haproxy', () => {
  let host: LabHost;
  let seen: IncomingHttpHeaders = {};
  const agent = createServer((request, response) => {
    seen = request.headers;
    response.end('answer');
  });

  beforeAll(async () => {
    host = await LabHost.start({ name: 'metadata', openvswitch: false });
    await host.script(`
      ip netns add ns
      ip -n ns link set lo up
      ip -n ns link add tap type veth peer name guest netns ns
      ip netns exec ns sysctl -qw net.ipv6.conf.tap.accept_dad=0 net.ipv6.conf.guest.accept_dad=0
      ip -n ns link set tap up
      ip -n ns link set guest up
      ip -n ns address add 169.254.169.254/32 dev tap
      ip -n ns address add fe80::a9fe:a9fe/64 dev tap nodad
    `);
    const socket = metadataSocket(host.dir);
    await mkdir(dirname(socket));
    agent.listen(socket);
    await once(agent, 'listening');
    await chmod(socket, 0o666);
    // The lab's folder is root's alone.
    await chmod(host.dir, 0o711);
  });
  afterAll(async () => {
    agent.closeAllConnections();
    agent.close();
    await host.dispose();
  });

  async function begin(serves: MetadataServed): Promise<ServicePlan> {
    const plan = metadataService({ namespace: 'ns', serves, stateDir: host.dir });
    await mkdir(plan.directory, { recursive: true });
    for (const [name, text] of plan.files) await writeFile(`${plan.directory}/${name}`, text);
    await host.run([plan.program, ...plan.args], { netns: 'ns' });
    return plan;
  }

  async function ask(url: string, ...options: readonly string[]): Promise<string> {
    return (await host.run(['curl', '-sgS', ...options, url], { netns: 'ns' })).stdout;
  }

  it('is taken without a warning', async () => {
    for (const serves of [
      { kind: 'router', id: 'r' },
      { kind: 'network', id: 'n', device: 'tap' },
    ] as const) {
      const [text = ''] = metadataService({ namespace: 'ns', serves, stateDir: host.dir }).files.values();
      await writeFile(`${host.dir}/checked.cfg`, text);
      const { stdout, stderr } = await host.run(['haproxy', '-c', '-f', `${host.dir}/checked.cfg`], { netns: 'ns' });
      expect(`${stdout}${stderr}`.trim()).toBe('Configuration file is valid');
    }
  });

  it('says who asked and which router serves him, whatever the guest says of that', async () => {
    await begin({ kind: 'router', id: 'the-router' });
    const lies = ['X-Forwarded-For: 6.6.6.6', 'X-Neutron-Router-ID: another', 'X-Neutron-Network-ID: a-network'];
    const options = lies.flatMap((lie) => ['-H', lie]);
    expect(await ask('http://127.0.0.1:9697/', ...options)).toBe('answer');
    expect(seen).toMatchObject({ 'x-forwarded-for': '127.0.0.1', 'x-neutron-router-id': 'the-router' });
    expect(seen).not.toHaveProperty('x-neutron-network-id');
    expect(await ask('http://[::1]:9697/', ...options)).toBe('answer');
    expect(seen).toMatchObject({ 'x-forwarded-for': '::1', 'x-neutron-router-id': 'the-router' });
  });

  it('answers a network at the metadata address of either family', async () => {
    await begin({ kind: 'network', id: 'the-network', device: 'tap' });
    expect(await ask('http://169.254.169.254/', '-H', 'X-Neutron-Router-ID: a-router')).toBe('answer');
    expect(seen).toMatchObject({ 'x-neutron-network-id': 'the-network' });
    expect(seen).not.toHaveProperty('x-neutron-router-id');
    expect(await ask('http://[fe80::a9fe:a9fe%25tap]/')).toBe('answer');
    expect(seen['x-forwarded-for']).toMatch(/^fe80::/);
  });

  it('runs without rights', async () => {
    const users = await host.script('ps -o user= -C haproxy');
    expect(new Set(users.trim().split('\n'))).toEqual(new Set([proxyUser]));
  });
});
