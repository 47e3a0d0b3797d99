// A router with two ways out, in packets. Two hosts outside, one on each external network, lead on to the rest of the
// world: both have 198.51.100.9, so that whoever calls it says by which of them he came; and each has an address of its
// own behind it, which only the way back by the same host leads to.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RouterLab, type RoutedNetwork } from './lab.ts';

const world = '198.51.100.9';
const [beyondOutside, beyondElsewhere] = ['198.51.100.1', '198.51.100.2'];
const [red, blue] = ['172.24.4.10', '172.25.5.10'];

let lab: RouterLab;
let [outsideNetwork, elsewhereNetwork] = ['', ''];
let green: RoutedNetwork;
let carol: string;

beforeAll(async () => {
  lab = await RouterLab.start();
  outsideNetwork = await lab.externalNetwork('public', {
    ip_version: 4,
    cidr: '172.24.4.0/24',
    gateway_ip: '172.24.4.1',
  });
  elsewhereNetwork = await lab.externalNetworkOn('physnet2', 'other', {
    ip_version: 4,
    cidr: '172.25.5.0/24',
    gateway_ip: '172.25.5.1',
  });
  await lab.outside('outside', '172.24.4.1/24');
  await lab.outsideOn('br-ex2', 'elsewhere', '172.25.5.1/24');
  await lab.embedded.host.script(`
    for world in outside/172.24.4.0/${beyondOutside} elsewhere/172.25.5.0/${beyondElsewhere}; do
      IFS=/ read -r netns prefix own <<END
$world
END
      ip -n $netns addr add ${world}/32 dev lo
      ip -n $netns addr add $own/32 dev lo
      ip -n $netns route replace $prefix/24 dev eth0 src $own
    done`);
  const gateway = { network_id: outsideNetwork, external_fixed_ips: [{ ip_address: red }] };
  green = await lab.routedNetwork('green', gateway);
  carol = await lab.instance('carol', '10.0.0.18', green);
  await lab.instance('dave', '10.0.0.20', green);
});
afterAll(async () => {
  await lab[Symbol.asyncDispose]();
});

const second = () => [{ network_id: elsewhereNetwork, external_fixed_ips: [{ ip_address: blue }] }];
const change = (action: 'add' | 'remove', external_gateways: readonly object[]) =>
  lab.put(`/v2.0/routers/${green.routerId}/${action}_external_gateways`, { router: { external_gateways } });
const spread = (enable_default_route_ecmp: boolean) =>
  lab.put(`/v2.0/routers/${green.routerId}`, { router: { enable_default_route_ecmp } });
const untilAnswer = (from: string, address: string, seen: string) =>
  lab.embedded.until(`an answer to ${seen}`, async () => (await lab.call(from, address)) === seen);

describe('a router with two ways out', () => {
  it('answers where it is asked, and lets instances out by the first', async () => {
    expect(await lab.call('vm-dave', world)).toBe(red);
    await change('add', second());
    // From beyond the next router: the answer has to find its way back there.
    await untilAnswer('elsewhere', blue, 'ECONNREFUSED');
    expect(await lab.call('outside', red)).toBe('ECONNREFUSED');
    expect(await lab.call('vm-dave', world)).toBe(red);
    expect(await lab.call('vm-dave', '172.25.5.1')).toBe(blue);
  });

  it('has floating IPs on the network that they are of, by which they leave and are answered', async () => {
    const id = await lab.floatingIp(elsewhereNetwork, '172.25.5.31', carol);
    expect(await lab.call('elsewhere', '172.25.5.31')).toBe(beyondElsewhere);
    expect(await lab.call('vm-carol', world)).toBe('172.25.5.31');
    expect(await lab.call('vm-carol', '172.24.4.1')).toBe(red);
    expect(await lab.call('vm-dave', '172.25.5.31')).toBe(red);
    // One address may have a floating IP of each network.
    const other = await lab.floatingIp(outsideNetwork, '172.24.4.31', carol);
    expect(await lab.call('outside', '172.24.4.31')).toBe(beyondOutside);
    expect(await lab.call('elsewhere', '172.25.5.31')).toBe(beyondElsewhere);
    expect(await lab.call('vm-carol', world)).toBe('172.24.4.31');
    await lab.delete(`/v2.0/floatingips/${other}`);
    await lab.delete(`/v2.0/floatingips/${id}`);
  });

  it('does not lead from one external network to the other', async () => {
    await lab.embedded.host.script(`ip -n outside route add ${beyondElsewhere}/32 via ${red}`);
    expect(await lab.call('outside', beyondElsewhere)).toBe('no answer');
    await lab.embedded.host.script(`ip -n outside route del ${beyondElsewhere}/32`);
  });

  it('spreads connections over both when it is asked to, each of which stays where it began', async () => {
    await spread(true);
    await untilAnswer('vm-dave', world, blue);
    const seen = [await lab.call('vm-dave', world), await lab.call('vm-dave', world)];
    expect(seen.toSorted()).toEqual([red, blue]);
    const talks = [await lab.talk('vm-dave', world), await lab.talk('vm-dave', world)];
    expect(talks.map(({ seenAs }) => seenAs).toSorted()).toEqual([red, blue]);
    await spread(false);
    await lab.embedded.until('both calls by the first', async () => {
      const calls = [await lab.call('vm-dave', world), await lab.call('vm-dave', world)];
      return calls.every((each) => each === red);
    });
    expect([await talks[0]?.isAlive(), await talks[1]?.isAlive()]).toEqual([true, true]);
    await change('remove', second());
    await lab.embedded.until('the end of what left by the second', async () => {
      const alive = await Promise.all(talks.map((talk) => talk.isAlive()));
      return talks.every(({ seenAs }, index) => alive[index] === (seenAs === red));
    });
    for (const talk of talks) talk.close();
  });
});

describe('a floating IP of a network that a router has an interface in', () => {
  it('leads in by the interface, and is lent to what leaves by it', async () => {
    const { embedded } = lab;
    const network = { name: 'shown', 'router:external': true };
    const { id: network_id } = await embedded.create<{ id: string }>('/v2.0/networks', { network });
    const subnet = { network_id, ip_version: 4, cidr: '192.0.2.0/24' };
    const { id: subnet_id } = await embedded.create<{ id: string }>('/v2.0/subnets', { subnet });
    await lab.put(`/v2.0/routers/${green.routerId}/add_router_interface`, { subnet_id });
    const shown = { cloud: 'neutronium', routerId: green.routerId, networkId: network_id, subnetId: subnet_id };
    await lab.instance('erin', '192.0.2.18', shown);
    const id = await lab.floatingIp(network_id, '192.0.2.31', carol);
    expect(await lab.call('vm-erin', '192.0.2.31')).toBe('192.0.2.18');
    expect(await lab.call('vm-carol', '192.0.2.18')).toBe('192.0.2.31');
    expect(await lab.call('vm-carol', world)).toBe(red);
    expect(await lab.call('vm-dave', '192.0.2.31')).toBe(red);
    expect(await lab.call('vm-dave', '192.0.2.18')).toBe('10.0.0.20');
    const talk = await lab.talk('vm-erin', '192.0.2.31');
    await lab.delete(`/v2.0/floatingips/${id}`);
    await embedded.until('the end of the connection', async () => !(await talk.isAlive()));
    talk.close();
  });
});
