// What becomes of networks when the server, an agent or a whole host dies.

import type { RunResult } from '@neutronium/cli/lab/host';
import { Lab } from '@neutronium/cli/lab/lab';
import { plainTopology } from '@neutronium/cli/lab/topology';
import { addInstances, type LabInstance, type LabPort } from '@neutronium/testkit/lab/lab-instances';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

describe('three hosts with a network between them', () => {
  let lab: Lab;
  let networkId: string;
  let servedBy: string;
  let instances: readonly LabInstance[];

  beforeAll(async () => {
    lab = await Lab.start({
      ...plainTopology(3),
      // A dead agent is noticed within seconds here, where operators wait longer than a pause of the machine.
      server: { 'agents.agent_down_time': '4' },
      agent: { 'agent.report_interval': '1' },
    });
    const api = await lab.api();
    ({ id: networkId } = await api.expect<{ id: string }>('POST', '/networks', { network: { name: 'net' } }));
    const subnet = { network_id: networkId, ip_version: 4, cidr: '10.0.0.0/24' };
    await api.expect('POST', '/subnets', { subnet });
    servedBy = (await dhcpPort())['binding:host_id'];
    const others = [...lab.hosts.keys()].filter((host) => host !== servedBy);
    instances = await addInstances(
      lab,
      others.map((host) => ({ name: `on-${host}`, host, networkId })),
    );
    for (const instance of instances) await instance.askForAddress();
  });
  afterAll(async () => {
    await lab?.[Symbol.asyncDispose]();
  });

  async function dhcpPort(): Promise<LabPort> {
    const query = `/ports?network_id=${networkId}&device_owner=network:dhcp`;
    const ports = await (await lab.api()).expect<readonly LabPort[]>('GET', query);
    const [port] = ports;
    if (port === undefined || ports.length > 1) throw new Error(`the network has ${ports.length} DHCP ports`);
    return port;
  }

  const pair = (): readonly [LabInstance, LabInstance] => {
    const [one, other] = instances;
    if (one === undefined || other === undefined) throw new Error('an instance is missing');
    return [one, other];
  };

  /** Our own command on a host. */
  async function neutronium(host: string, ...args: readonly string[]): Promise<RunResult> {
    const command = [`${lab.host(host).dir}/bin/neutronium`, ...args];
    return await lab.host(host).run(command, { anyExitCode: true, timeoutMs: 60_000 });
  }

  const drift = async (host: string): Promise<string> => (await neutronium(host, 'drift')).stdout;

  it('loses no packet when the server dies, and goes on by itself once there is one again', async () => {
    const [one, other] = pair();
    const ping = one.ping(other.address(4), 60);
    await lab.killServer();
    await lab.startServer();
    await expect.poll(() => lab.aliveHosts()).toHaveLength(3);
    expect(await ping).toBe(60);
    const [late] = await addInstances(lab, [{ name: 'late', host: servedBy, networkId }]);
    await late?.askForAddress();
    expect(await late?.ping(one.address(4))).toBe(3);
    await (await lab.api()).expect('DELETE', `/ports/${late?.port.id}`);
  });

  it('catches up with what was asked while a host could not reach the server, and loses no packet', async () => {
    const [one, other] = pair();
    const ping = one.ping(other.address(4), 100);
    await lab.cutOff([one.host]);
    const [late] = await addInstances(lab, [{ name: 'late2', host: servedBy, networkId }]);
    await late?.askForAddress();
    await lab.reconnect([one.host]);
    await expect.poll(() => drift(one.host)).toContain('is as planned');
    expect((await neutronium(one.host, 'wait')).stdout).toContain('is live');
    // The answer to a question by ARP comes from the host's own view.
    expect(await one.ping(late?.address(4) ?? '')).toBe(3);
    expect(await ping).toBe(100);
    await (await lab.api()).expect('DELETE', `/ports/${late?.port.id}`);
  });

  it('says of what was asked whether it is on the hosts, and which has not applied it', async () => {
    const [one] = pair();
    const wait = (timeout: number) => neutronium(one.host, 'wait', '--timeout', String(timeout));
    expect((await wait(30)).stdout).toContain('is live');
    await lab.killAgent(one.host);
    await (await lab.api()).expect('PUT', `/ports/${one.port.id}`, { port: { description: 'no host need know' } });
    expect((await wait(30)).stdout).toContain('is live');
    const pairs = [{ ip_address: '10.0.0.200' }];
    await (await lab.api()).expect('PUT', `/ports/${one.port.id}`, { port: { allowed_address_pairs: pairs } });
    const { stderr, exitCode } = await wait(1);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(new RegExp(`revision \\d+ is not live:\n  ${one.host} is not connected`));
    await lab.startAgent(one.host);
    expect((await wait(30)).stdout).toContain('is live');
  });

  it('loses no packet when all agents die and come back', async () => {
    const [one, other] = pair();
    const ping = one.ping(other.address(4), 80);
    for (const host of lab.hosts.keys()) await lab.killAgent(host);
    for (const host of lab.hosts.keys()) await lab.startAgent(host);
    const connections = async (host: string) => (await lab.log(host, 'agent')).split('connected to the server').length;
    for (const host of lab.hosts.keys()) await expect.poll(() => connections(host)).toBeGreaterThan(2);
    expect(await ping).toBe(80);
    expect(await one.ping(other.address(4), 20)).toBe(20);
  });

  it('is served by another host when the one that served it is lost, at the same address, and tunnels to it go', async () => {
    const [one, other] = pair();
    const before = await dhcpPort();
    const ping = one.ping(other.address(4), 200);
    await lab.loseHost(servedBy);
    await lab.until('another host for the DHCP of the network', async () => {
      const port = await dhcpPort();
      return port['binding:host_id'] !== servedBy && port.status === 'ACTIVE';
    });
    expect(await ping).toBe(200);
    expect((await dhcpPort()).fixed_ips).toEqual(before.fixed_ips);
    for (const instance of [one, other]) {
      await instance.run(['ip', 'addr', 'flush', 'dev', 'eth0', 'scope', 'global']);
      await instance.askForAddress();
    }
    expect(await one.ping(other.address(4))).toBe(3);
    const tunnels = async () =>
      (await lab.host(one.host).vsctl('list-ports', 'br-tun')).split('\n').filter((name) => name.startsWith('vxlan-'));
    await expect.poll(tunnels).toHaveLength(1);
    for (const { host } of instances) await expect.poll(() => drift(host)).toContain('is as planned');
  });
});
