// A local IP that leads to an instance of each host: br-int filters on one, Linux bridges on the other.

import type { LabApi } from '@neutronium/cli/lab/api';
import { Lab } from '@neutronium/cli/lab/lab';
import { plainTopology } from '@neutronium/cli/lab/topology';
import { addInstances, type LabInstance } from '@neutronium/testkit/lab/lab-instances';
import { callTcp, startTcpServer } from '@neutronium/testkit/lab/tcp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const hosts = ['h1', 'h2'] as const;
type Host = (typeof hosts)[number];
/** What an instance of each host is to the local IP; whoever trusts has no port security. */
const roles = ['asker', 'target', 'trusting'] as const;
type Name = `${(typeof roles)[number]}-${Host}`;

let lab: Lab;
let api: LabApi;
const instances = new Map<string, LabInstance>();
let localIp: { readonly id: string; readonly local_ip_address: string };
const on = (name: Name): LabInstance => {
  const found = instances.get(name);
  if (found === undefined) throw new Error(`there is no instance ${name}`);
  return found;
};
const associations = (): string => `/local_ips/${localIp.id}/port_associations`;
const live = (): Promise<void> =>
  lab.until('that the hosts know', async () => {
    return (await api.expect<{ live: boolean }>('GET', '/revisions/newest?timeout=10')).live;
  });
async function associate(name: Name): Promise<void> {
  await api.expect('POST', associations(), { port_association: { fixed_port_id: on(name).port.id } });
  await live();
}
async function disassociate(name: Name): Promise<void> {
  await api.expect('DELETE', `${associations()}/${on(name).port.id}`);
  await live();
}
/** The MAC address that the instance has been told for the local IP. */
async function told(name: Name): Promise<string> {
  const { stdout } = await on(name).run(['ip', 'neigh', 'show', localIp.local_ip_address]);
  return /lladdr (\S+)/.exec(stdout)?.[1] ?? 'none';
}

beforeAll(async () => {
  const plain = plainTopology(2);
  lab = await Lab.start({
    ...plain,
    hosts: plain.hosts.map((host) =>
      host.name === 'h2' ? { ...host, agent: { 'securitygroup.firewall_driver': 'iptables_hybrid' } } : host,
    ),
  });
  api = await lab.api();
  const network = await api.expect<{ id: string }>('POST', '/networks', { network: {} });
  const subnet = { network_id: network.id, ip_version: 4, cidr: '10.0.0.0/24' };
  await api.expect('POST', '/subnets', { subnet });
  const [group] = await api.expect<{ id: string }[]>('GET', '/security-groups?name=default');
  const rule = { security_group_id: group?.id, direction: 'ingress' };
  await api.expect('POST', '/security-group-rules', { security_group_rule: rule });
  const plans = hosts.flatMap((host) =>
    roles.map((role) => ({
      name: `${role}-${host}`,
      host,
      networkId: network.id,
      hybrid: host === 'h2',
      ...(role === 'trusting' && { attributes: { port_security_enabled: false, security_groups: [] } }),
    })),
  );
  for (const instance of await addInstances(lab, plans)) instances.set(instance.name, instance);
  await Promise.all([...instances.values()].map((instance) => instance.askForAddress()));
  localIp = await api.expect('POST', '/local_ips', { local_ip: { network_id: network.id } });
});
afterAll(async () => {
  await lab?.[Symbol.asyncDispose]();
});

describe.each(hosts)('a local IP on %s', (host) => {
  const [asker, target, trusting] = roles.map((role): Name => `${role}-${host}`) as [Name, Name, Name];
  const address = () => localIp.local_ip_address;

  it('answers nobody before it leads anywhere', async () => {
    expect(await on(asker).ping(address(), 1)).toBe(0);
  });

  it('answers for the port that is associated with it, which keeps its own address', async () => {
    await associate(target);
    for (const from of [asker, trusting]) {
      expect([from, await on(from).ping(address())]).toEqual([from, 3]);
      expect([from, await told(from)]).toEqual([from, on(target).mac]);
      expect([from, await on(from).ping(on(target).address(4))]).toEqual([from, 3]);
    }
    expect(await on(target).ping(address(), 1)).toBe(0);
  });

  it('is spoken to in TCP, and the port sees who speaks', async () => {
    await startTcpServer(lab.host(host), { port: 80, netns: target });
    for (const from of [asker, trusting]) {
      const call = (to: string) => callTcp(lab.host(host), { netns: from, address: to, port: 80 });
      expect([from, await call(address())]).toEqual([from, on(from).address(4)]);
      expect([from, await call(on(target).address(4))]).toEqual([from, on(from).address(4)]);
    }
  });

  it('is on the other host what it was there', async () => {
    // The first host has it lead to a port, the second does not yet.
    const other: Name = host === 'h1' ? 'asker-h2' : 'asker-h1';
    expect(await on(other).ping(address(), 2)).toBe(host === 'h1' ? 0 : 2);
  });

  it('leads to another port when that is associated in the place of the first', async () => {
    await disassociate(target);
    await associate(trusting);
    expect(await on(asker).ping(address())).toBe(3);
    expect(await on(trusting).ping(address(), 1)).toBe(0);
  });
});

describe('a local IP that nothing is associated with any more', () => {
  it('has left no flows behind', async () => {
    for (const host of hosts) await disassociate(`trusting-${host}`);
    for (const host of hosts) {
      const { stdout } = await lab
        .host(host)
        .run(['ovs-ofctl', '-O', 'OpenFlow14', 'dump-flows', 'br-int', 'table=31']);
      expect(stdout).not.toContain(localIp.local_ip_address);
      expect(await on(`asker-${host}`).ping(localIp.local_ip_address, 1)).toBe(0);
    }
  });
});
