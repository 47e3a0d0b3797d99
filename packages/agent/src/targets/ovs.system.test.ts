// The three targets of Open vSwitch against the real one, as the agent runs them: what they make is looked at with the
// switch's own tools, and packets are sent through it.

import type { BridgePlan, SwitchPortPlan } from '@neutronium/dataplane/host-plan';
import { normal } from '@neutronium/dataplane/openflow/action';
import { type Flow, type FlowSet, flowSet } from '@neutronium/dataplane/openflow/flow';
import { match, matchAll } from '@neutronium/dataplane/openflow/match';
import { LabHost, missingForLab } from '@neutronium/cli/lab/host';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '#effects/clock';
import { OpenFlowClient } from '#effects/openflow/client';
import { OvsdbClient } from '#effects/ovsdb/client';
import { systemRandom } from '#effects/random';
import { InventoryWatch } from '../inventory.ts';
import { purgeSwitch } from '../purge-switch.ts';
import { converge } from './converge.fake.ts';
import { OvsBridges } from './ovs-bridges.ts';
import { OvsFlows } from './ovs-flows.ts';
import { OvsPorts } from './ovs-ports.ts';

const bridges: readonly BridgePlan[] = [
  { name: 'br-int', failMode: 'secure', ours: false, patches: [{ name: 'int-br-ex', peer: 'phy-br-ex', tag: null }] },
  { name: 'br-ex', failMode: 'secure', ours: false, patches: [{ name: 'phy-br-ex', peer: 'int-br-ex', tag: null }] },
];

const everywhere: Flow = { table: 0, priority: 0, match: matchAll, actions: [normal], of: 'br', why: 'forwards' };

function portFlow(ofport: number): Flow {
  return { ...everywhere, priority: 9, match: match({ in_port: ofport }), of: `port ${ofport}` };
}

function portPlan(device: string, tag: number): SwitchPortPlan {
  const bookkeeping = { net_uuid: `net-${tag}`, network_type: 'local', tag: String(tag) };
  return {
    portId: `id-${device}`,
    device,
    tag,
    behindNetfilter: false,
    deadBecause: null,
    txSteering: null,
    otherConfig: bookkeeping,
    plug: null,
  };
}

/** Everything that one agent holds. */
class Agent implements Disposable {
  readonly ovsdb: OvsdbClient;
  readonly openflow: OpenFlowClient;
  readonly inventory: InventoryWatch;
  readonly bridges: OvsBridges;
  readonly ports: OvsPorts;
  readonly flows: OvsFlows;

  private constructor(ovsdb: OvsdbClient, runDir: string) {
    this.ovsdb = ovsdb;
    this.openflow = new OpenFlowClient({ runDir, filteringBridge: 'br-int', clock: systemClock, random: systemRandom });
    this.inventory = new InventoryWatch({ ovsdb, scope: { integrationBridge: 'br-int' } });
    const configuration = { ourBridges: ['br-int'], datapathType: 'netdev' } as const;
    this.bridges = new OvsBridges({ ovsdb, configuration });
    this.ports = new OvsPorts({ ovsdb, integrationBridge: 'br-int' });
    this.flows = new OvsFlows({
      openflow: this.openflow,
      bridges: [
        { name: 'br-int', sweepForeign: true },
        { name: 'br-ex', sweepForeign: false },
      ],
    });
  }

  static async start(host: LabHost): Promise<Agent> {
    const { dbSocket, runDir } = host.switch;
    const ovsdb = new OvsdbClient({ socketPath: dbSocket, clock: systemClock, random: systemRandom });
    await ovsdb.connected();
    return new Agent(ovsdb, runDir);
  }

  /** A round: gives how many steps it took. */
  async round(ports: readonly SwitchPortPlan[]): Promise<number> {
    const steps = [
      await converge(this.bridges, bridges),
      await converge(this.flows, this.desiredFlows()),
      await converge(this.ports, ports),
    ];
    return steps.flat().length;
  }

  desiredFlows(): ReadonlyMap<string, FlowSet> {
    const plugged = [...(this.inventory.current?.plugged.values() ?? [])];
    return new Map([
      ['br-int', flowSet([everywhere, ...plugged.map(({ ofport }) => portFlow(ofport))])],
      ['br-ex', flowSet([everywhere])],
    ]);
  }

  [Symbol.dispose](): void {
    this.inventory[Symbol.dispose]();
    this.flows[Symbol.dispose]();
    this.openflow.close();
    this.ovsdb.close();
  }
}

