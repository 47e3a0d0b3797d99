// Security groups on a full host: what a change of one rule or one member costs when 200 ports have the group and 10,000
// others are its far end. Real Open vSwitch, real agent, the API as a user has it; two of the ports are instances that
// talk to each other.

import { setTimeout as delay } from 'node:timers/promises';
import { systemClock as clock } from '@neutronium/agent/effects/clock';
import { OpenFlowClient } from '@neutronium/agent/effects/openflow/client';
import { systemRandom as random } from '@neutronium/agent/effects/random';
import type { InstalledFlow } from '@neutronium/dataplane/openflow/wire/flow-messages';
import { Embedded } from '@neutronium/testkit/lab/embedded';
import { missingForLab } from '@neutronium/cli/lab/host';
import { createLocalPorts, createPorts, plugPorts } from '@neutronium/testkit/lab/plugged-ports';
import { SpeakingInstance } from '@neutronium/testkit/lab/speaking-instance';
import { processorMs, proportionalMemoryMb } from '@neutronium/testkit/server-process';
import { type Benchmark, judged, percentile, type Result } from './result.ts';

const wiredPorts = 200;
const instances = 2;
const crowd = 10_000;
const portsPerRequest = 500;
const rounds = 20;
/** Connections take a second each to be cut or not. */
const cuts = 5;

const bridge = 'br-int';
const ingressRules = 82;

class FullHost implements AsyncDisposable {
  readonly embedded: Embedded;
  readonly openflow: OpenFlowClient;
  readonly agentPid: number;

  private constructor(parts: { embedded: Embedded; openflow: OpenFlowClient; agentPid: number }) {
    this.embedded = parts.embedded;
    this.openflow = parts.openflow;
    this.agentPid = parts.agentPid;
  }

  static async start(): Promise<FullHost> {
    const config = '[quotas]\nport = -1\nsecurity_group = -1\nsecurity_group_rule = -1';
    const embedded = await Embedded.start({ config });
    const agentPid = await embedded.outerPid('agent');
    const openflow = new OpenFlowClient({ runDir: embedded.host.switch.runDir, filteringBridge: null, clock, random });
    // The agent makes the bridge once it has heard from the server.
    const answers = (): Promise<boolean> =>
      openflow.dumpFlows(bridge).then(
        () => true,
        () => false,
      );
    await embedded.until(bridge, answers);
    return new FullHost({ embedded, openflow, agentPid });
  }

  async create(word: string, body: Readonly<Record<string, unknown>>): Promise<string> {
    const path = `/v2.0/${word.replaceAll('_', '-')}s`;
    return (await this.embedded.create<{ id: string }>(path, { [word]: body })).id;
  }

  /** A network with one subnet, whose addresses nobody hands out. */
  async network(cidr: string, pool?: { readonly start: string; readonly end: string }): Promise<string> {
    const id = await this.create('network', {});
    const pools = pool === undefined ? {} : { allocation_pools: [pool] };
    await this.create('subnet', { network_id: id, ip_version: 4, cidr, enable_dhcp: false, ...pools });
    return id;
  }

  async remove(collection: string, id: string): Promise<void> {
    await this.embedded.api('DELETE', `/v2.0/${collection}/${id}`);
  }

  async flows(table?: number): Promise<readonly InstalledFlow[]> {
    return await this.openflow.dumpFlows(bridge, table === undefined ? {} : { table });
  }

  /** Resolves when the flows of the table hold what is asked for. */
  async until(what: string, holds: (flows: readonly InstalledFlow[]) => boolean): Promise<void> {
    const deadline = performance.now() + 60_000;
    while (!holds(await this.flows(ingressRules))) {
      if (performance.now() > deadline) throw new Error(`no ${what} within a minute`);
      await delay(1);
    }
  }

