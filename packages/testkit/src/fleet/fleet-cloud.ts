// A cloud of many hosts as records, written past the API: what a server has to keep in view when a thousand agents
// watch it. Each project has one VXLAN network whose ports are on about ten hosts, and a group that admits its members.

import { randomUUID } from 'node:crypto';
import { network } from '@neutronium/model/resources/network';
import { port, type PortRecord } from '@neutronium/model/resources/port';
import { securityGroup } from '@neutronium/model/resources/security-group';
import { securityGroupRule } from '@neutronium/model/resources/security-group-rule';
import { subnet } from '@neutronium/model/resources/subnet';
import { ip } from '@neutronium/net/ip';
import { serverContext } from '@neutronium/server/context';
import type { Store } from '@neutronium/server/store/store';
import { networkRecord, portRecord, ruleRecord, securityGroupRecord, subnetRecord } from '#records';

export interface FleetSize {
  readonly hosts: number;
  /** A multiple of ten: each host has a tenth of them from each of ten networks. */
  readonly portsPerHost: number;
}

/** A network with the hosts that have ports of it. */
export interface FleetNetwork {
  readonly id: string;
  readonly projectId: string;
  readonly groupId: string;
  readonly hosts: readonly string[];
}

const hostsPerNetwork = 10;

/** Networks whose records one transaction writes. */
const networksPerWrite = 10;

export function fleetHosts({ hosts }: FleetSize): readonly string[] {
  return Array.from({ length: hosts }, (_, index) => `host-${index}`);
}

/** Writes the cloud; gives back its networks, as many as there are hosts. */
export async function fillCloud(store: Store, size: FleetSize): Promise<readonly FleetNetwork[]> {
  const hosts = fleetHosts(size);
  const networks = hosts.map((_, index) => ({
    id: randomUUID(),
    projectId: randomUUID().replaceAll('-', ''),
    groupId: randomUUID(),
    hosts: hostsOfNetwork(hosts, index),
    segmentation_id: index + 1,
  }));
  for (let from = 0; from < networks.length; from += networksPerWrite) {
    await writeNetworks(store, networks.slice(from, from + networksPerWrite), size.portsPerHost / hostsPerNetwork);
  }
  return networks;
}

/**
 * Distances between squares repeat seldom, so that two hosts share one network or none and each has tunnels to ten times
 * as many hosts as one network reaches. In a small fleet a host may come twice, and has twice as many ports then.
 */
function hostsOfNetwork(hosts: readonly string[], index: number): readonly string[] {
  return Array.from({ length: hostsPerNetwork }, (_, step) => hosts[(index + step * step) % hosts.length] ?? '');
}

async function writeNetworks(
  store: Store,
  networks: readonly (FleetNetwork & { readonly segmentation_id: number })[],
  portsOnHost: number,
): Promise<void> {
  await store.write(serverContext('req-fleet'), async (writer) => {
    await writer.insert(
      network,
      networks.map(({ id, projectId: project_id, segmentation_id }) =>
        networkRecord({
          id,
          project_id,
          mtu: 1450,
          segments: [{ id: randomUUID(), network_type: 'vxlan', physical_network: null, segmentation_id }],
        }),
      ),
    );
    const subnets = networks.map(({ id, projectId: project_id }) =>
      subnetRecord({ network_id: id, project_id, enable_dhcp: false }),
    );
    await writer.insert(subnet, subnets);
    await writer.insert(
      securityGroup,
      networks.map(({ groupId: id, projectId: project_id }) =>
        securityGroupRecord({ id, project_id, name: 'default' }),
      ),
    );
    await writer.insert(securityGroupRule, networks.flatMap(defaultRules));
    await writer.insert(
      port,
      networks.flatMap((each, index) => portsOf(each, subnets[index]?.id ?? '', portsOnHost)),
    );
  });
}

/** As Neutron's: everything out, and members in. */
function defaultRules({ groupId: security_group_id, projectId: project_id }: FleetNetwork) {
  return (['IPv4', 'IPv6'] as const).flatMap((ethertype) => [
    ruleRecord({ security_group_id, project_id, ethertype, direction: 'egress' }),
    ruleRecord({ security_group_id, project_id, ethertype, remote_group_id: security_group_id }),
  ]);
}

function portsOf(
  { id: network_id, projectId: project_id, groupId, hosts }: FleetNetwork,
  subnet_id: string,
  portsOnHost: number,
): readonly PortRecord[] {
  return hosts.flatMap((host, place) =>
    Array.from({ length: portsOnHost }, (_, number) =>
      portRecord({
        network_id,
        project_id,
        status: 'ACTIVE',
        device_owner: 'compute:nova',
        device_id: randomUUID(),
        fixed_ips: [{ subnet_id, ip_address: ip(`10.0.0.${2 + place * portsOnHost + number}`) }],
        security_groups: [groupId],
        'binding:host_id': host,
        'binding:vif_type': 'ovs',
      }),
    ),
  );
}
