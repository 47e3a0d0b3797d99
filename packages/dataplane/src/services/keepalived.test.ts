import type { HostObject } from '@neutronium/model/host-view';
import { viewOf } from '@neutronium/model/host-view';
import { cidr } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import { describe, expect, it } from 'vitest';
import { compile } from '../compile.ts';
import { devicesFile, type HostPlan, type Inventory, type ServicePlan } from '../host-plan.ts';
import { floatingIp, haObjects, haRouter, routerId, surroundings } from '../routers/sample-router.ts';
import { id, inventory, plugged, port, subnet } from '../sample-host.ts';

const devices = [plugged(1, 11), plugged(19, 12), plugged(40, 13)];

function planOf(objects: readonly HostObject[], given: Partial<Inventory> = {}): HostPlan {
  const localVlans = new Map([1, 4, 9].map((digits) => [id('network', digits), digits]));
  const view = viewOf(1, [...surroundings, ...haObjects, haRouter, ...objects]);
  return compile(view, inventory(devices, { stateDir: '/state', localVlans, ...given }));
}

function watchOf(objects: readonly HostObject[], given: Partial<Inventory> = {}): ServicePlan {
  const [watch] = planOf(objects, given).routerWatches;
  if (watch === undefined) throw new Error('nothing settles where the router is active');
  return watch;
}

const active = { haStates: new Map([[routerId, 'active' as const]]) };

describe('keepalived of a highly available router', () => {
  it('is told this', async () => {
    const text = watchOf([floatingIp(21)]).files.get('keepalived.conf');
    await expect(text).toMatchFileSnapshot('golden/keepalived.conf');
  });

  it('is told the same wherever the router is active', () => {
    expect(watchOf([], active)).toEqual(watchOf([]));
  });

  it('is found by its pid file, and says in a file beside it what becomes of the router', () => {
    const folder = `/state/ha_confs/${routerId}`;
    const { args, files, ...more } = watchOf([]);
    expect(more).toMatchObject({ name: routerId, namespace: `qrouter-${routerId}`, program: 'keepalived' });
    expect(args).toContain(`${folder}/pid`);
    expect(files.get('notify')).toContain(`mv ${folder}/state.new ${folder}/state\n`);
  });

  it('does not begin before this host can hear the others', () => {
    const deaf = planOf([], { plugged: new Map(devices.slice(0, 2).map((each) => [each.portId, each])) });
    expect(deaf.routerWatches).toEqual([]);
  });

  it('is told which devices it sets up, so that one made anew is known', () => {
    expect(watchOf([]).files.get(devicesFile)).toBe('ha-cccc0040-00 13\nqr-cccc0001-00 11\nqg-cccc0019-00 12\n');
  });

  it('has an address of its own that is on no network of the router', () => {
    const taken = subnet(1, { cidr: cidr('169.254.0.0/24') });
    const inside = port(1, { fixed_ips: [{ subnet_id: taken.id, ip_address: ip('169.254.0.1') }] });
    expect(watchOf([taken, inside]).files.get('keepalived.conf')).toContain('169.254.1.7/24 dev ha-cccc0040-00\n');
  });
});

describe('a host that shares a router', () => {
  it('gives no device an address but the one by which it hears the others', () => {
    for (const states of [{}, active]) {
      const links = planOf([], states).namespaces.flatMap((namespace) => namespace.links);
      expect(links.map(({ device, addresses, isShared }) => [device, addresses, isShared])).toEqual([
        ['qr-cccc0001-00', [], true],
        ['qg-cccc0019-00', [], true],
        ['ha-cccc0040-00', ['169.254.192.5/18'], true],
      ]);
    }
  });

  it('answers for metadata and speaks of floating IPs only where it is active', () => {
    const given = { metadataProxies: 'routers' } as const;
    const [standing, acting] = [planOf([floatingIp(21)], given), planOf([floatingIp(21)], { ...given, ...active })];
    expect(standing.services).toEqual([]);
    expect(acting.services.map(({ program }) => program)).toEqual(['haproxy']);
    expect([standing, acting].map((plan) => plan.floatingIps.length)).toEqual([0, 1]);
  });

  it('translates and filters alike wherever the router is active', () => {
    expect(planOf([floatingIp(21)], active).netfilter).toEqual(planOf([floatingIp(21)]).netfilter);
  });

  it('has nothing of a router whose port among the hosts it does not know', () => {
    const view = viewOf(1, [...surroundings, haRouter]);
    const plan = compile(view, inventory(devices));
    expect([plan.namespaces, plan.routerWatches]).toEqual([[], []]);
  });

  it('lets devices say nothing without an address', () => {
    const flows = [...(planOf([]).flows.get('br-int')?.flows.values() ?? [])];
    const silencing = flows.filter(({ why }) => why.startsWith('stands by'));
    expect(silencing.map(({ of }) => of).toSorted()).toEqual([id('port', 1), id('port', 19)]);
  });
});
