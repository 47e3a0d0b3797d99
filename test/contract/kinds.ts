// The resources that sequences are about, with what lists of them are asked for.

import { catalogue } from '@neutronium/model/catalogue';
import fc from 'fast-check';
import * as bodies from './bodies.ts';
import * as security from './security-bodies.ts';

export interface Kind {
  readonly kind: string;
  readonly plural: string;
  /** What references to its objects are called. */
  readonly labels: readonly string[];
  readonly change: fc.Arbitrary<object>;
  /** Queries of lists. */
  readonly queries: readonly string[];
}

/** Of every resource. */
export const commonQueries: readonly string[] = [
  '',
  'name=a',
  'name=a&name=b',
  'name=',
  'description=',
  'description=some%20words',
  'tags=red',
  'tags=red,blue',
  'tags-any=red,blue',
  'not-tags=red,blue',
  'not-tags-any=red',
  'tags=',
  'fields=id',
  'fields=name&fields=nosuch',
  'fields=id,name',
  'fields=nosuch',
  'fields=tenant_id',
  'colour=red',
  'id=rubbish',
  'limit=-1',
  'limit=x',
  'limit=0',
  'limit=1&marker=00000000-0000-4000-8000-000000000001',
  'sort_key=name',
  'sort_key=colour&sort_dir=asc',
  'sort_key=name&sort_dir=sideways',
  'changed_since=2020-01-01T00:00:00Z',
  'tenant_id=nobody',
];

export const kinds: readonly Kind[] = [
  {
    kind: 'network',
    plural: 'networks',
    labels: ['network', 'pooled', 'provided'],
    change: bodies.networkChange,
    queries: [
      'shared=true',
      'shared=0',
      'router:external=true',
      'admin_state_up=bogus',
      'admin_state_up=false',
      'status=ACTIVE',
      'mtu=1400',
      'mtu=x',
      'provider:network_type=vlan',
      'provider:physical_network=physnet2',
      'provider:segmentation_id=150',
      'id=$network.0&id=$network.1',
      'subnets=$subnet.0',
    ],
  },
  {
    kind: 'subnet',
    plural: 'subnets',
    labels: ['subnet', 'pooled-subnet'],
    change: bodies.subnetChange,
    queries: [
      'ip_version=4',
      'ip_version=x',
      'cidr=10.1.0.0/24',
      'cidr=x',
      'enable_dhcp=maybe',
      'enable_dhcp=true',
      'network_id=$network.0',
      'network_id=',
      'gateway_ip=10.1.0.1',
      'gateway_ip=',
      'subnetpool_id=$subnetpool.0',
      'ipv6_ra_mode=slaac',
      'shared=true',
      'fields=cidr&fields=nosuch',
      'service_types=compute:nova',
      'dns_nameservers=8.8.8.8',
    ],
  },
  {
    kind: 'port',
    plural: 'ports',
    labels: ['port'],
    change: bodies.portChange,
    queries: [
      'device_id=device',
      'device_id=',
      'device_owner=compute:',
      'device_owner=compute:nova',
      'fixed_ips=ip_address=10.7.0.10',
      'fixed_ips=ip_address=10.7.0.10&fixed_ips=ip_address=10.7.0.11',
      'fixed_ips=ip_address_substr=10.7.0.1',
      'fixed_ips=subnet_id=$pooled-subnet.0',
      'fixed_ips=subnet_id=$pooled-subnet.0&fixed_ips=ip_address=10.7.0.10',
      'fixed_ips=foo',
      'fixed_ips=colour=red',
      'status=DOWN',
      'mac_address=FA:16:3E:00:00:01',
      'network_id=$pooled.0',
      'binding:host_id=',
      'binding:vnic_type=normal',
      'ip_allocation=none',
      'admin_state_up=True',
    ],
  },
  {
    kind: 'subnetpool',
    plural: 'subnetpools',
    labels: ['subnetpool'],
    change: bodies.subnetpoolChange,
    queries: ['shared=true', 'is_default=false', 'ip_version=6', 'min_prefixlen=8', 'default_quota=256', 'prefixes=x'],
  },
  {
    kind: 'security_group',
    plural: 'security_groups',
    labels: ['security_group'],
    change: security.securityGroupChange,
    queries: ['name=default', 'shared=true', 'shared=False', 'stateful=true', 'fields=security_group_rules'],
  },
  {
    kind: 'security_group_rule',
    plural: 'security_group_rules',
    labels: ['security_group_rule'],
    change: fc.constant({}),
    queries: [
      'security_group_id=$security_group.0',
      'direction=ingress',
      'direction=sideways',
      'ethertype=ipv6',
      'ethertype=ipv5',
      'protocol=tcp',
      'protocol=nonsense',
      'port_range_min=22',
      'port_range_max=x',
      'remote_ip_prefix=10.7.0.0/24',
      'remote_ip_prefix=x',
      'normalized_cidr=10.7.0.0/24',
      'remote_group_id=$security_group.0',
      'remote_address_group_id=$address_group.0',
      'sort_key=direction&sort_dir=asc&direction=egress&fields=direction',
    ],
  },
  {
    kind: 'address_group',
    plural: 'address_groups',
    labels: ['address_group'],
    change: security.addressGroupChange,
    queries: ['shared=true', 'addresses=10.7.0.0/24'],
  },
  {
    kind: 'rbac_policy',
    plural: 'rbac_policies',
    labels: ['rbac_policy'],
    change: security.rbacPolicyChange,
    queries: [
      'object_type=network',
      'object_type=nonsense',
      'object_id=$network.0',
      'action=access_as_shared',
      'target_tenant=*',
      'target_tenant=$project(stranger)',
      'fields=object_type&fields=action',
    ],
  },
];

export function isTagged({ kind }: Kind): boolean {
  return catalogue.some(({ name, tagged }) => name === kind && tagged);
}
