// The whole product on one lab host: what a user waits for between plugging a device in and its port being ACTIVE.

import { Embedded } from '@neutronium/testkit/lab/embedded';
import { missingForLab } from '@neutronium/cli/lab/host';
import { createLocalPorts, type LocalPort, makeDevices, plugDevices } from '@neutronium/testkit/lab/plugged-ports';
import { proportionalMemoryMb } from '@neutronium/testkit/server-process';
import { type Benchmark, judged, percentile, type Result } from './result.ts';

const singles = 40;
/** Ports that are plugged in one transaction, and the milliseconds within which all shall be ACTIVE. */
const batches = [
  { count: 100, atMost: 2000 },
  { count: 200, atMost: 3000 },
] as const;

const plugging: Benchmark = {
  ids: [
    'agent.up.again',
    'agent.plug.one.p50',
    'agent.plug.one.p95',
    ...batches.map(({ count }) => `agent.plug.${count}`),
    'agent.memory',
    'agent.memory.with-server',
  ],
  async run() {
    const missing = missingForLab();
    if (missing.length > 0) throw new Error(`the agent's figures need ${missing.join(', ')}`);
    const results: Result[] = [];
    await using embedded = await Embedded.start({ config: '[quotas]\nport = -1' });
    await embedded.interrupt();
    results.push(judged({ id: 'agent.up.again', value: await embedded.up(), unit: 'ms' }));
    const { id: network } = await embedded.create<{ id: string }>('/v2.0/networks', { network: {} });
    await embedded.create('/v2.0/subnets', { subnet: { network_id: network, ip_version: 4, cidr: '10.0.0.0/16' } });

    const ports = await createLocalPorts(embedded, { network, count: singles });
    await makeDevices(embedded, ports);
    const times: number[] = [];
    for (const port of ports) times.push(await timeToActive(embedded, [port]));
    results.push(
      judged({ id: 'agent.plug.one.p50', value: percentile(times, 0.5), unit: 'ms' }),
      judged({ id: 'agent.plug.one.p95', value: percentile(times, 0.95), unit: 'ms', atMost: 150 }),
    );

    for (const { count, atMost } of batches) {
      const many = await createLocalPorts(embedded, { network, count });
      await makeDevices(embedded, many);
      results.push(
        judged({ id: `agent.plug.${count}`, value: await timeToActive(embedded, many), unit: 'ms', atMost }),
      );
    }

    const agent = await proportionalMemoryMb(await embedded.outerPid('agent'));
    const server = await proportionalMemoryMb(await embedded.outerPid('server'));
    results.push(
      judged({ id: 'agent.memory', value: agent, unit: 'MB' }),
      judged({ id: 'agent.memory.with-server', value: agent + server, unit: 'MB', atMost: 250 }),
    );
    return results;
  },
};

/** Milliseconds from the plugging transaction to the API showing all of `ports` as ACTIVE. */
async function timeToActive(embedded: Embedded, ports: readonly LocalPort[]): Promise<number> {
  const query = ports.map(({ id }) => `id=${id}`).join('&');
  // The command's own start-up is part of the figure: the clock starts before it, as a user's does.
  const startedAt = performance.now();
  await plugDevices(embedded, ports);
  for (;;) {
    const { body } = await embedded.api('GET', `/v2.0/ports?fields=id&status=ACTIVE&${query}`);
    const took = performance.now() - startedAt;
    if ((body['ports'] as unknown[]).length === ports.length) return took;
    if (took > 60_000) throw new Error(`${ports.length} ports were not ACTIVE after a minute`);
  }
}

export const agentBenchmarks: readonly Benchmark[] = [plugging];
