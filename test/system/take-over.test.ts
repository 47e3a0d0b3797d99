// What a new agent, or a new `up`, finds on a running host it leaves as it is.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Embedded } from '@neutronium/testkit/lab/embedded';
import { addressOf, listPorts, makeNetwork } from './instances.ts';
import { createLocalPorts, plugPorts } from '@neutronium/testkit/lab/plugged-ports';
import { startPing } from './ping.ts';

const portCount = 50;
let embedded: Embedded;
let address: string;
beforeAll(async () => {
  embedded = await Embedded.start();
  const network = await makeNetwork(embedded, 'net1');
  await embedded.vm('add', 'a', '--network', 'net1');
  await embedded.vm('add', 'b', '--network', 'net1');
  address = await addressOf(embedded, 'b');
  const ports = await createLocalPorts(embedded, { network, count: portCount });
  await plugPorts(embedded, ports);
  await embedded.until(`${portCount} ACTIVE ports`, async () => {
    const all = await listPorts(embedded, `network_id=${network}&status=ACTIVE&name=many`);
    return all.length === portCount;
  });
}, 180_000);
afterAll(async () => {
  await embedded[Symbol.asyncDispose]();
});

describe(`a host with ${portCount} wired ports`, () => {
  it('keeps every flow, namespace and packet when its agent is killed and started again', async () => {
    const before = await snapshot();
    const ping = await startPing(embedded, { from: 'a', address });
    await embedded.killProgram('/run/neutronium/agent.pid');
    await agentIsBack();
    const { lost } = await ping.stop();
    expectUntouched(before, await snapshot());
    expect(lost).toBe(0);
  });

  it('keeps them when Ctrl-C ends everything and the next `up` takes over', async () => {
    const before = await snapshot();
    const ping = await startPing(embedded, { from: 'a', address });
    await embedded.interrupt();
    const tookMs = await embedded.up();
    await agentIsBack();
    const { lost } = await ping.stop();
    console.log(`the second up was ready after ${Math.round(tookMs)} ms`);
    expectUntouched(before, await snapshot());
    expect(lost).toBe(0);
  });
});

interface Snapshot {
  /** Age in seconds by the flow's text without its counters. */
  readonly flows: ReadonlyMap<string, number>;
  readonly rest: { readonly namespaces: string; readonly dnsmasq: string };
}

async function snapshot(): Promise<Snapshot> {
  const { stdout } = await embedded.host.run(['ovs-ofctl', '-O', 'OpenFlow14', 'dump-flows', 'br-int']);
  const counters = /(duration|n_packets|n_bytes|idle_age|hard_age)=[^,]+, ?/g;
  const flows = stdout
    .split('\n')
    .filter((line) => line.includes('table='))
    .map((line) => [line.replaceAll(counters, '').trim(), Number(/duration=([\d.]+)s/.exec(line)?.[1])] as const);
  return {
    flows: new Map(flows),
    rest: {
      namespaces: await embedded.host.script('ip netns list | sort; ip -all netns exec ip -brief address'),
      dnsmasq: await embedded.host.script(`cat ${embedded.stateDir}/agent/dhcp/*/pid`),
    },
  };
}

/** The same flows, none of them younger than it was: one that was removed and added again would be. */
function expectUntouched(before: Snapshot, after: Snapshot): void {
  expect([...after.flows.keys()].toSorted()).toEqual([...before.flows.keys()].toSorted());
  const younger = [...after.flows].filter(([flow, age]) => age < (before.flows.get(flow) ?? Infinity));
  expect(younger).toEqual([]);
  expect(after.rest).toEqual(before.rest);
}

/** The restarted agent has said what it applied: its heartbeat is younger than the restart. */
async function agentIsBack(): Promise<void> {
  const started = async () => {
    const { body } = await embedded.api('GET', '/v2.0/agents?binary=neutron-openvswitch-agent');
    const [agent] = body['agents'] as { started_at: string; alive: boolean }[];
    return agent?.alive === true ? agent.started_at : undefined;
  };
  const before = await started();
  await embedded.until('the agent', async () => {
    const now = await started().catch(() => undefined);
    return now !== undefined && now !== before;
  });
}
