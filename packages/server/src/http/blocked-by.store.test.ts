// What is said to stand in the way, in every refusal that can say it, and to whom.

import { admin, alice, bob, withApi } from '@neutronium/testkit/api';
import { describe, expect, it } from 'vitest';

withApi((api) => {
  interface Made {
    readonly id: string;
    readonly fixed_ips: readonly { readonly ip_address: string }[];
  }
  const made = async (plural: string, name: string, body: object, as = alice): Promise<Made> => {
    const answer = await api.post(`/v2.0/${plural}`, { [name]: body }, as);
    expect(answer.body).toHaveProperty(name);
    return answer.body[name];
  };
  const network = (more: object = {}, as = alice) => made('networks', 'network', more, as);
  const subnet = (network_id: string, cidr: string, more: object = {}, as = alice) =>
    made('subnets', 'subnet', { network_id, ip_version: 4, cidr, ...more }, as);
  const port = (network_id: string, more: object = {}, as = alice) =>
    made('ports', 'port', { network_id, ...more }, as);
  const refused = async (answer: ReturnType<typeof api.get>, type: string) => {
    const { body } = await answer;
    expect(body.NeutronError).toMatchObject({ type, message: expect.any(String), detail: '' });
    const { blocked_by, blocked_by_others } = body.NeutronError;
    return { blocked_by, blocked_by_others };
  };
  const only = (resource: string, id: string, name = '') => ({
    blocked_by: [{ resource, id, name }],
    blocked_by_others: 0,
  });

  /** A router of alice with a way out and an interface to a port inside. */
  async function routed() {
    const outside = await network({ 'router:external': true }, admin);
    await subnet(outside.id, '172.24.4.0/24', { enable_dhcp: false }, admin);
    const inside = await network();
    const place = await subnet(inside.id, '10.0.0.0/24');
    const router = await made('routers', 'router', { external_gateway_info: { network_id: outside.id } });
    const added = await api.put(`/v2.0/routers/${router.id}/add_router_interface`, { subnet_id: place.id });
    return { outside, inside, place, router, interfacePort: added.body.port_id as string };
  }

  describe('what stands in the way', () => {
    it('of removing a network, a subnet or a security group are ports', async () => {
      const { id } = await network();
      const { id: subnetId } = await subnet(id, '10.0.0.0/24');
      const group = await made('security-groups', 'security_group', { name: 'g' });
      const user = await port(id, { name: 'web', security_groups: [group.id] });
      const expected = only('port', user.id, 'web');
      expect(await refused(api.remove(`/v2.0/networks/${id}`), 'NetworkInUse')).toEqual(expected);
      expect(await refused(api.remove(`/v2.0/subnets/${subnetId}`), 'SubnetInUse')).toEqual(expected);
      const ofGroup = api.remove(`/v2.0/security-groups/${group.id}`);
      expect(await refused(ofGroup, 'SecurityGroupInUse')).toEqual(expected);
    });

    it('of a port that is to have an address is the port that has it', async () => {
      const { id: network_id } = await network();
      await subnet(network_id, '10.0.0.0/24');
      const taken = { fixed_ips: [{ ip_address: '10.0.0.9' }], mac_address: 'fa:16:3e:00:00:09' };
      const holder = await port(network_id, taken);
      for (const [type, wish] of [
        ['IpAddressAlreadyAllocated', { fixed_ips: taken.fixed_ips }],
        ['MacAddressInUse', { mac_address: taken.mac_address }],
      ] as const) {
        const answer = api.post('/v2.0/ports', { port: { network_id, ...wish } }, admin);
        expect(await refused(answer, type)).toEqual(only('port', holder.id));
      }
    });

    it('of removing a router, its way out or an interface is what needs it', async () => {
      const { outside, inside, place, router, interfacePort } = await routed();
      const path = `/v2.0/routers/${router.id}`;
      expect(await refused(api.remove(path), 'RouterInUse')).toEqual(only('port', interfacePort));
      const ofRouter = only('router', router.id);
      expect(await refused(api.remove(`/v2.0/ports/${interfacePort}`), 'ServicePortInUse')).toEqual(ofRouter);
      const instance = await port(inside.id);
      const floating = await made('floatingips', 'floatingip', {
        floating_network_id: outside.id,
        port_id: instance.id,
      });
      const expected = only('floatingip', floating.id);
      const ungated = api.put(path, { router: { external_gateway_info: null } });
      expect(await refused(ungated, 'RouterExternalGatewayInUseByFloatingIp')).toEqual(expected);
      const unplugged = api.put(`${path}/remove_router_interface`, { subnet_id: place.id });
      expect(await refused(unplugged, 'RouterInterfaceInUseByFloatingIP')).toEqual(expected);
      const closed = api.put(`/v2.0/networks/${outside.id}`, { network: { 'router:external': false } }, admin);
      expect((await refused(closed, 'ExternalNetworkInUse')).blocked_by).toHaveLength(2);
    });

    it('of plugging a port again is the router that has it, and nothing that is an object where an instance does', async () => {
      const { inside, place, interfacePort, router } = await routed();
      const other = await made('routers', 'router', {});
      const plug = (port_id: string) => api.put(`/v2.0/routers/${other.id}/add_router_interface`, { port_id });
      expect(await refused(plug(interfacePort), 'PortInUse')).toEqual(only('router', router.id));
      const instance = await port(inside.id, { device_id: 'vm', fixed_ips: [{ subnet_id: place.id }] });
      expect(await refused(plug(instance.id), 'PortInUse')).toEqual({ blocked_by: [], blocked_by_others: 0 });
      const trunk = await made('trunks', 'trunk', { port_id: (await port(inside.id)).id });
      const added = api.put(`/v2.0/trunks/${trunk.id}/add_subports`, {
        sub_ports: [{ port_id: interfacePort, segmentation_type: 'vlan', segmentation_id: 5 }],
      });
      expect(await refused(added, 'PortInUse')).toEqual(only('router', router.id));
    });

    it('of ending a sharing is what others have by it, for those who may see that', async () => {
      const { id } = await network();
      const share = await made('rbac-policies', 'rbac_policy', {
        object_type: 'network',
        object_id: id,
        action: 'access_as_shared',
        target_tenant: bob.project,
      });
      const used = await port(id, { name: 'web' }, bob);
      await port(id, { name: "the owner's" });
      const path = `/v2.0/rbac-policies/${share.id}`;
      expect(await refused(api.remove(path, admin), 'RbacPolicyInUse')).toEqual(only('port', used.id, 'web'));
    });

    it('of ending a sharing is, for a policy and for a default way out, what has it', async () => {
      const policy = await made('qos/policies', 'policy', { shared: true }, admin);
      const user = await network({ qos_policy_id: policy.id, name: 'fast' }, bob);
      const unshared = api.put(`/v2.0/qos/policies/${policy.id}`, { policy: { shared: false } });
      expect(await refused(unshared, 'RbacPolicyInUse')).toEqual(only('network', user.id, 'fast'));
      const outside = await network({ 'router:external': true, is_default: true, name: 'out' }, admin);
      const found = await api.get(`/v2.0/rbac-policies?object_id=${outside.id}`);
      const share = found.body.rbac_policies[0].id;
      expect(await refused(api.remove(`/v2.0/rbac-policies/${share}`), 'RbacPolicyInUse')).toEqual(
        only('network', outside.id, 'out'),
      );
    });

    it('of a floating IP that forwards are its port forwardings', async () => {
      const { outside, inside, place } = await routed();
      const { id, fixed_ips } = await port(inside.id, { fixed_ips: [{ subnet_id: place.id }] });
      const floating = await made('floatingips', 'floatingip', { floating_network_id: outside.id });
      const path = `/v2.0/floatingips/${floating.id}`;
      const forwarding = await made(`floatingips/${floating.id}/port_forwardings`, 'port_forwarding', {
        protocol: 'tcp',
        external_port: 80,
        internal_port: 80,
        internal_port_id: id,
        internal_ip_address: fixed_ips[0]?.ip_address,
      });
      const expected = only('port_forwarding', forwarding.id);
      expect(await refused(api.remove(path), 'FipInUseByPortForwarding')).toEqual(expected);
    });

    it('of removing what is only named by others are those', async () => {
      const scope = await made('address-scopes', 'address_scope', { name: 's', ip_version: 4 });
      const pool = await made('subnetpools', 'subnetpool', {
        name: 'p',
        prefixes: ['10.9.0.0/16'],
        default_prefixlen: 24,
        address_scope_id: scope.id,
      });
      const ofScope = api.remove(`/v2.0/address-scopes/${scope.id}`);
      expect(await refused(ofScope, 'AddressScopeInUse')).toEqual(only('subnetpool', pool.id, 'p'));
      const { id: network_id } = await network();
      const cut = await made('subnets', 'subnet', { network_id, ip_version: 4, subnetpool_id: pool.id });
      const ofPool = api.remove(`/v2.0/subnetpools/${pool.id}`);
      expect(await refused(ofPool, 'SubnetPoolDeleteError')).toEqual(only('subnet', cut.id));
      const { address_group } = (await api.post('/v2.0/address-groups', { address_group: { name: 'a' } }, alice)).body;
      const { id: security_group_id } = await made('security-groups', 'security_group', { name: 'g' });
      const rule = await made('security-group-rules', 'security_group_rule', {
        security_group_id,
        direction: 'ingress',
        remote_address_group_id: address_group.id,
      });
      const ofGroup = api.remove(`/v2.0/address-groups/${address_group.id}`);
      expect(await refused(ofGroup, 'AddressGroupInUse')).toEqual(only('security_group_rule', rule.id));
      const policy = await made('qos/policies', 'policy', { name: 'q' }, admin);
      const governed = await network({ qos_policy_id: policy.id }, admin);
      const ofPolicy = api.remove(`/v2.0/qos/policies/${policy.id}`, admin);
      expect(await refused(ofPolicy, 'QosPolicyInUse')).toEqual(only('network', governed.id));
    });

    it('of a port that is in a trunk is the trunk', async () => {
      const { id: network_id } = await network();
      const [parent, child] = [await port(network_id), await port(network_id)];
      const trunk = await made('trunks', 'trunk', {
        port_id: parent.id,
        sub_ports: [{ port_id: child.id, segmentation_type: 'vlan', segmentation_id: 5 }],
      });
      const expected = only('trunk', trunk.id);
      const ofParent = api.remove(`/v2.0/ports/${parent.id}`);
      expect(await refused(ofParent, 'PortInUseAsTrunkParent')).toEqual(expected);
      expect(await refused(api.remove(`/v2.0/ports/${child.id}`), 'PortInUseAsSubPort')).toEqual(expected);
      const second = api.post('/v2.0/trunks', { trunk: { port_id: child.id } }, alice);
      expect(await refused(second, 'TrunkPortInUse')).toEqual(expected);
    });

    it('is counted where it is of others, and named to those who may see it', async () => {
      const group = await made('security-groups', 'security_group', { name: 'shared' });
      await made('rbac-policies', 'rbac_policy', {
        object_type: 'security_group',
        object_id: group.id,
        action: 'access_as_shared',
        target_tenant: bob.project,
      });
      const ofBob = await port((await network({}, bob)).id, { name: 'secret', security_groups: [group.id] }, bob);
      const path = `/v2.0/security-groups/${group.id}`;
      const answer = await api.remove(path, alice);
      expect(answer.body.NeutronError).toMatchObject({ blocked_by: [], blocked_by_others: 1 });
      expect(JSON.stringify(answer.body)).not.toContain(ofBob.id);
      const toAdmin = await refused(api.remove(path, admin), 'SecurityGroupInUse');
      expect(toAdmin).toEqual(only('port', ofBob.id, 'secret'));
    });
  });

  it('is not told of refusals that nothing else is the reason of', async () => {
    const { body } = await api.remove('/v2.0/networks/nosuch');
    expect(Object.keys(body.NeutronError)).toEqual(['type', 'message', 'detail']);
  });
});
