// A distributed router in a lab of three hosts: what an instance waits for on a host that has had nothing of its router
// until now, what a floating IP takes to be reached where its instance is, and what a router costs each of its hosts.

import { missingForLab } from '@neutronium/cli/lab/host';
import { DistributedLab } from '@neutronium/testkit/lab/distributed-lab';
import type { LabInstance, LabPort } from '@neutronium/testkit/lab/lab-instances';
import { type Benchmark, judged, percentile, type Result } from './result.ts';

const rounds = 10;
const moreRouters = 10;

const distributed: Benchmark = {
  ids: [
    'distributed.fresh-host.routed-ping.p50',
    'distributed.fresh-host.routed-ping.p95',
    'distributed.floating-ip.first-packet.p50',
    'distributed.floating-ip.first-packet.p95',
    'distributed.per-router-and-host.namespaces',
    'distributed.per-router-and-host.flows',
    'distributed.per-router-and-host.memory',
  ],
  async run() {
    const missing = missingForLab();
    if (missing.length > 0) throw new Error(`the figures of distributed routers need ${missing.join(', ')}`);
    await using lab = await DistributedLab.start();
    const [one, two] = [
      await lab.network('192.168.111.0/24', { type: 'vxlan' }),
      await lab.network('192.168.122.0/24', { type: 'vxlan' }),
    ];
    await lab.leadOut(await lab.router([one.subnetId, two.subnetId]));
    const [there] = await lab.instances([{ name: 'there', host: 'compute1', networkId: one.networkId }]);
    if (there === undefined) throw new Error('one instance was asked for');
    return [
      ...(await freshHosts(lab, { there, networkId: two.networkId })),
      ...(await firstPackets(lab, there)),
      ...(await perRouter(lab)),
    ];
  },
};

/** A kernel that had no answer to ARP waits a second before it asks again, which is not what is measured. */
const askAnew = (ip: string): string => `${ip} neigh flush all`;

/** From the request for a port on the host to the first answer that its instance gets through the router. */
async function freshHosts(
  lab: DistributedLab,
  { there, networkId }: { readonly there: LabInstance; readonly networkId: string },
): Promise<readonly Result[]> {
  const api = await lab.lab.api();
  const host = lab.lab.host('compute2');
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const startedAt = performance.now();
    const port = { network_id: networkId, device_owner: 'compute:nova', 'binding:host_id': 'compute2' };
    const made = await api.expect<LabPort>('POST', '/ports', { port });
    const device = `tap${made.id}`.slice(0, 14);
    await host.plugInstance({ netns: 'fresh', device, portId: made.id, mac: made.mac_address });
    await host.script(`
      ip -n fresh address add ${made.fixed_ips[0]?.ip_address}/24 dev eth0
      ip -n fresh route add default via 192.168.122.1
      until ip netns exec fresh ping -c 1 -W 0.02 ${there.address(4)} >/dev/null; do ${askAnew('ip -n fresh')}; done`);
    times.push(performance.now() - startedAt);
    await api.expect('DELETE', `/ports/${made.id}`);
    await host.script('ip netns delete fresh');
    await lab.lab.until(
      'a host without the router',
      async () => (await lab.namespaces('compute2', 'qrouter-')).length === 0,
    );
  }
  return [
    judged({ id: 'distributed.fresh-host.routed-ping.p50', value: percentile(times, 0.5), unit: 'ms' }),
    judged({ id: 'distributed.fresh-host.routed-ping.p95', value: percentile(times, 0.95), unit: 'ms', atMost: 400 }),
  ];
}

/** From the request for a floating IP to the first answer to a ping of it from outside. */
async function firstPackets(lab: DistributedLab, { port }: LabInstance): Promise<readonly Result[]> {
  const api = await lab.lab.api();
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const address = `91.207.15.${120 + (round % 8)}`;
    const startedAt = performance.now();
    const id = await lab.floatingIp(port.id, address);
    await lab.lab.outside.script(`until ping -c 1 -W 0.02 ${address} >/dev/null; do ${askAnew('ip')}; done`);
    times.push(performance.now() - startedAt);
    await api.expect('DELETE', `/floatingips/${id}`);
    await lab.lab.until('a host without the way', async () => (await lab.namespaces('compute1', 'fip-')).length === 0);
  }
  return [
    judged({ id: 'distributed.floating-ip.first-packet.p50', value: percentile(times, 0.5), unit: 'ms', atMost: 300 }),
    judged({ id: 'distributed.floating-ip.first-packet.p95', value: percentile(times, 0.95), unit: 'ms' }),
  ];
}

/** What one more router, with one network and one instance on the host, costs the host. */
async function perRouter(lab: DistributedLab): Promise<readonly Result[]> {
  const before = await standing(lab);
  for (let made = 0; made < moreRouters; made += 1) {
    const { networkId, subnetId } = await lab.network(`10.${made}.0.0/24`, { type: 'vxlan' });
    await lab.leadOut(await lab.router([subnetId]));
    await lab.instances([{ name: `more${made}`, host: 'compute1', networkId }]);
  }
  const after = await standing(lab);
  const figures = [
    ['namespaces', 'namespaces', after.namespaces - before.namespaces],
    ['flows', 'flows', after.flows - before.flows],
    ['memory', 'MB', after.memoryMb - before.memoryMb],
  ] as const;
  return figures.map(([name, unit, value]) =>
    judged({ id: `distributed.per-router-and-host.${name}`, value: value / moreRouters, unit }),
  );
}

interface Standing {
  /** Of routers: those of instances are the benchmark's. */
  readonly namespaces: number;
  readonly flows: number;
  readonly memoryMb: number;
}

async function standing(lab: DistributedLab): Promise<Standing> {
  const host = lab.lab.host('compute1');
  const pss = `cat /proc/[0-9]*/smaps_rollup 2>/dev/null | awk '/^Pss:/ { sum += $2 } END { print sum }'`;
  const counts = await Promise.all(
    ['br-int', 'br-tun', 'br-ext'].map(async (bridge) => (await host.ofctl(['dump-flows'], bridge)).split('\n').length),
  );
  return {
    namespaces: (await lab.namespaces('compute1', 'qrouter-')).length,
    flows: counts.reduce((sum, count) => sum + count, 0),
    memoryMb: Number(await host.script(pss)) / 1024,
  };
}

export const distributedBenchmarks: readonly Benchmark[] = [distributed];
