// An instance moves from host to host while another one talks to it; ports move while their host is away, or to a host
// that is not there.

import { Lab } from '@neutronium/cli/lab/lab';
import { plainTopology } from '@neutronium/cli/lab/topology';
import { actingAsNova } from '@neutronium/testkit/lab/acting-as-nova';
import { copyInstance, deviceOf, removeInstance } from '@neutronium/testkit/lab/copied-instance';
import { addInstances, type LabInstance, type LabPort } from '@neutronium/testkit/lab/lab-instances';
import { hostState, untilInStep } from '@neutronium/testkit/lab/lab-state';
import { keepServicesOn } from '@neutronium/testkit/lab/outage-lab';
import { renderSuffered, watchTraffic } from '@neutronium/testkit/lab/watched-traffic';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let lab: Lab;
let networkId: string;
let peer: LabInstance;
beforeAll(async () => {
  lab = await Lab.start({
    ...plainTopology(3),
    server: { 'agents.agent_down_time': '4' },
    agent: { 'agent.report_interval': '1' },
  });
  await keepServicesOn(lab, 'h3');
  const api = await lab.api();
  ({ id: networkId } = await api.expect<{ id: string }>('POST', '/networks', { network: { name: 'net' } }));
  await api.expect('POST', '/subnets', { subnet: { network_id: networkId, ip_version: 4, cidr: '10.0.0.0/24' } });
  peer = await instance('peer', 'h3');
});
afterAll(async () => {
  await lab?.[Symbol.asyncDispose]();
});

async function instance(name: string, host: string): Promise<LabInstance> {
  const [made] = await addInstances(lab, [{ name, host, networkId }]);
  if (made === undefined) throw new Error(`${name} was not made`);
  await made.askForAddress();
  return made;
}

/** Lines of a host's state that have to do with the instance. */
async function tracesOf({ mac, port }: LabInstance, host: string): Promise<readonly string[]> {
  const state = await hostState(lab.host(host));
  return state.filter((line) => [mac, port.id, port.id.slice(0, 11)].some((mark) => line.includes(mark)));
}

async function portOf({ port }: LabInstance): Promise<LabPort & { readonly 'binding:vif_type': string }> {
  return await (await lab.api()).expect('GET', `/ports/${port.id}`);
}

describe('an instance that migrates while it is talked to', () => {
  it('is where its active binding is, and leaves nothing behind', async () => {
    const api = await actingAsNova(lab);
    let moving = await instance('moving', 'h1');
    const from = { host: lab.host(peer.host), netns: peer.name };
    // There and back, so that a host gets a port that it had before.
    for (const to of ['h2', 'h1']) {
      const old = moving;
      const bindings = `/ports/${old.port.id}/bindings`;
      await api.expect('POST', bindings, { binding: { host: to, vnic_type: 'normal' } });
      moving = await copyInstance(old, to);
      // Of TCP only what is in the memory of both copies would survive, which namespaces do not share.
      const ping = await watchTraffic(
        [{ what: `from h3 while it moves to ${to}`, from, to: old.address(4) }],
        ['ping'],
      );
      expect(await tracesOf(old, to)).toEqual(expect.arrayContaining([expect.stringContaining('4095')]));
      await api.expect('PUT', `${bindings}/${to}/activate`);
      await lab.until('that the port is ACTIVE there', async () => {
        const port = await portOf(moving);
        return port.status === 'ACTIVE' && port['binding:host_id'] === to;
      });
      await removeInstance(old);
      const left = await api.request('DELETE', `${bindings}/${old.host}`);
      expect(left.status).toBe(204);
      await untilInStep(lab);
      const suffered = await ping.stop();
      console.log(renderSuffered(suffered));
      expect(suffered.filter(({ alive }) => !alive)).toEqual([]);
      expect((await tracesOf(old, old.host)).filter((line) => !line.startsWith('br-tun'))).toEqual([]);
      expect(await lab.host(old.host).vsctl('list-ports', 'br-tun')).not.toContain('vxlan-');
      expect(await moving.ping(peer.address(4))).toBe(3);
    }
    await removeInstance(moving);
    await api.expect('DELETE', `/ports/${moving.port.id}`);
  });
});

describe('a host that was away', () => {
  it('gives up the ports that have moved meanwhile as soon as it is there again', async () => {
    const api = await actingAsNova(lab);
    const moving = await instance('rescued', 'h1');
    await lab.cutOff(['h1']);
    const rescued = await copyInstance(moving, 'h2');
    await api.expect('PUT', `/ports/${moving.port.id}`, { port: { 'binding:host_id': 'h2' } });
    await lab.until('that the port is ACTIVE', async () => (await portOf(rescued)).status === 'ACTIVE');
    await untilInStep(lab, { hosts: ['h2', 'h3'] });
    // The host that is away has heard nothing, and its copy of the instance goes on to answer there, to nobody.
    expect(await peer.ping(rescued.address(4))).toBe(3);
    await lab.reconnect(['h1']);
    await untilInStep(lab);
    expect(await lab.host('h1').vsctl('get', 'Port', deviceOf(moving), 'tag')).toBe('4095');
    await removeInstance(moving);
    await untilInStep(lab);
    expect(await tracesOf(moving, 'h1')).toEqual([]);
    expect(await peer.ping(rescued.address(4))).toBe(3);
    await removeInstance(rescued);
    await api.expect('DELETE', `/ports/${moving.port.id}`);
  });
});

describe('a port that is bound', () => {
  it('to a host that has no live agent fails to, until there is one', async () => {
    const api = await actingAsNova(lab);
    const stranded = await instance('stranded', 'h1');
    await lab.killAgent('h2');
    await lab.until('that the agent of h2 counts as dead', async () => !(await lab.aliveHosts()).includes('h2'));
    const { status, body } = await api.request('POST', `/ports/${stranded.port.id}/bindings`, {
      binding: { host: 'h2' },
    });
    expect([status, JSON.stringify(body)]).toEqual([409, expect.stringContaining('PortBindingError')]);
    for (const host of ['h2', 'nowhere']) {
      await api.expect('PUT', `/ports/${stranded.port.id}`, { port: { 'binding:host_id': host } });
      expect(await portOf(stranded)).toMatchObject({ 'binding:vif_type': 'binding_failed', status: 'DOWN' });
    }
    await api.expect('PUT', `/ports/${stranded.port.id}`, { port: { 'binding:host_id': 'h2' } });
    await lab.startAgent('h2');
    await lab.until('that the port is bound', async () => (await portOf(stranded))['binding:vif_type'] === 'ovs');
    const there = await copyInstance(stranded, 'h2');
    await lab.until('that the port is ACTIVE', async () => (await portOf(there)).status === 'ACTIVE');
    await untilInStep(lab);
    expect(await there.ping(peer.address(4))).toBe(3);
  });
});
