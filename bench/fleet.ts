// One server and the agents of a thousand hosts with a hundred ports each, which this process plays. How many of both
// can be said by FLEET_HOSTS and FLEET_PORTS.

import { FleetUnderTest, type ChangeTime } from '@neutronium/testkit/fleet/fleet-under-test';
import { processorMs } from '@neutronium/testkit/server-process';
import { type Benchmark, judged, percentile, type Result } from './result.ts';

const hosts = Number(process.env['FLEET_HOSTS'] ?? 1000);
const portsPerHost = Number(process.env['FLEET_PORTS'] ?? 100);

/** Projects that change something at the same time, and how often each does. */
const changers = 8;
const rounds = 25;
const warmingRounds = 3;

const fleet: Benchmark = {
  ids: [
    'fleet.informed.p50',
    'fleet.informed.p99',
    'fleet.informed.max',
    'fleet.change.processor',
    'fleet.memory',
    'fleet.memory.loaded',
    'fleet.restart.in-step',
  ],
  async run() {
    await using test = await FleetUnderTest.start({ hosts, portsPerHost });
    await changeAll(test, warmingRounds);
    const processor = await processorMs(test.server.pid);
    const times = (await changeAll(test, rounds)).map(({ informedMs }) => informedMs);
    const used = ((await processorMs(test.server.pid)) - processor) / times.length;
    const memory = await test.server.memoryMb();
    const restart = await test.restart();
    const results: readonly Result[] = [
      judged({ id: 'fleet.informed.p50', value: percentile(times, 0.5), unit: 'ms' }),
      judged({ id: 'fleet.informed.p99', value: percentile(times, 0.99), unit: 'ms', atMost: 500 }),
      judged({ id: 'fleet.informed.max', value: Math.max(...times), unit: 'ms' }),
      judged({ id: 'fleet.change.processor', value: used, unit: 'ms' }),
      judged({ id: 'fleet.memory', value: memory, unit: 'MB', atMost: 1536 }),
      judged({ id: 'fleet.memory.loaded', value: await test.server.memoryMb(), unit: 'MB', atMost: 1536 }),
      judged({ id: 'fleet.restart.in-step', value: restart, unit: 'ms', atMost: 10_000 }),
    ];
    return results;
  },
};

/** Changes of several networks at once, on each one after the other. */
async function changeAll(test: FleetUnderTest, count: number): Promise<readonly ChangeTime[]> {
  const times = await Promise.all(
    Array.from({ length: changers }, async (_, changer) => {
      const own: ChangeTime[] = [];
      for (let round = 0; round < count; round += 1) {
        const network = test.networks[(changer * count + round) % test.networks.length];
        if (network !== undefined) own.push(...(await test.change(network)));
      }
      return own;
    }),
  );
  return times.flat();
}

export const fleetBenchmarks: readonly Benchmark[] = [fleet];
