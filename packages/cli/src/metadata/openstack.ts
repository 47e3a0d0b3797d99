// Metadata in OpenStack's own form: JSON documents, named by version (Nova: metadata service, network data schema).

import { cidr, netmask, prefixLength } from '@neutronium/net/cidr';
import type { InstanceAddress, InstancePort, InstanceRecord } from './instance-record.ts';
import { branch, bytesLeaf, jsonLeaf } from './tree.ts';
import type { Branch, Tree } from './tree.ts';

/** The versions that Nova lists, with the documents that each brought. */
const versions: readonly { readonly version: string; readonly brought: readonly string[] }[] = [
  { version: '2012-08-10', brought: ['meta_data.json', 'user_data'] },
  { version: '2013-04-04', brought: [] },
  { version: '2013-10-17', brought: ['vendor_data.json'] },
  { version: '2015-10-15', brought: ['network_data.json'] },
  { version: '2016-06-30', brought: [] },
  { version: '2016-10-06', brought: ['vendor_data2.json'] },
  { version: '2017-02-22', brought: [] },
  { version: '2018-08-27', brought: [] },
  { version: '2020-10-14', brought: [] },
  { version: 'latest', brought: [] },
];

/** What is below `/openstack`. */
export function openstackTree(record: InstanceRecord): Branch {
  const documents = new Map<string, Tree>([
    ['meta_data.json', jsonLeaf(metaData(record))],
    ['vendor_data.json', jsonLeaf({})],
    ['network_data.json', jsonLeaf(networkData(record))],
    ['vendor_data2.json', jsonLeaf({})],
  ]);
  if (record.user_data !== null) documents.set('user_data', bytesLeaf(record.user_data));
  const there = new Map<string, Tree>();
  return branch(
    versions.map(({ version, brought }) => {
      for (const name of brought) {
        const document = documents.get(name);
        if (document !== undefined) there.set(name, document);
      }
      return [version, branch(there, version)] as const;
    }),
  );
}

function metaData({ uuid, name, project_id, keys }: InstanceRecord): Readonly<Record<string, unknown>> {
  return {
    uuid,
    name,
    hostname: name,
    availability_zone: 'nova',
    launch_index: 0,
    project_id,
    devices: [],
    ...(keys.length > 0 && {
      public_keys: Object.fromEntries(keys.map((each) => [each.name, each.key])),
      keys: keys.map((each) => ({ name: each.name, type: 'ssh', data: each.key })),
    }),
  };
}

function networkData({ ports }: InstanceRecord): Readonly<Record<string, unknown>> {
  const servers = new Set(ports.flatMap(({ addresses }) => addresses.flatMap((address) => address.dns_nameservers)));
  const networks = ports.flatMap((port) => port.addresses.map((address) => ({ port, address })));
  return {
    links: ports.map((port) => ({
      id: linkOf(port),
      vif_id: port.id,
      type: 'ovs',
      mtu: port.mtu,
      ethernet_mac_address: port.mac_address,
    })),
    networks: networks.map(({ port, address }, index) => ({
      id: `network${index}`,
      link: linkOf(port),
      network_id: port.network_id,
      ...addressing(address),
    })),
    services: [...servers].map((address) => ({ type: 'dns', address })),
  };
}

function linkOf({ id }: InstancePort): string {
  return `tap${id}`.slice(0, 14);
}

/** How the instance comes by its address: from DHCP in IPv4, else it may set it itself, knowing what the subnet says. */
function addressing(address: InstanceAddress): Readonly<Record<string, unknown>> {
  const { ip_version: version, ipv6_address_mode: mode, dns_nameservers: servers } = address;
  if (version === 4 && address.enable_dhcp) return { type: 'ipv4_dhcp' };
  const subnet = cidr(address.cidr);
  return {
    type: mode === null ? `ipv${version}` : `ipv6_${mode}`,
    ip_address: version === 4 ? address.ip_address : `${address.ip_address}/${prefixLength(subnet)}`,
    ...(version === 4 && { netmask: netmask(subnet) }),
    routes: [
      ...(address.gateway_ip === null ? [] : [route(version === 4 ? '0.0.0.0/0' : '::/0', address.gateway_ip)]),
      ...address.host_routes.map(({ destination, nexthop }) => route(destination, nexthop)),
    ],
    services: servers.map((server) => ({ type: 'dns', address: server })),
  };
}

function route(destination: string, gateway: string): Readonly<Record<string, string>> {
  const prefix = cidr(destination);
  const [network = ''] = prefix.split('/');
  return { network, netmask: netmask(prefix), gateway };
}
