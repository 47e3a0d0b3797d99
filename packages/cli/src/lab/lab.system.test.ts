// `neutronium lab` as its user types it, and hosts whose tunnels run over IPv6.

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { addInstances } from '@neutronium/testkit/lab/lab-instances';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { missingForLab } from './host.ts';
import { Lab } from './lab.ts';
import type { RunningLab } from './running-lab.ts';
import { plainTopology } from './topology.ts';

const main = fileURLToPath(import.meta.resolve('../main.ts'));

describe.skipIf(missingForLab().length > 0)('neutronium lab', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lab-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const start = (verb: string, ...args: readonly string[]) =>
    spawn(process.execPath, [main, 'lab', verb, '--file', join(folder, 'lab.json'), ...args]);

  async function lab(verb: string, ...args: readonly string[]): Promise<{ code: number | null; said: string }> {
    const child = start(verb, ...args);
    const ended = new Promise<number | null>((resolve) => void child.once('close', resolve));
    const said = await Promise.all([text(child.stdout), text(child.stderr)]);
    return { code: await ended, said: said.join('') };
  }

  it('starts hosts, runs commands on them, lists them, and leaves nothing behind', async () => {
    await writeFile(join(folder, 'topology.yaml'), 'hosts: {alpha: , beta: }');
    const up = start('up', '--topology', join(folder, 'topology.yaml'));
    const ended = new Promise<void>((resolve) => void up.once('close', () => resolve()));
    let said = '';
    for (const stream of [up.stdout, up.stderr])
      stream.setEncoding('utf8').on('data', (part: string) => (said += part));
    await expect.poll(() => said).toContain('Ctrl-C, or `neutronium lab down`');

    expect(await lab('exec', 'beta', '--', 'hostname')).toEqual({ code: 0, said: 'beta\n' });
    expect((await lab('exec', 'alpha', '--', 'sh', '-c', 'exit 3')).code).toBe(3);
    expect((await lab('exec', 'gamma', '--', 'true')).said).toContain(
      'it has alpha, beta, controller, outside, fabric',
    );
    const agents = ['openstack', 'network', 'agent', 'list', '--host', 'alpha', '-f', 'value', '-c', 'Alive'];
    expect((await lab('exec', 'controller', '--', ...agents)).said).toMatch(/^(?:True\n){2,}$/);
    expect((await lab('status')).said).toMatch(/alpha .*\n.*\n.*beta /);
    expect((await lab('up', '--hosts', '1')).said).toContain('a lab runs already');

    const { machines } = JSON.parse(await readFile(join(folder, 'lab.json'), 'utf8')) as RunningLab;
    expect(machines).toHaveLength(5);
    expect(await lab('down')).toEqual({ code: 0, said: '' });
    await ended;
    for (const { initPid } of machines) expect(() => process.kill(initPid, 0)).toThrow('ESRCH');
    expect((await lab('status')).said).toContain('no lab runs on this machine');
  });

  it('says what is wrong with a topology', async () => {
    await writeFile(join(folder, 'topology.yaml'), 'hosts: {alpha: {physical_networks: [dc]}}');
    const { code, said } = await lab('up', '--topology', join(folder, 'topology.yaml'));
    expect(code).toBe(1);
    expect(said).toContain('alpha is on dc, which is not among the physical networks');
  });
});

