// One more object of every kind that there can be any number of, as often as a test asks: for tests of what must not
// depend on how much there is. Everything that a project can have is alice's.

import { randomUUID } from 'node:crypto';
import { renderTimestamp } from '@neutronium/model/kinds/timestamp';
import { agent } from '@neutronium/model/resources/agent';
import { serverContext } from '@neutronium/server/context';
import type { Store } from '@neutronium/server/store/store';
import { admin, alice, type Caller, type Requests } from './api.ts';
import { agentRecord } from './records.ts';

/** The objects whose parts are collections of their own, by the name that stands in paths. */
export type Owners = Readonly<Record<'port_id' | 'policy_id' | 'floatingip_id' | 'router_id' | 'local_ip_id', string>>;

/** Quotas that are in the way, and VXLAN networks to have. */
export const everythingSettings = {
  'quotas.default_quota': '-1',
  ...Object.fromEntries(
    ['network', 'subnet', 'port', 'router', 'security_group', 'security_group_rule', 'rbac_policy'].map((kind) => [
      `quotas.${kind}`,
      '-1',
    ]),
  ),
  'networks.tenant_network_types': 'vxlan',
  'networks.vni_ranges': '1:999',
};

export class Everything {
  readonly owners: Owners;
  readonly #api: Requests;
  readonly #store: Store;
  readonly #ndp: { readonly routerId: string; readonly networkId: string };
  readonly #forwarded: { readonly internal_port_id: string; readonly internal_ip_address: string };
  #number = 0;

  private constructor(parts: {
    readonly api: Requests;
    readonly store: Store;
    readonly owners: Owners;
    readonly ndp: { readonly routerId: string; readonly networkId: string };
    readonly forwarded: { readonly internal_port_id: string; readonly internal_ip_address: string };
  }) {
    this.#api = parts.api;
    this.#store = parts.store;
    this.owners = parts.owners;
    this.#ndp = parts.ndp;
    this.#forwarded = parts.forwarded;
  }

  /** Makes what has parts. `store` is another opening of the server's database: agents make themselves known there. */
  static async start(api: Requests, store: Store): Promise<Everything> {
    await addHost(store, 'host-0');
    const make = makerOf(api);
    const outside = await make('networks', 'network', { 'router:external': true }, admin);
    await make('subnets', 'subnet', { network_id: outside.id, ...v4('172.24.0.0/16'), enable_dhcp: false }, admin);
    const inside = await make('networks', 'network', {});
    const subnet = await make('subnets', 'subnet', { network_id: inside.id, ...v4('10.1.0.0/16') });
    const gateway = { external_gateway_info: { network_id: outside.id } };
    const router = await make('routers', 'router', gateway);
    await api.put(`/v2.0/routers/${router.id}/add_router_interface`, { subnet_id: subnet.id }, alice);
    const host = { device_owner: 'compute:nova', 'binding:host_id': 'host-0', project_id: alice.project };
    const port = await make('ports', 'port', { network_id: inside.id, ...host }, admin);
    const [address] = port.fixed_ips ?? [];
    const localIp = await make('local_ips', 'local_ip', { network_id: inside.id });
    const floatingip = await make('floatingips', 'floatingip', { floating_network_id: outside.id });
    const policy = await make('qos/policies', 'policy', { project_id: alice.project }, admin);
    await rulesOfEachSort(api, policy.id);
    return new Everything({
      api,
      store,
      owners: {
        port_id: port.id,
        policy_id: policy.id,
        floatingip_id: floatingip.id,
        router_id: router.id,
        local_ip_id: localIp.id,
      },
      ndp: await ndpRouter(api),
      forwarded: { internal_port_id: port.id, internal_ip_address: address?.ip_address ?? '' },
    });
  }

