import { randomInt } from 'node:crypto';
import { agent } from '@neutronium/model/resources/agent';
import { network } from '@neutronium/model/resources/network';
import { router } from '@neutronium/model/resources/router';
import { renderTimestamp } from '@neutronium/model/kinds/timestamp';
import { agentRecord, networkRecord, routerRecord } from '@neutronium/testkit/records';
import { serverConfig } from '@neutronium/testkit/requests';
import { withStores } from '@neutronium/testkit/store';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openVSwitch } from '#binding/open-vswitch';
import { serverContext } from '../context.ts';
import type { Call } from '../resources/handlers.ts';
import { createPorts } from '../resources/port/create-ports.ts';
import { servicePort } from '../resources/port/service-port.ts';
import { attachGateway } from '../resources/router/router-ports.ts';
import type { Store, Writer } from '../store/store.ts';
import { L3Scheduler } from './l3.ts';
import { bindRouter, hostingIds } from './l3-bindings.ts';

const begin = new Date('2026-01-01T00:00:00Z');
let now = begin;
const partsWith = (settings: Readonly<Record<string, string>>) => ({
  config: serverConfig(settings),
  now: () => now,
  random: (bound: number) => randomInt(bound),
  drivers: [openVSwitch],
});

withStores((fixture) => {
  let store: Store;
  beforeAll(async () => {
    store = await fixture.open();
  });
  beforeEach(async () => {
    await fixture.empty(store);
    now = begin;
  });

  const write = <T>(work: (call: Call<Writer>) => Promise<T>): Promise<T> => {
    const context = serverContext('req-test');
    return store.write(context, (writer) => work({ context, store: writer }));
  };
  const addAgent = async (host: string): Promise<string> => {
    const record = agentRecord({ host, agent_type: 'L3 agent', heartbeat_timestamp: renderTimestamp(now) });
    await write((call) => call.store.insert(agent, [record]));
    return record.id;
  };
  /** A router with a port that is on no subnet. */
  const addRouter = (parts: ReturnType<typeof partsWith>): Promise<string> =>
    write(async (call) => {
      const [on, record] = [networkRecord(), routerRecord()];
      await call.store.insert(network, [on]);
      await call.store.insert(router, [record]);
      const request = servicePort({ project_id: '', network_id: on.id, device_owner: 'network:router_gateway' });
      const [created] = await createPorts(parts, call.store, [request]);
      if (created === undefined) throw new Error('a port was created');
      await attachGateway(call.store, { port_id: created.id, router_id: record.id, position: 0, enable_snat: true });
      return record.id;
    });
  const round = (scheduler: L3Scheduler): Promise<void> =>
    write(async (call) => {
      for (const id of await scheduler.unhosted(call.store)) await scheduler.syncRouter(call, id);
    });
  const hosting = (routerId: string) => store.read((reader) => hostingIds(reader, routerId));

  describe('a router whose agent is dead', () => {
    it('stays with it', async () => {
      const parts = partsWith({});
      const scheduler = new L3Scheduler(parts);
      const routerId = await addRouter(parts);
      const dead = await addAgent('host-a');
      await round(scheduler);
      now = new Date(begin.getTime() + 600_000);
      await addAgent('host-b');
      await round(scheduler);
      expect(await hosting(routerId)).toEqual([dead]);
    });
    it('is given to one that lives where the operator wants that, and waits for one', async () => {
      const parts = partsWith({ 'routers.allow_automatic_l3agent_failover': 'true' });
      const scheduler = new L3Scheduler(parts);
      const routerId = await addRouter(parts);
      const dead = await addAgent('host-a');
      await round(scheduler);
      now = new Date(begin.getTime() + 600_000);
      await round(scheduler);
      expect(await hosting(routerId)).toEqual([dead]);
      const alive = await addAgent('host-b');
      await round(scheduler);
      expect(await hosting(routerId)).toEqual([alive]);
    });
  });

  it('leaves a router without ports with the agent that somebody has given it to, unless it has become distributed', async () => {
    const scheduler = new L3Scheduler(partsWith({}));
    const agentId = await addAgent('host-a');
    const record = routerRecord();
    await write(async (call) => {
      await call.store.insert(router, [record]);
      await bindRouter(call.store, record.id, agentId);
      await scheduler.syncRouter(call, record.id);
    });
    expect(await hosting(record.id)).toEqual([agentId]);
    await write(async (call) => {
      await call.store.update(router, record.id, { distributed: true });
      await scheduler.syncRouter(call, record.id);
    });
    expect(await hosting(record.id)).toEqual([]);
  });
  it('leaves routers alone where they are not to be scheduled by themselves', async () => {
    const parts = partsWith({ 'routers.router_auto_schedule': 'false' });
    const routerId = await addRouter(parts);
    await addAgent('host-a');
    await round(new L3Scheduler(parts));
    expect(await hosting(routerId)).toEqual([]);
  });
});
