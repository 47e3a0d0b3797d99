// Arbitrary operations on a distributed router, its networks, floating IPs, instances and agents; then every pair of
// instances reaches each other exactly where the router joins their networks, and no host has anything to repair.
// NEUTRONIUM_OPERATIONS says how many; a few by default.

import type { LabInstance } from '@neutronium/testkit/lab/lab-instances';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DistributedLab } from '@neutronium/testkit/lab/distributed-lab';

const count = Number(process.env['NEUTRONIUM_OPERATIONS'] ?? '7');
/** Operations between two looks at everything. */
const stride = 7;
const hosts = ['network1', 'compute1', 'compute2'] as const;
const mostInstances = 5;

type Operation =
  | { readonly kind: 'boot'; readonly host: number; readonly network: number }
  | { readonly kind: 'remove' | 'float' | 'unfloat'; readonly which: number }
  | { readonly kind: 'plug' | 'unplug'; readonly network: number }
  | { readonly kind: 'convert' }
  | { readonly kind: 'restart'; readonly host: number };

const which = fc.nat(100);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('boot' as const), host: which, network: which }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), which }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('float' as const, 'unfloat' as const), which }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('plug' as const, 'unplug' as const), network: which }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('convert' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), host: which }) },
);

interface Net {
  readonly networkId: string;
  readonly subnetId: string;
}

interface Machine {
  readonly instance: LabInstance;
  readonly network: number;
  floatingIp: string | null;
}

let lab: DistributedLab;
let routerId = '';
let networks: readonly Net[] = [];
const plugged = new Set([0, 1]);
const machines: Machine[] = [];
let distributed = true;
let booted = 0;

beforeAll(async () => {
  lab = await DistributedLab.start();
  const made: Net[] = [];
  for (const number of [50, 51, 52]) made.push(await lab.network(`192.168.${number}.0/24`, { type: 'vxlan' }));
  networks = made;
  routerId = await lab.router(made.slice(0, 2).map(({ subnetId }) => subnetId));
  await lab.leadOut(routerId);
});
afterAll(async () => {
  await lab?.[Symbol.asyncDispose]();
});

it(
  `${count} operations leave hosts as planned, and instances with those that they are to reach`,
  async () => {
    const operations = fc.sample(operation, { numRuns: count, seed: 20_261_125 });
    for (const [index, each] of operations.entries()) {
      await carryOut(each);
      if (index % stride === stride - 1 || index === count - 1) await check();
    }
  },
  60_000 + count * 20_000,
);

async function carryOut(each: Operation): Promise<void> {
  const api = await lab.lab.api();
  switch (each.kind) {
    case 'boot': {
      if (machines.length >= mostInstances) return;
      const [host, network] = [hosts[each.host % hosts.length] ?? 'compute1', each.network % networks.length];
      const plan = { name: `m${(booted += 1)}`, host, networkId: networks[network]?.networkId ?? '' };
      const [instance] = await lab.instances([plan]);
      if (instance !== undefined) machines.push({ instance, network, floatingIp: null });
      return;
    }
    case 'remove': {
      const [gone] = machines.splice(each.which % Math.max(machines.length, 1), 1);
      if (gone === undefined) return;
      if (gone.floatingIp !== null) await api.expect('DELETE', `/floatingips/${gone.floatingIp}`);
      await api.expect('DELETE', `/ports/${gone.instance.port.id}`);
      await lab.lab.host(gone.instance.host).script(`ip netns del ${gone.instance.name}`);
      return;
    }
    case 'float': {
      const machine = machines[each.which % Math.max(machines.length, 1)];
      if (machine === undefined || machine.floatingIp !== null || !plugged.has(machine.network)) return;
      machine.floatingIp = await lab.floatingIp(machine.instance.port.id);
      return;
    }
    case 'unfloat': {
      const machine = machines[each.which % Math.max(machines.length, 1)];
      if (machine === undefined || machine.floatingIp === null) return;
      await api.expect('DELETE', `/floatingips/${machine.floatingIp}`);
      machine.floatingIp = null;
      return;
    }
    case 'plug':
    case 'unplug': {
      const network = each.network % networks.length;
      if (plugged.has(network) === (each.kind === 'plug')) return;
      if (machines.some((machine) => machine.network === network && machine.floatingIp !== null)) return;
      const action = each.kind === 'plug' ? 'add_router_interface' : 'remove_router_interface';
      await api.expect('PUT', `/routers/${routerId}/${action}`, { subnet_id: networks[network]?.subnetId });
      if (each.kind === 'plug') plugged.add(network);
      else plugged.delete(network);
      return;
    }
    case 'convert': {
      distributed = !distributed;
      for (const router of [{ admin_state_up: false }, { distributed }, { admin_state_up: true }]) {
        await api.expect('PUT', `/routers/${routerId}`, { router });
      }
      return;
    }
    case 'restart': {
      const host = hosts[each.host % hosts.length] ?? 'compute1';
      await lab.lab.killAgent(host);
      await lab.lab.startAgent(host);
    }
  }
}

async function check(): Promise<void> {
  await lab.lab.until('hosts as they should be', async () => (await lab.drift()).length === 0);
  for (const one of machines) {
    for (const other of machines) {
      if (one === other) continue;
      const joined = one.network === other.network || (plugged.has(one.network) && plugged.has(other.network));
      const address = other.instance.address(4);
      if (joined) await lab.reach(one.instance, address);
      else expect(await one.instance.ping(address, 1)).toBe(0);
    }
  }
  for (const host of hosts) {
    const served = distributed && machines.some((each) => each.instance.host === host && plugged.has(each.network));
    // The network node has DHCP servers and the centre.
    if (host !== 'network1') expect((await lab.namespaces(host, 'qrouter-')).length).toBe(served ? 1 : 0);
  }
}