  /** Makes one more of each. */
  async more(): Promise<void> {
    this.#number += 1;
    const number = this.#number;
    const make = makerOf(this.#api);
    await addHost(this.#store, `host-${number}`);
    const network = await make('networks', 'network', { name: `n${number}` });
    const subnet = await make('subnets', 'subnet', { network_id: network.id, ...v4('10.0.0.0/24') });
    // One that nothing uses.
    const empty = await make('networks', 'network', {});
    await make('subnets', 'subnet', { network_id: empty.id, ...v4('10.3.0.0/24'), enable_dhcp: false });
    const wire = { 'provider:network_type': 'vxlan', 'provider:segmentation_id': 5000 + number };
    const wired = await make('networks', 'network', wire, admin);
    await make('segments', 'segment', { ...segmentOf(6000 + number), network_id: wired.id }, admin);
    const range = { network_type: 'vxlan', minimum: 10_000 + 10 * number, maximum: 10_005 + 10 * number };
    await make('network_segment_ranges', 'network_segment_range', { ...range, shared: true }, admin);
    await this.#morePorts(network.id);
    await this.#moreRouting(number, subnet.id);
    await this.#moreRules(number, network.id);
    await this.#moreOfOperators(number);
  }

  async #morePorts(network_id: string): Promise<void> {
    const make = makerOf(this.#api);
    const parent = await make('ports', 'port', { network_id });
    const sub = await make('ports', 'port', { network_id });
    const sub_ports = [{ port_id: sub.id, segmentation_type: 'vlan', segmentation_id: 7 }];
    await make('trunks', 'trunk', { port_id: parent.id, sub_ports });
    // One that nothing uses.
    await make('ports', 'port', { network_id });
    await make('local_ips', 'local_ip', { network_id });
    await make(`local_ips/${this.owners.local_ip_id}/port_associations`, 'port_association', { fixed_port_id: sub.id });
    const service = { project: admin.project, roles: ['admin', 'service'] };
    const bindings = `ports/${this.owners.port_id}/bindings`;
    await make(bindings, 'binding', { host: `host-${this.#number}` }, service);
  }

  async #moreRouting(number: number, subnet_id: string): Promise<void> {
    const make = makerOf(this.#api);
    const outside = await make('networks', 'network', { 'router:external': true }, admin);
    const cidr = `172.25.${number}.0/24`;
    await make('subnets', 'subnet', { network_id: outside.id, ...v4(cidr), enable_dhcp: false }, admin);
    const router = await make('routers', 'router', { external_gateway_info: { network_id: outside.id } });
    await this.#api.put(`/v2.0/routers/${router.id}/add_router_interface`, { subnet_id }, alice);
    // One that nothing uses.
    await make('routers', 'router', { name: `r${number}` });
    await make('floatingips', 'floatingip', { floating_network_id: outside.id });
    const forwarding = { protocol: 'tcp', external_port: number, internal_port: number, ...this.#forwarded };
    await make(`floatingips/${this.owners.floatingip_id}/port_forwardings`, 'port_forwarding', forwarding);
    const helper = { protocol: 'tcp', port: number, helper: 'ftp' };
    await make(`routers/${this.owners.router_id}/conntrack_helpers`, 'conntrack_helper', helper, admin);
    const { routerId: router_id, networkId: network_id } = this.#ndp;
    const { id: port_id } = await make('ports', 'port', { network_id });
    await make('ndp_proxies', 'ndp_proxy', { router_id, port_id });
    await make('address_scopes', 'address_scope', { name: `s${number}`, ip_version: 4 });
    await make('subnetpools', 'subnetpool', { name: `p${number}`, prefixes: [`10.${number}.0.0/16`] });
  }

  async #moreRules(number: number, network_id: string): Promise<void> {
    const make = makerOf(this.#api);
    const group = await make('security_groups', 'security_group', { name: `g${number}` });
    const tcp = { direction: 'ingress', protocol: 'tcp', port_range_min: number, port_range_max: number };
    await make('security_group_rules', 'security_group_rule', { security_group_id: group.id, ...tcp });
    const template = { ...tcp, used_in_default_sg: false, used_in_non_default_sg: false };
    await make('default_security_group_rules', 'default_security_group_rule', template, admin);
    const setting = { project_id: `project-${number}`, stateful: true };
    const ofGroups = 'security_groups_default_statefulness';
    await make(ofGroups, ofGroups, setting, admin);
    await make('address_groups', 'address_group', { name: `a${number}`, addresses: ['192.0.2.0/24', '192.0.3.0/24'] });
    const shared = { object_type: 'network', object_id: network_id, action: 'access_as_shared' };
    await make('rbac_policies', 'rbac_policy', { ...shared, target_tenant: 'bob-project' });
    const policy = await make('qos/policies', 'policy', { project_id: alice.project }, admin);
    await make(`qos/policies/${policy.id}/bandwidth_limit_rules`, 'bandwidth_limit_rule', { max_kbps: 100 }, admin);
    await make(`qos/policies/${policy.id}/dscp_marking_rules`, 'dscp_marking_rule', { dscp_mark: 10 }, admin);
  }

  async #moreOfOperators(number: number): Promise<void> {
    const make = makerOf(this.#api);
    await make('service_profiles', 'service_profile', { metainfo: `of no flavor ${number}` }, admin);
    const profile = await make('service_profiles', 'service_profile', { metainfo: `m${number}` }, admin);
    const flavor = await make('flavors', 'flavor', { name: `f${number}`, service_type: 'L3_ROUTER_NAT' }, admin);
    await this.#api.post(`/v2.0/flavors/${flavor.id}/service_profiles`, { service_profile: { id: profile.id } });
    const label = await make('metering/metering_labels', 'metering_label', { name: `l${number}` }, admin);
    const metered = { metering_label_id: label.id, remote_ip_prefix: `10.${number}.0.0/16`, direction: 'ingress' };
    await make('metering/metering_label_rules', 'metering_label_rule', metered, admin);
    await make('log/logs', 'log', { name: `g${number}`, resource_type: 'security_group' }, admin);
    await this.#api.put(`/v2.0/quotas/project-${number}`, { quota: { network: 7, port: 8 } });
  }
}

interface Made {
  readonly id: string;
  readonly fixed_ips?: readonly { readonly ip_address: string }[];
}

/** Creates one object of a collection and gives it back; throws when the API refuses. */
function makerOf(api: Requests) {
  return async (path: string, name: string, attributes: object, as: Caller = alice): Promise<Made> => {
    const { status, body } = await api.post(`/v2.0/${path}`, { [name]: attributes }, as);
    if (status !== 201) throw new Error(`making a ${name}: ${status} ${JSON.stringify(body)}`);
    return body[name];
  };
}

/** A policy can have one of each sort and direction. */
async function rulesOfEachSort(api: Requests, policyId: string): Promise<void> {
  const make = makerOf(api);
  const rules = [
    ['bandwidth_limit_rule', { max_kbps: 1000, max_burst_kbps: 100, direction: 'egress' }],
    ['dscp_marking_rule', { dscp_mark: 10 }],
    ['minimum_bandwidth_rule', { min_kbps: 10, direction: 'egress' }],
    ['minimum_packet_rate_rule', { min_kpps: 10, direction: 'egress' }],
    ['packet_rate_limit_rule', { max_kpps: 100, max_burst_kpps: 10, direction: 'egress' }],
  ] as const;
  for (const [name, rule] of rules) await make(`qos/policies/${policyId}/${name}s`, name, rule, admin);
}

/** What switches and routes on one more host, which is a zone of its own. */
async function addHost(store: Store, host: string): Promise<void> {
  const configurations = { tunnel_types: ['vxlan'], tunneling_ip: '192.168.0.1' };
  const agents = (['Open vSwitch agent', 'L3 agent'] as const).map((agent_type) =>
    agentRecord({
      id: randomUUID(),
      agent_type,
      host,
      availability_zone: `zone of ${host}`,
      heartbeat_timestamp: renderTimestamp(new Date()),
      configurations,
    }),
  );
  await store.write(serverContext('req-agents'), (writer) => writer.insert(agent, agents));
}

/** A router that answers for addresses of IPv6, and the network whose ports have them. */
async function ndpRouter(api: Requests): Promise<{ readonly routerId: string; readonly networkId: string }> {
  const make = makerOf(api);
  const scope = await make('address_scopes', 'address_scope', { name: 's', ip_version: 6, shared: true }, admin);
  const pool = async (prefix: string): Promise<string> => {
    const more = { prefixes: [prefix], default_prefixlen: 64, address_scope_id: scope.id, shared: true };
    return (await make('subnetpools', 'subnetpool', { name: 'p', ...more }, admin)).id;
  };
  const v6 = async (prefix: string) => ({ ip_version: 6, subnetpool_id: await pool(prefix) });
  const outside = await make('networks', 'network', { 'router:external': true }, admin);
  const above = await v6('2001:db8:1::/48');
  await make('subnets', 'subnet', { network_id: outside.id, ...above, enable_dhcp: false }, admin);
  const inside = await make('networks', 'network', {});
  const below = await v6('2001:db8:2::/48');
  const slaac = { ipv6_ra_mode: 'slaac', ipv6_address_mode: 'slaac' };
  const subnet = await make('subnets', 'subnet', { network_id: inside.id, ...below, ...slaac });
  const gateway = { external_gateway_info: { network_id: outside.id }, enable_ndp_proxy: true };
  const router = await make('routers', 'router', gateway);
  await api.put(`/v2.0/routers/${router.id}/add_router_interface`, { subnet_id: subnet.id }, alice);
  return { routerId: router.id, networkId: inside.id };
}

function v4(cidr: string): { readonly ip_version: 4; readonly cidr: string } {
  return { ip_version: 4, cidr };
}

function segmentOf(segmentation_id: number): object {
  return { network_type: 'vxlan', segmentation_id };
}
