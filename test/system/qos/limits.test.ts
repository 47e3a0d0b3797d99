// QoS policies in packets: two instances on one network, a router with a floating IP, and a host outside.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startCapture } from '../capture.ts';
import { listPorts } from '../instances.ts';
import { RouterLab, type RoutedNetwork } from '../routers/lab.ts';
import { measure, type Flow } from './pump.ts';

const outside = '172.24.4.1';
const [gateway, floating] = ['172.24.4.19', '172.24.4.21'];
const [aliceAddress, bobAddress] = ['10.0.0.18', '10.0.0.20'];
const maxKbps = 8000;
const maxKpps = 1;

let lab: RouterLab;
let publicNetwork: string;
let network: RoutedNetwork;
let [alice, bob] = ['', ''];
let floatingIp: string;

beforeAll(async () => {
  lab = await RouterLab.start();
  publicNetwork = await lab.externalNetwork('public', { ip_version: 4, cidr: '172.24.4.0/24', gateway_ip: outside });
  await lab.outside('outside', `${outside}/24`);
  network = await lab.routedNetwork('private', {
    network_id: publicNetwork,
    external_fixed_ips: [{ ip_address: gateway }],
  });
  alice = await lab.instance('alice', aliceAddress, network);
  bob = await lab.instance('bob', bobAddress, network);
  floatingIp = await lab.floatingIp(publicNetwork, floating, bob);
  await lab.embedded.until('a way in', async () => (await lab.call('outside', floating)) === outside);
});
afterAll(async () => {
  await lab?.[Symbol.asyncDispose]();
});

/** A policy with those rules, by their kinds. */
async function policyOf(
  ...rules: readonly (readonly [kind: string, rule: Record<string, unknown>])[]
): Promise<string> {
  const { id } = await lab.embedded.create<{ id: string }>('/v2.0/qos/policies', { policy: { shared: true } });
  for (const [kind, rule] of rules) {
    await lab.embedded.create(`/v2.0/qos/policies/${id}/${kind}s`, { [kind]: rule });
  }
  return id;
}

const bandwidth = (direction: string, max_burst_kbps = 400) =>
  ['bandwidth_limit_rule', { max_kbps: maxKbps, max_burst_kbps, direction }] as const;
const packets = (direction: string) =>
  ['packet_rate_limit_rule', { max_kpps: maxKpps, max_burst_kpps: 0, direction }] as const;

/** Meters that the switch has. */
async function meters(): Promise<number> {
  const listed = await lab.embedded.host.ofctl(['-O', 'OpenFlow14', 'dump-meters'], 'br-int');
  return listed.split('\n').filter((line) => line.includes('meter=')).length;
}

const setPolicy = (portId: string, qos_policy_id: string | null) =>
  lab.put(`/v2.0/ports/${portId}`, { port: { qos_policy_id } });
const untilMeters = (count: number) => lab.embedded.until(`${count} meters`, async () => (await meters()) === count);

const toBob = { from: 'vm-alice', to: 'vm-bob', address: bobAddress };
const toAlice = { from: 'vm-bob', to: 'vm-alice', address: aliceAddress };
/** About 35 Mbit/s. */
const big = { proto: 'udp', size: 1200, rate: 3500 } as const;
/** 4000 packets in each second, of no size to speak of. */
const small = { proto: 'udp', size: 20, rate: 4000 } as const;

async function bits(flow: Flow): Promise<number> {
  return (await measure(lab.embedded, flow)).bits_per_second / 1000;
}

async function packetRate(flow: Flow): Promise<number> {
  return (await measure(lab.embedded, flow)).packets_per_second / 1000;
}

function expectLimit(measured: number, limit: number): void {
  console.log(`limit ${limit}, measured ${measured.toFixed(2)}`);
  expect(measured).toBeGreaterThan(limit * 0.85);
  expect(measured).toBeLessThan(limit * 1.15);
}

describe('a policy with a bandwidth limit', () => {
  it.each([
    ['egress', toBob, toAlice],
    ['ingress', toAlice, toBob],
  ] as const)(
    'holds a port to it in %s, in the other direction not, and no more once it is gone',
    async (direction, limited, free) => {
      const policy = await policyOf(bandwidth(direction));
      await setPolicy(alice, policy);
      await untilMeters(1);
      expectLimit(await bits({ ...big, ...limited }), maxKbps);
      expect(await bits({ ...big, ...free })).toBeGreaterThan(maxKbps * 2);
      await setPolicy(alice, null);
      await untilMeters(0);
      expect(await bits({ ...big, ...limited })).toBeGreaterThan(maxKbps * 2);
    },
  );
});