describe.skipIf(missingForLab().length > 0)('the targets of a real switch', () => {
  let host: LabHost;
  let agent: Agent;

  beforeEach(async () => {
    host = await LabHost.start();
    agent = await Agent.start(host);
  });
  afterEach(async () => {
    agent?.[Symbol.dispose]();
    await host?.dispose();
  });

  /** Flows without what counts and ages. */
  const dump = async (bridge: string): Promise<readonly string[]> =>
    (await host.ofctl(['--no-stats', 'dump-flows'], bridge)).trim().split('\n').toSorted();

  async function twoInstances(): Promise<void> {
    await host.plugInstance({ netns: 'a', device: 'tapa', portId: 'id-tapa', mac: 'fa:16:3e:00:00:01' });
    await host.plugInstance({ netns: 'b', device: 'tapb', portId: 'id-tapb', mac: 'fa:16:3e:00:00:02' });
    await host.script('ip -n a addr add 10.0.0.1/24 dev eth0; ip -n b addr add 10.0.0.2/24 dev eth0');
    await expect.poll(() => agent.inventory.current?.plugged.size).toBe(2);
  }

  async function pings(): Promise<boolean> {
    const command = ['ping', '-c', '1', '-W', '1', '10.0.0.2'];
    return (await host.run(command, { netns: 'a', anyExitCode: true })).exitCode === 0;
  }

  it('make the bridges, wire two ports of one VLAN, and are then content', async () => {
    await agent.round([]);
    await twoInstances();
    await agent.round([portPlan('tapa', 1), portPlan('tapb', 1)]);
    expect(await pings()).toBe(true);
    expect(await agent.round([portPlan('tapa', 1), portPlan('tapb', 1)])).toBe(0);
    expect(await host.vsctl('get', 'Port', 'tapa', 'tag', 'other_config')).toBe(
      '1\n{net_uuid=net-1, network_type=local, tag="1"}',
    );
  });

  it('keep ports of different VLANs apart', async () => {
    await agent.round([]);
    await twoInstances();
    await agent.round([portPlan('tapa', 1), portPlan('tapb', 2)]);
    expect(await pings()).toBe(false);
  });

  it('change nothing when the agent is started anew', async () => {
    await agent.round([]);
    await twoInstances();
    const ports = [portPlan('tapa', 1), portPlan('tapb', 1)];
    await agent.round(ports);
    const before = await dump('br-int');
    using restarted = await Agent.start(host);
    expect(await restarted.round(ports)).toBe(0);
    expect(restarted.inventory.current?.rememberedVlans).toEqual(new Map([['net-1', 1]]));
    expect(await dump('br-int')).toEqual(before);
  });

  it('bring everything back after ovs-vswitchd died', async () => {
    await agent.round([]);
    await twoInstances();
    const ports = [portPlan('tapa', 1), portPlan('tapb', 1)];
    await agent.round(ports);
    const before = await dump('br-int');
    const ready = new Promise<void>((resolve) => {
      agent.openflow.onEvent(({ bridge, event }) => bridge === 'br-int' && event === 'ready' && resolve());
    });
    await host.killDaemon('ovs-vswitchd');
    await host.startVswitchd();
    await ready;
    await expect.poll(() => agent.inventory.current?.plugged.size).toBe(2);
    await agent.round(ports);
    expect(await dump('br-int')).toEqual(before);
    await expect.poll(pings).toBe(true);
  });

  it('hear of a device as soon as ovs-vswitchd has numbered it', async () => {
    await agent.round([]);
    await host.script('ip link add tapq type veth peer name peerq; ip link set tapq up');
    const heard = new Promise<void>((resolve) => {
      agent.inventory.onChange(() => agent.inventory.current?.plugged.has('q') === true && resolve());
    });
    await host.vsctl('add-port', 'br-int', 'tapq', '--', 'set', 'Interface', 'tapq', 'external_ids:iface-id=q');
    await heard;
    const ofport = await host.vsctl('get', 'Interface', 'tapq', 'ofport');
    const plugged = agent.inventory.current?.plugged.get('q');
    expect(plugged).toMatchObject({ portId: 'q', device: 'tapq', ofport: Number(ofport) });
  });

  it('leave nothing behind when they are purged, and what is not ours as it was', async () => {
    await host.vsctl('add-br', 'br-ex', '--', 'set', 'Bridge', 'br-ex', 'datapath_type=netdev');
    await host.vsctl('add-port', 'br-ex', 'up', '--', 'set', 'Interface', 'up', 'type=internal');
    await host.ofctl(['add-flow'], 'br-ex', 'table=0,priority=5,in_port=LOCAL,actions=drop');
    const show = (): Promise<string> => host.vsctl('--columns=name,external_ids,other_config', 'list', 'Port');
    const [ports, flows] = [await show(), await dump('br-ex')];
    await agent.round([]);
    await agent.round([]);
    expect(await purgeSwitch(agent)).toMatchObject({ bridges: ['br-int'], ports: ['phy-br-ex'] });
    expect(await show()).toBe(ports);
    expect(await dump('br-ex')).toEqual(flows);
  });
});
