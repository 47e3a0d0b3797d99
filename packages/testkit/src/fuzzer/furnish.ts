// Objects that requests made up at random would seldom bring about together, so that more can be asked about.

import { admin, service, type Caller, type Requests } from '../api.ts';
import type { World } from './world.ts';

interface Created {
  readonly id?: string;
  /** Of a binding. */
  readonly host?: string;
  readonly project_id?: string;
}

/** Gives each of the projects a network with ports, a router with a way out and what else things stand on. */
export async function furnish(api: Requests, world: World, projects: readonly Caller[]): Promise<void> {
  const create = async (
    plural: string,
    path: string,
    body: Readonly<Record<string, object>>,
    within?: readonly [plural: string, id: string, project: string],
  ): Promise<string> => {
    const answer = await api.request('POST', `/v2.0/${path}`, { as: plural === 'bindings' ? service : admin, body });
    // Some things there can be only so many of.
    if (answer.status !== 201) return '';
    // One object under its name, as the API promises.
    const [created] = Object.values(answer.body as Readonly<Record<string, Created>>);
    if (created === undefined) return '';
    const { id = created.host ?? '', project_id: project = within?.[2] } = created;
    world.add(plural, { id, project, ...(within === undefined ? {} : { within: new Map([[within[0], within[1]]]) }) });
    return id;
  };
  const external = await create('networks', 'networks', { network: { 'router:external': true, shared: true } });
  const outside = { network_id: external, ip_version: 4, cidr: '203.0.113.0/24', enable_dhcp: false };
  await create('subnets', 'subnets', { subnet: outside });
  for (const { project: project_id } of projects) {
    const network_id = await create('networks', 'networks', { network: { project_id } });
    await create('subnets', 'subnets', { subnet: { project_id, network_id, ip_version: 4, cidr: '10.64.0.0/20' } });
    await create('subnets', 'subnets', { subnet: { project_id, network_id, ip_version: 6, cidr: 'fd00:64::/64' } });
    await create('security_groups', 'security-groups', { security_group: { project_id, name: 'furnished' } });
    const instance = {
      project_id,
      network_id,
      device_owner: 'compute:nova',
      device_id: 'instance',
      'binding:host_id': 'host',
    };
    const instancePort = await create('ports', 'ports', { port: instance });
    await create('bindings', `ports/${instancePort}/bindings`, { binding: { host: 'web' } }, [
      'ports',
      instancePort,
      project_id,
    ]);
    const port_id = await create('ports', 'ports', { port: { project_id, network_id } });
    const router = { project_id, external_gateway_info: { network_id: external } };
    const routerId = await create('routers', 'routers', { router });
    const inner = await create('ports', 'ports', { port: { project_id, network_id } });
    await api.put(`/v2.0/routers/${routerId}/add_router_interface`, { port_id: inner });
    const floatingip = { project_id, floating_network_id: external };
    await create('floatingips', 'floatingips', { floatingip: { ...floatingip, port_id } });
    const forwarding = await create('floatingips', 'floatingips', { floatingip });
    const behind = await create('ports', 'ports', { port: { project_id, network_id, fixed_ips: [{ ip_address }] } });
    await create(
      'port_forwardings',
      `floatingips/${forwarding}/port_forwardings`,
      {
        port_forwarding: {
          protocol: 'tcp',
          external_port: 2222,
          internal_port: 22,
          internal_port_id: behind,
          internal_ip_address: ip_address,
        },
      },
      ['floatingips', forwarding, project_id],
    );
    await create(
      'conntrack_helpers',
      `routers/${routerId}/conntrack_helpers`,
      { conntrack_helper: { protocol: 'udp', port: 69, helper: 'tftp' } },
      ['routers', routerId, project_id],
    );
    const parent = await create('ports', 'ports', { port: { project_id, network_id } });
    await create('trunks', 'trunks', { trunk: { project_id, port_id: parent } });
    const policyId = await create('policies', 'qos/policies', { policy: { project_id, name: 'furnished' } });
    for (const [kind, rule] of rules) {
      const id = await create(`${kind}s`, `qos/policies/${policyId}/${kind}s`, { [kind]: rule }, [
        'policies',
        policyId,
        project_id,
      ]);
      world.add(`alias_${kind}s`, { id, project: project_id });
    }
    const address_scope_id = await create('address_scopes', 'address-scopes', {
      address_scope: { project_id, name: 'furnished', ip_version: 4 },
    });
    await create('subnetpools', 'subnetpools', {
      subnetpool: { project_id, name: 'furnished', prefixes: ['10.128.0.0/12'], address_scope_id },
    });
  }
}

/** Of the port behind a port forwarding. */
const ip_address = '10.64.0.77';

const rules = [
  ['bandwidth_limit_rule', { max_kbps: 1000 }],
  ['dscp_marking_rule', { dscp_mark: 10 }],
  ['minimum_bandwidth_rule', { min_kbps: 1000 }],
  ['minimum_packet_rate_rule', { min_kpps: 10 }],
] as const;