describe.skipIf(missingForLab().length > 0)('a lab', () => {
  const network = async (lab: Lab): Promise<string> => {
    const api = await lab.api();
    const { id } = await api.expect<{ id: string }>('POST', '/networks', { network: { name: 'net' } });
    await api.expect('POST', '/subnets', { subnet: { network_id: id, ip_version: 4, cidr: '10.0.0.0/24' } });
    return id;
  };

  it('whose underlay is IPv6 has networks between its hosts all the same', async () => {
    await using lab = await Lab.start({ ...plainTopology(2), underlay: 'ipv6' });
    const networkId = await network(lab);
    const plans = ['h1', 'h2'].map((host) => ({ name: `on-${host}`, host, networkId }));
    const [one, other] = await addInstances(lab, plans);
    if (one === undefined || other === undefined) throw new Error('an instance is missing');
    for (const instance of [one, other]) await instance.askForAddress();
    const whole = ['ping', '-c', '2', '-i', '0.2', '-W', '2', '-M', 'do', '-s', '1402', other.address(4)];
    expect((await one.run(whole)).stdout).toContain('2 received');
    expect(await lab.host('h1').vsctl('get', 'Interface', (await tunnelsOf(lab, 'h1')).join(' '), 'type')).toBe(
      'vxlan',
    );
  });

  it('has tunnels for as long as hosts share a network, and an agent that is started anew changes none of it', async () => {
    await using lab = await Lab.start(plainTopology(2));
    const networkId = await network(lab);
    const ports = async () =>
      (await lab.api()).expect<readonly { id: string; 'binding:host_id': string }[]>('GET', '/ports');
    const [dhcp] = await ports();
    const elsewhere = dhcp?.['binding:host_id'] === 'h1' ? 'h2' : 'h1';
    expect(await tunnelsOf(lab, elsewhere)).toEqual([]);
    const [instance] = await addInstances(lab, [{ name: 'a', host: elsewhere, networkId }]);
    if (instance === undefined) throw new Error('the instance is missing');
    await instance.askForAddress();
    expect((await tunnelsOf(lab, elsewhere)).length).toBe(1);
    expect((await tunnelsOf(lab, dhcp?.['binding:host_id'] ?? '')).length).toBe(1);

    const before = await stateOf(lab, elsewhere);
    const ping = instance.ping('10.0.0.2', 60);
    await lab.killAgent(elsewhere);
    await lab.startAgent(elsewhere);
    await expect.poll(async () => (await lab.log(elsewhere, 'agent')).split('connected to the server').length).toBe(3);
    await expect.poll(() => ping).toBe(60);
    const after = await stateOf(lab, elsewhere);
    expect(after.database).toBe(before.database);
    expect([...after.ages.keys()]).toEqual([...before.ages.keys()]);
    for (const [flow, age] of before.ages) expect(after.ages.get(flow)).toBeGreaterThan(age);

    const drift = async () => {
      const host = lab.host(elsewhere);
      return await host.run([join(host.dir, 'bin', 'neutronium'), 'drift'], { anyExitCode: true });
    };
    expect(await drift()).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('is as planned') });
    await lab.host(elsewhere).ofctl(['del-flows'], 'br-tun', 'table=22');
    const found = await drift();
    expect(found.exitCode).toBe(1);
    expect(found.stdout).toMatch(/\+ table=22, .* # \S+( \(\S+\))?: goes to every host with ports of the network/);

    await (await lab.api()).expect('DELETE', `/ports/${instance.port.id}`);
    for (const host of ['h1', 'h2']) await expect.poll(() => tunnelsOf(lab, host)).toEqual([]);
  });
});

async function tunnelsOf(lab: Lab, host: string): Promise<readonly string[]> {
  const ports = await lab.host(host).vsctl('list-ports', 'br-tun');
  return ports.split('\n').filter((name) => name !== '' && name !== 'patch-int');
}

/** What the switch of the host holds: its ports, and its flows with the seconds since each was added. */
async function stateOf(lab: Lab, name: string): Promise<{ database: string; ages: ReadonlyMap<string, number> }> {
  const host = lab.host(name);
  const dumps = await Promise.all(['br-int', 'br-tun'].map((bridge) => host.ofctl(['dump-flows'], bridge)));
  const flows = dumps
    .join('\n')
    .split('\n')
    .filter((line) => line.includes('table='));
  const ages = flows.map((line): [string, number] => [
    line.replaceAll(/(?:duration|n_packets|n_bytes|idle_age)=[^,]+, /g, ''),
    Number(/duration=([\d.]+)s/.exec(line)?.[1]),
  ]);
  return {
    database: await host.vsctl('--columns=name,tag,external_ids,other_config', 'list', 'Port'),
    ages: new Map(ages.toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
}