  /** Resolves when nothing more changes on the bridge. */
  async settled(): Promise<void> {
    let [before, same] = [-1, 0];
    while (same < 5) {
      const { length } = await this.flows();
      same = length === before ? same + 1 : 0;
      before = length;
      await delay(100);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.openflow.close();
    await this.embedded[Symbol.asyncDispose]();
  }
}

const securityGroups: Benchmark = {
  ids: [
    'security.flows-per-port',
    'security.rule-added.p50',
    'security.rule-added.max',
    'security.rule-added.flows',
    'security.rule-changed.processor',
    'security.rule-removed.cut.p50',
    'security.rule-removed.cut.max',
    'security.member-added.p50',
    'security.member-added.max',
    'security.member-added.flows',
    'security.member-added.processor',
    'security.agent.memory',
  ],
  async run() {
    const missing = missingForLab();
    if (missing.length > 0) throw new Error(`the figures of security groups need ${missing.join(', ')}`);
    await using host = await FullHost.start();
    const network = await host.network('10.0.0.0/24');
    // As a default group: everything out, and its members in.
    const group = await host.create('security_group', { name: 'many' });
    for (const ethertype of ['IPv4', 'IPv6']) {
      await host.create('security_group_rule', ruleOf(group, { ethertype, remote_group_id: group }));
    }
    const before = (await host.flows()).length;
    const count = wiredPorts - instances;
    await plugPorts(host.embedded, await createLocalPorts(host.embedded, { network, count, security_groups: [group] }));
    const [server, client] = [
      await instance(host, { network, group, name: 'server' }),
      await instance(host, { network, group, name: 'client' }),
    ];
    await host.settled();
    const results: Result[] = [];
    const perPort = ((await host.flows()).length - before) / wiredPorts;
    results.push(judged({ id: 'security.flows-per-port', value: perPort, unit: 'flows', atMost: 20 }));
    results.push(...(await addRules(host, group)), ...(await cutConnections(host, { server, client })));
    results.push(...(await addMembers(host, group)));
    results.push(
      judged({
        id: 'security.agent.memory',
        value: await proportionalMemoryMb(host.agentPid),
        unit: 'MB',
      }),
    );
    return results;
  },
};

/** Rules of TCP on ports that no other rule has: their flows are told apart by the port. */
async function addRules(host: FullHost, group: string): Promise<readonly Result[]> {
  const times: number[] = [];
  const flows = (await host.flows()).length;
  const processor = await processorMs(host.agentPid);
  let changed = 0;
  for (let port = 1; port <= rounds; port += 1) {
    const startedAt = performance.now();
    const rule = await host.create('security_group_rule', ruleOf(group, tcp(port)));
    await host.until('flow of the rule', (all) => all.some((flow) => isForPort(flow, port)));
    times.push(performance.now() - startedAt);
    if (port === 1) {
      await host.settled();
      changed = (await host.flows()).length - flows;
    }
    await host.remove('security-group-rules', rule);
    await host.until('end of the rule', (all) => !all.some((flow) => isForPort(flow, port)));
  }
  const used = ((await processorMs(host.agentPid)) - processor) / (2 * rounds);
  return [
    judged({ id: 'security.rule-added.p50', value: percentile(times, 0.5), unit: 'ms', atMost: 200 }),
    judged({ id: 'security.rule-added.max', value: Math.max(...times), unit: 'ms' }),
    judged({ id: 'security.rule-added.flows', value: changed, unit: 'flows', atMost: 2 }),
    judged({ id: 'security.rule-changed.processor', value: used, unit: 'ms' }),
  ];
}

/** How long after the request a connection that has lost its rule still carries answers. */
async function cutConnections(
  host: FullHost,
  { server, client }: { server: SpeakingInstance; client: SpeakingInstance },
): Promise<readonly Result[]> {
  const [open, times]: [string, number[]] = [await host.create('security_group', { name: 'open' }), []];
  await host.embedded.api('PUT', `/v2.0/ports/${server.portId}`, { port: { security_groups: [open] } });
  await server.listen('tcp', 22);
  for (let round = 0; round < cuts; round += 1) {
    const rule = await host.create('security_group_rule', ruleOf(open, tcp(22)));
    await host.embedded.until('a connection', () => client.tcp(server.ip4, 22));
    const name = `connection ${round}`;
    await client.open(name, server.ip4, 22);
    const startedAt = performance.now();
    let lastAnswerAt = startedAt;
    const removal = host.remove('security-group-rules', rule);
    while (await client.exchange(name, 0.2)) {
      lastAnswerAt = performance.now();
      if (lastAnswerAt - startedAt > 10_000) throw new Error('a connection outlived its rule by ten seconds');
    }
    await removal;
    times.push(lastAnswerAt - startedAt);
  }
  return [
    judged({ id: 'security.rule-removed.cut.p50', value: percentile(times, 0.5), unit: 'ms', atMost: 1000 }),
    judged({ id: 'security.rule-removed.cut.max', value: Math.max(...times), unit: 'ms' }),
  ];
}

/** Ports that are bound elsewhere and join a large group that a rule here names. */
async function addMembers(host: FullHost, group: string): Promise<readonly Result[]> {
  const network = await host.network('10.1.0.0/16', { start: '10.1.0.2', end: '10.1.200.254' });
  const remote = await host.create('security_group', { name: 'crowd' });
  for (let made = 0; made < crowd; made += portsPerRequest) {
    await createPorts(host.embedded, { network, count: portsPerRequest, security_groups: [remote] });
  }
  const flows = (await host.flows(ingressRules)).length;
  await host.create('security_group_rule', ruleOf(group, { remote_group_id: remote }));
  await host.until('flows of all members', (all) => all.length >= flows + crowd);
  await host.settled();
  const [times, changes]: [number[], number[]] = [[], []];
  const processor = await processorMs(host.agentPid);
  let present = (await host.flows()).length;
  for (let round = 0; round < rounds; round += 1) {
    const address = `10.1.255.${round + 1}`;
    const startedAt = performance.now();
    await host.create('port', {
      network_id: network,
      security_groups: [remote],
      fixed_ips: [{ ip_address: address }],
    });
    // Listing ten thousand flows would take as long as what is measured; the switch finds one by its match.
    const command = `ovs-ofctl dump-flows ${bridge} table=${ingressRules},ip,nw_src=${address} | grep -q conjunction`;
    await host.embedded.until('the flow of the member', async () => {
      return (await host.embedded.host.run(['sh', '-c', command], { anyExitCode: true })).exitCode === 0;
    });
    times.push(performance.now() - startedAt);
    const now = (await host.flows()).length;
    changes.push(now - present);
    present = now;
  }
  const used = ((await processorMs(host.agentPid)) - processor) / rounds;
  return [
    judged({ id: 'security.member-added.p50', value: percentile(times, 0.5), unit: 'ms' }),
    judged({ id: 'security.member-added.max', value: Math.max(...times), unit: 'ms' }),
    judged({ id: 'security.member-added.flows', value: Math.max(...changes), unit: 'flows', atMost: 4 }),
    judged({ id: 'security.member-added.processor', value: used, unit: 'ms' }),
  ];
}

async function instance(
  host: FullHost,
  { network, group, name }: { network: string; group: string; name: string },
): Promise<SpeakingInstance> {
  const port = await host.embedded.create<{
    readonly id: string;
    readonly mac_address: string;
    readonly fixed_ips: readonly { readonly ip_address: string }[];
  }>('/v2.0/ports', { port: { network_id: network, name, security_groups: [group] } });
  const facts = { name, portId: port.id, mac: port.mac_address, ip4: port.fixed_ips[0]?.ip_address ?? '', ip6: '' };
  return await SpeakingInstance.start(host.embedded, facts, 'neutronium');
}

function ruleOf(group: string, more: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { security_group_id: group, direction: 'ingress', ...more };
}

function tcp(port: number): Readonly<Record<string, unknown>> {
  return { protocol: 'tcp', port_range_min: port, port_range_max: port };
}

function isForPort({ match }: InstalledFlow, port: number): boolean {
  return match?.tcp_dst?.value === BigInt(port);
}

export const securityGroupBenchmarks: readonly Benchmark[] = [securityGroups];
