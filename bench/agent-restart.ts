// A host with many ports whose agent is killed: how long until a new one has found everything as it should be, what the
// packets of others notice of it, and how many flows it has written anew.

import { missingForLab } from '@neutronium/cli/lab/host';
import { Embedded } from '@neutronium/testkit/lab/embedded';
import { createLocalPorts, plugPorts } from '@neutronium/testkit/lab/plugged-ports';
import { watchTraffic } from '@neutronium/testkit/lab/watched-traffic';
import { type Benchmark, judged, percentile, type Result } from './result.ts';

const ports = 200;
/** For TCP and UDP, by IPv4 and IPv6 each. A rule becomes a dozen flows, because its range of ports is no power of two. */
const ranges = 250;
const restarts = 5;

const restarting: Benchmark = {
  ids: [
    'agent.restart.ports',
    'agent.restart.flows',
    'agent.restart.in-step',
    'agent.restart.lost',
    'agent.restart.flows-rewritten',
  ],
  async run() {
    const missing = missingForLab();
    if (missing.length > 0) throw new Error(`the agent's figures need ${missing.join(', ')}`);
    await using embedded = await Embedded.start({ config: '[quotas]\nport = -1\nsecurity_group_rule = -1' });
    const network = await fill(embedded);
    await embedded.vm('add', 'a', '--network', network);
    await embedded.vm('add', 'b', '--network', network);
    const { stdout: addresses } = await embedded.inVm('b', ['ip', '-4', '-brief', 'addr', 'show', 'eth0']);
    const address = /([\d.]+)\//.exec(addresses)?.[1];
    if (address === undefined) throw new Error(`b has no address: ${addresses}`);
    await inStep(embedded);

    const call = { what: 'a to b', from: { host: embedded.host, netns: 'vm-a' }, to: address };
    const traffic = await watchTraffic([call], ['ping']);
    const times: number[] = [];
    let rewritten = 0;
    for (let time = 0; time < restarts; time += 1) {
      const startedAt = performance.now();
      await embedded.killProgram('/run/neutronium/agent.pid');
      await embedded.until('that the agent is missed', async () => !(await isInStep(embedded)));
      await inStep(embedded);
      const took = performance.now() - startedAt;
      times.push(took);
      rewritten += (await flowAges(embedded)).filter((seconds) => seconds * 1000 < took).length;
    }
    const [suffered] = await traffic.stop();
    const results: readonly Result[] = [
      judged({ id: 'agent.restart.ports', value: ports + 2, unit: 'ports', atLeast: 200 }),
      judged({ id: 'agent.restart.flows', value: (await flowAges(embedded)).length, unit: 'flows', atLeast: 10_000 }),
      judged({ id: 'agent.restart.in-step', value: percentile(times, 1), unit: 'ms', atMost: 2000 }),
      judged({ id: 'agent.restart.lost', value: suffered?.lost ?? Number.NaN, unit: 'packets', atMost: 0 }),
      judged({ id: 'agent.restart.flows-rewritten', value: rewritten, unit: 'flows', atMost: 0 }),
    ];
    return results;
  },
};

/** A network on which the host has ports, of groups with rules. */
async function fill(embedded: Embedded): Promise<string> {
  const { id: network } = await embedded.create<{ id: string }>('/v2.0/networks', { network: {} });
  await embedded.create('/v2.0/subnets', { subnet: { network_id: network, ip_version: 4, cidr: '10.0.0.0/16' } });
  const { id: group } = await embedded.create<{ id: string }>('/v2.0/security-groups', {
    security_group: { name: 'many rules' },
  });
  const kinds = ['IPv4', 'IPv6'].flatMap((ethertype) => ['tcp', 'udp'].map((protocol) => ({ ethertype, protocol })));
  const security_group_rules = kinds.flatMap((kind) =>
    Array.from({ length: ranges }, (_, number) => ({
      ...kind,
      security_group_id: group,
      direction: 'ingress',
      port_range_min: 200 * number + 1,
      port_range_max: 200 * number + 190,
    })),
  );
  const { status } = await embedded.api('POST', '/v2.0/security-group-rules', { security_group_rules });
  if (status !== 201) throw new Error(`creating ${security_group_rules.length} rules: ${status}`);
  const made = await createLocalPorts(embedded, { network, count: ports, security_groups: [group] });
  await plugPorts(embedded, made);
  return network;
}

async function isInStep(embedded: Embedded): Promise<boolean> {
  const { body } = await embedded.api('GET', '/v2.0/revisions/newest?timeout=0');
  // As the server's OpenAPI document describes it.
  return (body['revision'] as { readonly live: boolean }).live;
}

async function inStep(embedded: Embedded): Promise<void> {
  await embedded.until('that the host is in step', () => isInStep(embedded), 60_000);
}

/** How long each flow of the integration bridge has been there, in seconds. */
async function flowAges({ host }: Embedded): Promise<readonly number[]> {
  const flows = await host.ofctl(['dump-flows'], 'br-int');
  return [...flows.matchAll(/duration=([\d.]+)s/g)].map(([, seconds]) => Number(seconds));
}

export const agentRestartBenchmarks: readonly Benchmark[] = [restarting];
