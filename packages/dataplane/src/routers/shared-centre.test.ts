import type { HostObject } from '@neutronium/model/host-view';
import { viewOf } from '@neutronium/model/host-view';
import { cidr } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import { describe, expect, it } from 'vitest';
import { compile } from '../compile.ts';
import type { HostPlan, Inventory } from '../host-plan.ts';
import { id, inventory, plugged, port, subnet } from '../sample-host.ts';
import { floatingIp, haObjects, haRouter, router, routerId, surroundings } from './sample-router.ts';

const distributed = { distributed: true, snat_ports: [id('port', 3)] } as const;
const sharing = router({ ...haRouter, ...distributed });
const carrying = router(distributed);

/** Subnets of both families behind the router, its side there, and its centre's. */
const behind: readonly HostObject[] = [
  subnet(2, { cidr: cidr('fd00:1::/64'), ip_version: 6, gateway_ip: ip('fd00:1::1') }),
  port(1, {
    device_owner: 'network:router_interface_distributed',
    device_id: routerId,
    fixed_ips: [
      { subnet_id: id('subnet', 1), ip_address: ip('10.0.0.1') },
      { subnet_id: id('subnet', 2), ip_address: ip('fd00:1::1') },
    ],
  }),
];
const centre = (host: string): readonly HostObject[] => [
  port(3, {
    host,
    device_owner: 'network:router_centralized_snat',
    device_id: routerId,
    fixed_ips: [
      { subnet_id: id('subnet', 1), ip_address: ip('10.0.0.3') },
      { subnet_id: id('subnet', 2), ip_address: ip('fd00:1::3') },
    ],
  }),
];

const devices = [plugged(1, 11), plugged(3, 12), plugged(19, 13), plugged(40, 14)];
const active = { haStates: new Map([[routerId, 'active' as const]]) };

function planOf(objects: readonly HostObject[], given: Partial<Inventory> = {}): HostPlan {
  const localVlans = new Map([1, 4, 9].map((digits) => [id('network', digits), digits]));
  const view = viewOf(1, [...surroundings, ...haObjects, ...behind, ...centre('alpha'), sharing, ...objects]);
  return compile(view, inventory(devices, { stateDir: '/state', localVlans, metadataProxies: 'routers', ...given }));
}
const [local, shared] = [`qrouter-${routerId}`, `snat-${routerId}`];
const linksOf = ({ namespaces }: HostPlan, name: string) => namespaces.find((each) => each.name === name)?.links ?? [];

describe('a host that shares the centre of a distributed router', () => {
  it('settles in the namespace of the centre who has its addresses', async () => {
    const [watch, ...others] = planOf([floatingIp(21)]).routerWatches;
    expect(others).toEqual([]);
    expect(watch).toMatchObject({ name: routerId, namespace: shared });
    await expect(watch?.files.get('keepalived.conf')).toMatchFileSnapshot('golden/shared-centre.keepalived.conf');
  });

  it('gives the devices of the centre no address, whoever is active, and those of its own part all of theirs', () => {
    for (const states of [{}, active]) {
      const plan = planOf([], states);
      expect(linksOf(plan, shared).map(({ device, addresses, isShared }) => [device, addresses, isShared])).toEqual([
        ['sg-cccc0003-00', [], true],
        ['qg-cccc0019-00', [], true],
        ['ha-cccc0040-00', ['169.254.192.5/18'], true],
      ]);
      expect(linksOf(plan, local).map(({ device, addresses }) => [device, addresses])).toEqual([
        ['qr-cccc0001-00', ['10.0.0.1/24', 'fd00:1::1/64']],
      ]);
    }
  });

  it('serves its own instances whether it is active or not', () => {
    const [standing, acting] = [planOf([]), planOf([], active)];
    expect(standing.services.map(({ namespace }) => namespace)).toEqual([local]);
    expect(acting.services).toEqual(standing.services);
    expect(linksOf(acting, local)).toEqual(linksOf(standing, local));
  });

  it('speaks of floating IPs of the centre only where it is active, and translates them beforehand', () => {
    const [standing, acting] = [planOf([floatingIp(21)]), planOf([floatingIp(21)], active)];
    expect(standing.floatingIps).toEqual([]);
    expect(acting.floatingIps.map(({ namespace, floating }) => [namespace, floating])).toEqual([
      [shared, '172.24.4.21'],
    ]);
    expect(acting.netfilter).toEqual(standing.netfilter);
    expect(acting.translations).toEqual(standing.translations);
  });

  it('lets no device of the centre be heard without an address, and leaves those of its own part alone', () => {
    const flows = [...(planOf([]).flows.get('br-int')?.flows.values() ?? [])];
    const silencing = flows.filter(({ why }) => why.startsWith('stands by'));
    expect(silencing.map(({ of }) => of).toSorted()).toEqual([id('port', 3), id('port', 19)]);
  });

  it('settles it before there is a way out', () => {
    const plan = planOf([router({ ...sharing, gateways: [], snat_ports: [] })]);
    expect(plan.routerWatches.map(({ namespace }) => namespace)).toEqual([shared]);
    expect(linksOf(plan, shared).map(({ device }) => device)).toEqual(['ha-cccc0040-00']);
  });

  it('has nothing of the centre while it does not know its port among the hosts', () => {
    const view = viewOf(1, [...surroundings, ...behind, ...centre('alpha'), sharing]);
    const plan = compile(view, inventory(devices));
    expect(plan.routerWatches).toEqual([]);
    expect(plan.namespaces.map(({ name }) => name)).toEqual([local]);
  });
});

describe('a host that only carries its part of such a router', () => {
  it('leads to the centre, wherever that is active', () => {
    const view = viewOf(1, [...surroundings, ...behind, ...centre(''), port(19, { host: '' }), carrying]);
    const plan = compile(view, inventory(devices));
    expect(plan.routerWatches).toEqual([]);
    expect(plan.namespaces.map(({ name }) => name)).toEqual([local]);
    const routes = linksOf(plan, local).flatMap((link) => link.routes);
    expect(routes.map(({ destination, via }) => [destination, via])).toEqual([
      ['default', '10.0.0.3'],
      ['default', 'fd00:1::3'],
    ]);
  });
});
