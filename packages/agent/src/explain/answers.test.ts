import { compile } from '@neutronium/dataplane/compile';
import { id, port, sampleInventory, sampleObjects } from '@neutronium/dataplane/sample-host';
import { tunnelInventory, tunnelObjects } from '@neutronium/dataplane/sample-tunnels';
import type { DriftAnswer, FlowsAnswer, PortsAnswer } from '@neutronium/model/agent-socket';
import { type HostObject, viewOf } from '@neutronium/model/host-view';
import { describe, expect, it } from 'vitest';
import { FakeExec } from '#effects/exec.fake';
import { FakeOpenFlow } from '#effects/openflow/openflow.fake';
import type { PlannedHost } from '#plan/planner';
import type { ReportedPort } from '#report/port-states';
import { agentAnswers } from './answers.ts';
import { flowEntries, groupEntries } from './flow-entries.ts';
import { replyTo } from './questions.ts';

function planned(objects: readonly HostObject[] = sampleObjects): PlannedHost {
  const view = viewOf(7, objects);
  return { view, inventory: sampleInventory, hostPlan: compile(view, sampleInventory) };
}

type Sources = Parameters<typeof agentAnswers>[0];

async function ask(path: '/v1/flows' | '/v1/ports' | '/v1/drift' | '/v1/repair', parts: Partial<Sources> = {}) {
  const sources = {
    planned: () => planned(),
    reported: () => [],
    openflow: new FakeOpenFlow(),
    exec: new FakeExec(),
    traffic: () => ({ events: [], passedOver: 0 }),
    inspect: async () => null,
    repair: async () => null,
    ...parts,
  };
  const route = agentAnswers(sources)[path];
  return await (route?.GET ?? route?.POST)?.();
}

// What the paths promise to answer with.
const askFlows = async (parts: Partial<Sources> = {}) => (await ask('/v1/flows', parts))?.body as FlowsAnswer;
const askPorts = async (parts: Partial<Sources> = {}) => (await ask('/v1/ports', parts))?.body as PortsAnswer;

describe('the flows that an agent tells of', () => {
  it('are those of its plan, each with its table, its owner and the port that it judges', async () => {
    const { flows } = await askFlows();
    const [dead] = flows.filter(({ of }) => of === id('port', 41));
    expect(dead).toEqual({
      bridge: 'br-int',
      table: { number: 0, name: 'LOCAL_SWITCHING' },
      priority: 65_535,
      match: 'in_port=141',
      actions: 'drop',
      drops: true,
      of: id('port', 41),
      owner: 'port',
      why: 'may not speak: its admin state is down',
      port: id('port', 41),
      groups: [],
      counted: null,
    });
    expect(new Set(flows.map(({ bridge }) => bridge))).toEqual(new Set(['br-ex', 'br-int']));
    expect(flows.find(({ of }) => of === id('network', 4))?.owner).toBe('network');
    expect(flows.find(({ of }) => of === 'br-int')?.owner).toBe('bridge');
  });

  it('have the counters of the switch where the switch has them, and none where it has not', async () => {
    const host = planned();
    const openflow = new FakeOpenFlow();
    openflow.makeBridge('br-int');
    const [present, ...absent] = [...(host.hostPlan.flows.get('br-int')?.flows.values() ?? [])];
    if (present === undefined) throw new Error('the plan has no flows');
    await openflow.changeFlows('br-int', { add: [present], remove: [], cookie: 1n });
    const { flows } = await askFlows({ openflow });
    const counted = flows.filter((flow) => flow.counted !== null);
    expect(counted.map(({ why, counted: count }) => [why, count])).toEqual([[present.why, { packets: 0, bytes: 0 }]]);
    expect(flows.filter(({ bridge }) => bridge === 'br-int')).toHaveLength(absent.length + 1);
  });

  it('of the tunnel bridge have its tables, and name the ports of other hosts that they lead to', async () => {
    const view = viewOf(7, tunnelObjects);
    const host = { view, inventory: tunnelInventory, hostPlan: compile(view, tunnelInventory) };
    const { flows } = await askFlows({ planned: () => host });
    expect(flows.find(({ of, table }) => of === id('port', 52) && table.number === 20)).toMatchObject({
      bridge: 'br-tun',
      table: { name: 'UCAST_TO_TUN' },
      owner: 'remote_port',
      why: 'is on beta',
      port: null,
    });
  });

  it('name the security groups that a rule, a group and a member serve', () => {
    const [web = '', db = '', lb = '', friends = ''] = [1, 2, 3, 4].map((digit) => id('network', 90 + digit));
    const ungrouped = sampleObjects.filter(({ section }) => section !== 'security_groups');
    const group = (groupId: string, remote: string): HostObject => ({
      section: 'security_groups',
      id: groupId,
      name: '',
      stateful: true,
      rules: [
        {
          id: `rule-${groupId}`,
          direction: 'ingress',
          ethertype: 'IPv4',
          protocol: 6,
          port_range_min: 22,
          port_range_max: 22,
          remote: { kind: 'set', id: remote },
        },
      ],
    });
    const host = planned([...ungrouped, group(web, web), group(db, web), group(lb, friends)]);
    const [flow] = host.hostPlan.flows.get('br-int')?.flows.values() ?? [];
    if (flow === undefined) throw new Error('the plan has no flows');
    const owners = [`rule-${db}`, web, `${web}/a-port`, `${friends}/192.0.2.1`].map((of) => {
      const flows = new Map([['', { ...flow, of }]]);
      const hostPlan = { ...host.hostPlan, flows: new Map([['br-int', { flows }]]) };
      const [entry] = flowEntries({ ...host, hostPlan }, new Map());
      return [entry?.owner, entry?.groups];
    });
    expect(owners).toEqual([
      ['security_group_rule', [db]],
      ['security_group', [web, db]],
      ['address_set', [web, db]],
      ['address_set', [lb]],
    ]);
    expect(groupEntries(host.view).map(({ id: groupId }) => groupId)).toEqual([web, db, lb]);
  });
});

