import { admin, alice, bob, withApi } from '@neutronium/testkit/api';
import { expect, it } from 'vitest';

withApi((api) => {
  const path = (project: string): string => `/v2.0/auto-allocated-topology/${project}`;
  const ofAlice = async (plural: string) =>
    (await api.get(`/v2.0/${plural}?project_id=${alice.project}`, admin)).body[plural];

  it('is made once it is asked for, and the same from then on', async () => {
    const failure = async (query = '') => (await api.get(`${path('None')}${query}`, alice)).body.NeutronError.message;
    expect(await failure()).toBe('Deployment error: No default router:external network.');
    const outside = { 'router:external': true, is_default: true };
    const outsideId = (await api.post('/v2.0/networks', { network: outside }, admin)).body.network.id;
    const subnet = { network_id: outsideId, ip_version: 4, cidr: '172.24.4.0/24', enable_dhcp: false };
    await api.post('/v2.0/subnets', { subnet }, admin);
    expect(await failure()).toBe('Deployment error: Unable to provide tenant private network.');
    expect(await failure('?fields=dry-run')).toBe('Deployment error: No default subnetpools defined.');
    expect(await ofAlice('networks')).toEqual([]);
    for (const [prefix, length] of [
      ['10.128.0.0/20', 26],
      ['fd5a::/56', 64],
    ] as const) {
      const subnetpool = { name: 'p', prefixes: [prefix], default_prefixlen: length, is_default: true, shared: true };
      await api.post('/v2.0/subnetpools', { subnetpool }, admin);
    }
    expect((await api.get(`${path('None')}?fields=dry-run`, alice)).body.auto_allocated_topology).toMatchObject({
      id: 'dry-run=pass',
    });

    const { body } = await api.get(path('None'), alice);
    const [network] = await ofAlice('networks');
    expect(body).toEqual({
      auto_allocated_topology: { id: network.id, project_id: alice.project, tenant_id: alice.project },
    });
    expect(network).toMatchObject({ name: 'auto_allocated_network', admin_state_up: true });
    const subnets = await ofAlice('subnets');
    expect(subnets.map((each: { name: string }) => each.name).toSorted()).toEqual([
      'auto_allocated_subnet_v4',
      'auto_allocated_subnet_v6',
    ]);
    const [router] = await ofAlice('routers');
    expect(router).toMatchObject({
      name: 'auto_allocated_router',
      external_gateway_info: { network_id: outsideId },
    });
    const { ports } = (await api.get(`/v2.0/ports?device_id=${router.id}&network_id=${network.id}`, admin)).body;
    expect(ports).toHaveLength(2);
    expect((await api.get(path(alice.project), alice)).body).toEqual(body);
    expect(await ofAlice('networks')).toHaveLength(1);

    expect((await api.get(path(alice.project), bob)).body.NeutronError.type).toBe('NotAuthorized');
    expect((await api.get(path('null'), alice)).status).toBe(403);
    expect((await api.get(`${path('None')}?fields=id`, alice)).body.NeutronError.message).toBe(
      'Bad auto_allocate request: Unrecognized field.',
    );

    expect((await api.remove(path('None'), alice)).status).toBe(204);
    for (const plural of ['networks', 'subnets', 'routers']) expect(await ofAlice(plural)).toEqual([]);
    expect((await api.remove(path('None'), alice)).status).toBe(204);
  });

  it('is made anew after somebody has removed what it was made of', async () => {
    const first = (await api.get(path(bob.project), admin)).body.auto_allocated_topology.id;
    const ports = (await api.get(`/v2.0/ports?network_id=${first}&device_owner=network:router_interface`)).body.ports;
    for (const { id, device_id } of ports) {
      await api.put(`/v2.0/routers/${device_id}/remove_router_interface`, { port_id: id }, admin);
    }
    expect((await api.remove(`/v2.0/networks/${first}`, admin)).status).toBe(204);
    const second = (await api.get(path(bob.project), admin)).body.auto_allocated_topology.id;
    expect(second).not.toBe(first);
    const [{ id: routerId }] = (await api.get(`/v2.0/routers?project_id=${bob.project}`, admin)).body.routers;
    expect(routerId).toBeDefined();
    expect((await api.remove(path(bob.project), admin)).status).toBe(204);
  });
});
