// What metering labels count: the bytes that really pass, and no others.

import type { MeteringEntry } from '@neutronium/model/agent-socket';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RouterLab, type RoutedNetwork } from './lab.ts';

let lab: RouterLab;
let red: RoutedNetwork;

beforeAll(async () => {
  lab = await RouterLab.start();
  const publicNetwork = await lab.externalNetwork('public', {
    ip_version: 4,
    cidr: '172.24.4.0/24',
    gateway_ip: '172.24.4.1',
  });
  await lab.outside('outside', '172.24.4.1/24', '172.24.4.200/24');
  red = await lab.routedNetwork('red', { network_id: publicNetwork });
  await lab.instance('alice', '10.0.0.18', red);
});
afterAll(async () => {
  await lab[Symbol.asyncDispose]();
});

/** A label of the router's project that counts by these rules. */
async function label(name: string, ...rules: readonly Record<string, unknown>[]): Promise<void> {
  const { embedded } = lab;
  const metering_label = { name, project_id: await lab.projectOf(red.networkId) };
  const { id } = await embedded.create<{ id: string }>('/v2.0/metering/metering-labels', { metering_label });
  for (const rule of rules) {
    const metering_label_rule = { metering_label_id: id, ...rule };
    await embedded.create('/v2.0/metering/metering-label-rules', { metering_label_rule });
  }
}

/** What each label has counted, by name: packets and bytes. */
async function counted(): Promise<Record<string, readonly [number, number]>> {
  const { stdout } = await lab.embedded.neutronium(['metering', '--json']);
  // What the command promises to print.
  const entries = JSON.parse(stdout) as readonly MeteringEntry[];
  return Object.fromEntries(entries.map(({ name, packets, bytes }) => [name, [packets, bytes]]));
}

/** Waits until so many labels count. */
async function untilCounting(labels: number): Promise<void> {
  await lab.embedded.until('chains of all labels', async () => Object.keys(await counted()).length === labels);
}

/** Sends so many pings of 1000 bytes of payload, which make IP packets of 1028 (RFC 791, RFC 792). */
async function ping(address: string, count: number): Promise<void> {
  await lab.embedded.inVm('alice', ['ping', '-q', '-i', '0.01', '-c', String(count), '-s', '1000', '-W', '2', address]);
}

describe('metering labels', () => {
  it('count the bytes that leave and that come in, but for what is excluded, and keep them when rules change', async () => {
    await label('out', { direction: 'egress', remote_ip_prefix: '10.0.0.0/24' });
    await label(
      'first',
      { direction: 'egress', source_ip_prefix: '10.0.0.0/24', destination_ip_prefix: '172.24.4.0/24' },
      { direction: 'egress', source_ip_prefix: '10.0.0.18', destination_ip_prefix: '172.24.4.0/24' },
      { direction: 'egress', destination_ip_prefix: '172.24.4.200', excluded: true },
    );
    await label('in', { direction: 'ingress', remote_ip_prefix: '10.0.0.0/24' });
    await label('elsewhere', { direction: 'egress', remote_ip_prefix: '192.0.2.0/24' });
    await untilCounting(4);
    await ping('172.24.4.1', 10);
    await ping('172.24.4.200', 5);
    const all = [15, 15 * 1028] as const;
    const firstOnly = [10, 10 * 1028] as const;
    expect(await counted()).toEqual({ out: all, in: all, first: firstOnly, elsewhere: [0, 0] });
    await label('later', { direction: 'egress', remote_ip_prefix: '10.0.0.0/24' });
    await untilCounting(5);
    expect(await counted()).toEqual({ out: all, in: all, first: firstOnly, elsewhere: [0, 0], later: [0, 0] });
  });
});