describe('the drift that an agent tells of', () => {
  it('is what a full look has found, at the revision of the plan', async () => {
    const differences = [{ stage: 'flows', what: 'adding 1 flow', details: ['+ table=0'] }];
    const inspect = async () => ({ plan: planned(), differences, unseen: [] });
    expect(await ask('/v1/drift', { inspect })).toEqual({
      status: 200,
      body: { revision: 7, differences, unseen: [] },
    });
    expect((await ask('/v1/drift'))?.status).toBe(503);
  });

  it('comes with what is left where it has been put right', async () => {
    const differences = [{ stage: 'flows', what: 'adding 1 flow', details: [] }];
    const plan = planned();
    const repair = async () => ({
      found: { plan, differences, unseen: [] },
      left: { plan, differences: [], unseen: [] },
    });
    expect(await ask('/v1/repair', { repair })).toEqual({
      status: 200,
      body: { found: { revision: 7, differences, unseen: [] }, left: { revision: 7, differences: [], unseen: [] } },
    });
    expect((await ask('/v1/repair'))?.status).toBe(503);
  });

  it('is told from afar with so many details at most, and with the reason where there is none', async () => {
    const details = Array.from({ length: 5_001 }, (_, number) => `+ flow ${number}`);
    const differences = [
      { stage: 'flows', what: 'adding many', details },
      { stage: 'ports', what: 'connecting one', details: ['+ tag=1'] },
    ];
    const sources = { inspect: async () => ({ plan: planned(), differences, unseen: [] }), repair: async () => null };
    const answer = (await replyTo('drift', sources)) as DriftAnswer;
    expect(answer.differences.map((each) => [each.details.length, each.details.at(-1)])).toEqual([
      [5_001, '… and 1 more'],
      [1, '… and 1 more'],
    ]);
    expect(await replyTo('repair', sources)).toHaveProperty('error');
    const broken = { ...sources, inspect: () => Promise.reject(new Error('it broke')) };
    expect(await replyTo('drift', broken)).toEqual({ error: 'it broke' });
  });
});

describe('the ports that an agent tells of', () => {
  it('are those of its host and the devices with the id of another, with the last word on each', async () => {
    const reported: readonly ReportedPort[] = [
      { id: id('port', 11), state: 'failed', why: 'the switch refused its flows', revision: 1, isOfService: false },
    ];
    const { ports } = await askPorts({ reported: () => reported });
    const states = new Map(ports.map((entry) => [entry.id, entry]));
    expect(states.get(id('port', 11))).toMatchObject({
      device: 'tapcccc0011-00',
      localVlan: 1,
      state: 'failed',
      why: 'the switch refused its flows',
    });
    expect(states.get(id('port', 41))).toMatchObject({
      localVlan: null,
      state: 'dead',
      why: 'its admin state is down',
    });
    expect(states.get(id('port', 99))).toMatchObject({ network_id: null, why: 'no port of this host has its id' });
    expect(states.get(id('port', 12))).toMatchObject({ state: 'building', why: 'it has not been looked at yet' });
  });

  it('include those that have no device', async () => {
    const lonely = port(77);
    const { ports } = await askPorts({ planned: () => planned([...sampleObjects, lonely]) });
    expect(ports.find((entry) => entry.id === lonely.id)).toMatchObject({ device: null, state: 'absent' });
  });
});

it('is refused while there is no plan', async () => {
  expect(await ask('/v1/flows', { planned: () => null })).toEqual({
    status: 503,
    body: { error: 'the agent has no plan yet: it waits for the server or for Open vSwitch' },
  });
});
