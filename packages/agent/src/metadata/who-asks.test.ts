import { port as samplePort } from '@neutronium/dataplane/sample-host';
import { eui64Address, linkLocalPrefix } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import { mac } from '@neutronium/net/mac';
import { viewOf } from '@neutronium/model/host-view';
import type { HostObject, PortView } from '@neutronium/model/host-view';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InstanceDirectory } from './instance-directory.ts';
import { whoAsks } from './who-asks.ts';
import type { RequestHeaders } from './who-asks.ts';

/** A port of net1 with the address 10.0.0.5, unless said. */
function port(id: string, given: Partial<PortView> = {}): PortView {
  return samplePort(5, {
    id,
    network_id: 'net1',
    project_id: `project of ${id}`,
    device_id: `instance of ${id}`,
    ...given,
  });
}

const routerPort = (id: string, network_id: string, router: string): PortView =>
  port(id, {
    network_id,
    device_owner: 'network:router_interface',
    device_id: router,
    mac_address: mac('fa:16:3e:00:00:ff'),
    fixed_ips: [{ subnet_id: 's', ip_address: ip('10.0.0.1') }],
  });

/** Alice and Bob have the same addresses, each behind a router of their own; Carol shares a link with Alice. */
const objects: readonly HostObject[] = [
  port('alice'),
  port('bob', { network_id: 'net2' }),
  port('carol', {
    mac_address: mac('fa:16:3e:00:00:03'),
    fixed_ips: [
      { subnet_id: 's', ip_address: ip('10.0.0.6') },
      { subnet_id: 's6', ip_address: ip('2001:db8::6') },
    ],
  }),
  port('nobody', { device_id: '', fixed_ips: [{ subnet_id: 's', ip_address: ip('10.0.0.7') }] }),
  routerPort('r1', 'net1', 'router1'),
  routerPort('r2', 'net2', 'router2'),
  routerPort('r3a', 'net1', 'router3'),
  routerPort('r3b', 'net2', 'router3'),
];
const directory = new InstanceDirectory(() => viewOf(1, objects));

const from = (address: string, served: RequestHeaders) => whoAsks({ 'x-forwarded-for': address, ...served }, directory);
const router = (id: string): RequestHeaders => ({ 'x-neutron-router-id': id });
const network = (id: string): RequestHeaders => ({ 'x-neutron-network-id': id });
const instance = (id: string) => ({
  kind: 'instance',
  instanceId: `instance of ${id}`,
  projectId: `project of ${id}`,
});

describe('who asks', () => {
  it('is the one with the address, in the network or behind the router that the proxy serves', () => {
    expect(from('10.0.0.5', router('router1'))).toMatchObject(instance('alice'));
    expect(from('10.0.0.5', router('router2'))).toMatchObject(instance('bob'));
    expect(from('10.0.0.5', network('net1'))).toMatchObject(instance('alice'));
    expect(from('10.0.0.5', network('net2'))).toMatchObject(instance('bob'));
    expect(from('2001:db8::6', network('net1'))).toMatchObject(instance('carol'));
  });

  it('is known by the MAC address in a link-local address', () => {
    const address = eui64Address(linkLocalPrefix, mac('fa:16:3e:00:00:03'));
    expect(from(address, router('router1'))).toMatchObject(instance('carol'));
    expect(from(address, network('net2'))).toMatchObject({ status: 404 });
    expect(from('fe80::1', network('net1'))).toMatchObject({ status: 404 });
  });

  it('is known by an IPv4 address that is written as IPv6', () => {
    expect(from('::ffff:10.0.0.6', router('router1'))).toMatchObject({ ...instance('carol'), address: '10.0.0.6' });
  });

  it('is nobody where two have the address', () => {
    expect(from('10.0.0.5', router('router3'))).toMatchObject({ kind: 'refused', status: 404 });
  });

  it('is nobody where the port is no instance', () => {
    expect(from('10.0.0.7', network('net1'))).toMatchObject({ kind: 'refused', status: 404 });
  });

  it.each([
    ['names both a router and a network', { ...router('router1'), ...network('net1') }],
    ['names neither', {}],
    ['names a router that there is not', router('router9')],
    ['names one twice', { 'x-neutron-router-id': ['router1', 'router1'] }],
  ])('is nobody where the proxy %s', (_, served) => {
    expect(from('10.0.0.5', served)).toMatchObject({ kind: 'refused', status: 404 });
  });

  it('is left open until the server has told what ports there are', () => {
    const headers = { 'x-forwarded-for': '10.0.0.5', ...network('net1') };
    expect(whoAsks(headers, new InstanceDirectory(() => null))).toMatchObject({ kind: 'refused', status: 503 });
  });

  it('follows the ports as they change', () => {
    let view = viewOf(1, objects);
    const changing = new InstanceDirectory(() => view);
    const headers = { 'x-forwarded-for': '10.0.0.5', ...network('net1') };
    expect(whoAsks(headers, changing)).toMatchObject(instance('alice'));
    view = viewOf(2, [...objects, port('alice', { device_id: 'another' })]);
    expect(whoAsks(headers, changing)).toMatchObject({ instanceId: 'another' });
  });

  it('is never somebody else, whatever the headers say', () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom('router1', 'net1', '10.0.0.5', '6.6.6.6, 10.0.0.5', '10.0.0.5, 6.6.6.6', '::ffff:10.0.0.5'),
      fc.ipV4(),
      fc.ipV6(),
    );
    const headers = fc.record(
      { 'x-forwarded-for': text, 'x-neutron-router-id': text, 'x-neutron-network-id': text },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(headers, (given) => {
        const who = whoAsks(given, directory);
        if (who.kind === 'refused') return;
        expect(who.instanceId).toBe('instance of alice');
        expect(['10.0.0.5', '::ffff:10.0.0.5']).toContain(given['x-forwarded-for']);
        expect([given['x-neutron-router-id'], given['x-neutron-network-id']]).toContainEqual(
          given['x-neutron-router-id'] === undefined ? 'net1' : 'router1',
        );
      }),
    );
  });
});
