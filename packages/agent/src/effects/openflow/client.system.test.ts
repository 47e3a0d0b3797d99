import { normal, output } from '@neutronium/dataplane/openflow/action';
import { canonicalFlow } from '@neutronium/dataplane/openflow/wire/flow-messages';
import { flowKey, type FlowRule } from '@neutronium/dataplane/openflow/flow';
import { matchAll, match } from '@neutronium/dataplane/openflow/match';
import { LabHost, missingForLab } from '@neutronium/cli/lab/host';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { systemRandom } from '../random.ts';
import { OpenFlowClient } from './client.ts';
import { type BridgeEvent, BridgeUnreachable, FlowRefused } from './openflow.ts';

const cookie = 0xabcdn;
const canary: FlowRule = { table: 23, priority: 0, match: matchAll, actions: [] };
const forward: FlowRule = { table: 60, priority: 3, match: matchAll, actions: [normal] };
const portFlow = (port: number): FlowRule => ({
  table: 0,
  priority: 9,
  match: match({ in_port: port }),
  actions: [output(port + 1)],
});

describe.skipIf(missingForLab().length > 0)('a client of a real switch', () => {
  let host: LabHost;
  let openflow: OpenFlowClient;

  beforeAll(async () => {
    host = await LabHost.start();
    openflow = new OpenFlowClient({
      runDir: host.switch.runDir,
      filteringBridge: 'br-int',
      clock: systemClock,
      random: systemRandom,
    });
    const bridge = ['datapath_type=netdev', 'fail_mode=secure', 'protocols=OpenFlow10,OpenFlow13,OpenFlow14'];
    await host.vsctl('add-br', 'br-int', '--', 'set', 'Bridge', 'br-int', ...bridge);
  });
  beforeEach(async () => {
    await host.ofctl(['del-flows'], 'br-int');
  });
  afterAll(async () => {
    openflow?.close();
    await host?.dispose();
  });

  const installedKeys = async (): Promise<readonly string[]> => {
    const flows = (await openflow.dumpFlows('br-int')).map(canonicalFlow);
    return flows.flatMap((flow) => (flow === null ? [] : [flowKey(flow)])).toSorted();
  };

  it('has the bridge that filters show flows what first fragments carry', async () => {
    await openflow.dumpFlows('br-int');
    expect(await host.ofctl(['get-frags'], 'br-int')).toContain('nx-match');
  });

  it('adds, lists and removes flows', async () => {
    await openflow.changeFlows('br-int', { remove: [], add: [canary, forward], cookie });
    const installed = await openflow.dumpFlows('br-int');
    expect(installed.map(({ cookie }) => cookie)).toEqual([cookie, cookie]);
    expect(await installedKeys()).toEqual([canary, forward].map(flowKey).toSorted());
    await openflow.changeFlows('br-int', { remove: [forward], add: [], cookie });
    await openflow.changeFlows('br-int', { remove: installed.filter(({ table }) => table === 23), add: [], cookie });
    expect(await openflow.dumpFlows('br-int')).toEqual([]);
  });

  it('changes nothing when one flow is refused, and says which and why', async () => {
    const impossible: FlowRule = { ...forward, table: 255 };
    const refused = openflow.changeFlows('br-int', { remove: [], add: [canary, impossible, forward], cookie });
    await expect(refused).rejects.toThrow(FlowRefused);
    await expect(refused).rejects.toThrow(/br-int refused 'table=255, priority=3 actions=NORMAL': OFPET_/);
    expect(await openflow.dumpFlows('br-int')).toEqual([]);
  });

  it('handles ten thousand flows', async () => {
    const many = Array.from({ length: 10_000 }, (_, i) => portFlow(i + 1));
    await openflow.changeFlows('br-int', { remove: [], add: many, cookie });
    expect(await installedKeys()).toEqual(many.map(flowKey).toSorted());
    await openflow.changeFlows('br-int', { remove: many, add: [], cookie });
    expect(await openflow.dumpFlows('br-int')).toEqual([]);
  });

  it('says that a bridge does not exist', async () => {
    await expect(openflow.dumpFlows('br-none')).rejects.toThrow(BridgeUnreachable);
  });

  it('says why a bridge that does not speak OpenFlow 1.4 cannot be used', async () => {
    await host.vsctl(
      'add-br',
      'br-old',
      '--',
      'set',
      'Bridge',
      'br-old',
      'datapath_type=netdev',
      'protocols=OpenFlow10',
    );
    await expect(openflow.dumpFlows('br-old')).rejects.toThrow(/no connection to br-old: it said OFPET_HELLO_FAILED/);
  });

  it('tells of the end of ovs-vswitchd, and of its return, when all flows are gone', async () => {
    await openflow.changeFlows('br-int', { remove: [], add: [canary], cookie });
    const events: BridgeEvent[] = [];
    using subscription = openflow.onEvent((event) => events.push(event));
    expect(subscription).toBeDefined();
    await host.killDaemon('ovs-vswitchd');
    await expect(openflow.dumpFlows('br-int')).rejects.toThrow(BridgeUnreachable);
    await host.startVswitchd();
    await expect.poll(() => events.map(({ event }) => event)).toEqual(['lost', 'ready']);
    expect(await openflow.dumpFlows('br-int')).toEqual([]);
  });
});
