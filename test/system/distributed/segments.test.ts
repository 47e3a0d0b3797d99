// A distributed router between networks of every kind, each of which the other hosts reach in a way of its own; IPv6; and
// a compute node that leads nowhere outside.

import type { LabInstance } from '@neutronium/testkit/lab/lab-instances';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  DistributedLab,
  distributedTopology,
  outsideAddress,
  type Segment,
} from '@neutronium/testkit/lab/distributed-lab';
import { recordLines } from '@neutronium/testkit/lab/tcpdump';

let lab: DistributedLab;

beforeAll(async () => {
  lab = await DistributedLab.start(distributedTopology('dvr_no_external'));
});
afterAll(async () => {
  await lab?.[Symbol.asyncDispose]();
});

interface Pair {
  readonly routerId: string;
  readonly one: LabInstance;
  readonly other: LabInstance;
}

/** A router between two networks, and an instance of each on another node; `number` keeps addresses apart. */
async function pair(number: number, first: Segment, second: Segment): Promise<Pair> {
  const networks = [
    await lab.network(`192.168.${number}.0/24`, first, [`fd00:${number}::/64`]),
    await lab.network(`192.168.${number + 1}.0/24`, second, [`fd00:${number + 1}::/64`]),
  ];
  const routerId = await lab.router(networks.flatMap(({ subnetId, otherIds }) => [subnetId, ...otherIds]));
  await lab.leadOut(routerId);
  const plans = networks.map(({ networkId }, index) => ({
    name: `vm${number + index}`,
    host: index === 0 ? 'compute1' : 'compute2',
    networkId,
  }));
  const [one, other] = await lab.instances(plans);
  if (one === undefined || other === undefined) throw new Error('two instances were asked for');
  for (const [index, each] of [one, other].entries()) {
    const prefix = `fd00:${number + index}::`;
    await each.run(['ip', 'addr', 'add', `${each.address(6)}/64`, 'dev', 'eth0', 'nodad']);
    await each.run(['ip', '-6', 'route', 'add', 'default', 'via', `${prefix}1`]);
  }
  return { routerId, one, other };
}

describe.each([
  { first: { type: 'vxlan' }, second: { type: 'gre' } },
  { first: { type: 'vlan', physicalNetwork: 'dc' }, second: { type: 'vlan', physicalNetwork: 'dc' } },
  { first: { type: 'flat', physicalNetwork: 'dc' }, second: { type: 'vxlan' } },
] as const)('a distributed router between networks of type $first.type and $second.type', ({ first, second }) => {
  let between: Pair;
  beforeAll(async () => {
    between = await pair(first.type === 'vxlan' ? 10 : first.type === 'vlan' ? 20 : 30, first, second);
    await lab.reach(between.one, between.other.address(4));
  });

  it('passes both ways between nodes, by IPv4 and IPv6', async () => {
    const { one, other } = between;
    for (const version of [4, 6] as const) {
      await lab.reach(one, other.address(version));
      expect(await one.ping(other.address(version))).toBe(3);
      expect(await other.ping(one.address(version))).toBe(3);
    }
  });

  it('leads outside by its centre, by IPv4 and IPv6', async () => {
    const { routerId, one, other } = between;
    const [gateway] = await lab.ports(`device_id=${routerId}&device_owner=network:router_gateway`);
    const way = gateway?.fixed_ips.find(({ ip_address: text }) => text.includes(':'))?.ip_address;
    for (const each of [one, other]) {
      const prefix = each.address(6).replace(/::.*/, '::/64');
      await lab.lab.outside.script(`ip -6 route replace ${prefix} via ${way}`);
      await lab.reach(each, outsideAddress);
      await lab.reach(each, 'fd00:8::1');
    }
  });

  it('says nothing of its own address on the wires between nodes', async () => {
    const { routerId, one, other } = between;
    const own = (await lab.ports(`device_id=${routerId}&device_owner=network:router_interface_distributed`)).map(
      (each) => each.mac_address,
    );
    const watching = await Promise.all(
      ['wire1', 'underlay0'].map((device) => recordLines(lab.lab.host('compute1'), { device, options: ['-e'] })),
    );
    expect(await one.ping(other.address(4))).toBe(3);
    expect(await other.ping(one.address(4))).toBe(3);
    await one.run(['ip', 'neigh', 'flush', 'all']);
    expect(await one.ping(other.address(4))).toBe(3);
    const lines = (await Promise.all(watching.map((each) => each.stop()))).flat();
    expect(lines.some((line) => line.includes('ICMP echo request'))).toBe(true);
    expect(lines.filter((line) => own.some((mac) => line.includes(mac)))).toEqual([]);
  });

  it('brings a floating IP to a node without a way outside by the centre', async () => {
    const { other } = between;
    const floating = `91.207.15.${first.type === 'vxlan' ? 128 : first.type === 'vlan' ? 129 : 130}`;
    await lab.floatingIp(other.port.id, floating);
    await lab.lab.until('an answer from outside', async () => {
      const { stdout } = await lab.lab.outside.run(['ping', '-c', '1', '-W', '1', floating], { anyExitCode: true });
      return stdout.includes('1 received');
    });
    const watching = await recordLines(lab.lab.host('network1'), { device: 'wire0', filter: 'icmp' });
    expect(await other.ping(outsideAddress)).toBe(3);
    expect((await watching.stop()).some((line) => line.includes(`${floating} > ${outsideAddress}`))).toBe(true);
    expect(await lab.namespaces('compute2', 'fip-')).toEqual([]);
  });
});

it('goes on while agents are restarted, and nothing has to be repaired afterwards', async () => {
  const [one] = await lab.ports('name=vm10');
  const instance = await lab.lab.host('compute1').run(['ip', 'netns', 'list']);
  expect(instance.stdout).toContain('vm10');
  const ping = lab.lab.host('compute1').run(['ping', '-c', '60', '-i', '0.05', '-W', '1', '192.168.11.1'], {
    netns: 'vm10',
    anyExitCode: true,
  });
  for (const host of ['network1', 'compute1', 'compute2']) {
    await lab.lab.killAgent(host);
    await lab.lab.startAgent(host);
  }
  expect((await ping).stdout).toContain('60 received');
  await lab.lab.until('hosts as they should be', async () => (await lab.drift()).length === 0);
  expect(one?.status).toBe('ACTIVE');
});
