// What goes by a highly available router in every way of IPv4 - translated, by a floating IP, between networks - is back
// soon after another host has taken over, on networks of VLANs as on those that tunnels carry.

import { haRoles, untilActive } from '@neutronium/testkit/lab/ha-roles';
import { addInstances, type LabInstance } from '@neutronium/testkit/lab/lab-instances';
import { renderSuffered, watchTraffic, type Call, type Place } from '@neutronium/testkit/lab/watched-traffic';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { advertInt, HaLab, outsideAddress } from './lab.ts';

const longestGapMs = advertInt * 4 * 1000;
const floating = '203.0.113.77';

interface Created {
  readonly id: string;
}

let ha: HaLab;
let routerId: string;
let calls: readonly Call[];

const placeOf = ({ lab, host, name }: LabInstance): Place => ({ host: lab.host(host), netns: name });

/** A network of that type with a subnet behind the router. */
async function network(type: 'vlan' | 'vxlan', cidr: string): Promise<string> {
  const api = await ha.lab.api();
  const wire = type === 'vlan' ? { 'provider:physical_network': 'physnet1', 'provider:segmentation_id': 111 } : {};
  const body = { network: { 'provider:network_type': type, ...wire } };
  const { id: network_id } = await api.expect<Created>('POST', '/networks', body);
  const subnet = { network_id, cidr, ip_version: 4 };
  const { id: subnet_id } = await api.expect<Created>('POST', '/subnets', { subnet });
  await api.expect('PUT', `/routers/${routerId}/add_router_interface`, { subnet_id });
  return network_id;
}

beforeAll(async () => {
  ha = await HaLab.start(3);
  const { lab } = ha;
  const api = await lab.api();
  const externalId = await ha.externalNetwork();
  const router = { ha: true, external_gateway_info: { network_id: externalId } };
  routerId = (await api.expect<Created>('POST', '/routers', { router })).id;
  const vlan = await network('vlan', '10.0.1.0/24');
  const vxlan = await network('vxlan', '10.0.2.0/24');
  const { active, standby } = await haRoles(lab, routerId);
  const elsewhere = [...lab.hosts.keys()].find((host) => host !== active && host !== standby) ?? '';
  const [onVlan, onVxlan, beside] = await addInstances(lab, [
    { name: 'on-vlan', host: elsewhere, networkId: vlan },
    { name: 'on-vxlan', host: elsewhere, networkId: vxlan },
    { name: 'beside', host: standby, networkId: vlan },
  ]);
  if (onVlan === undefined || onVxlan === undefined || beside === undefined) throw new Error('three were asked for');
  for (const each of [onVlan, onVxlan, beside]) await each.askForAddress();
  const groups = await api.expect<readonly Created[]>('GET', `/security-groups?project_id=${await api.projectId()}`);
  const rule = { security_group_id: groups[0]?.id, direction: 'ingress', ethertype: 'IPv4' };
  await api.expect('POST', '/security-group-rules', { security_group_rule: rule });
  const floatingip = {
    floating_network_id: externalId,
    port_id: onVxlan.port.id,
    floating_ip_address: floating,
  };
  await api.expect('POST', '/floatingips', { floatingip });
  calls = [
    { what: 'translated, from a VLAN', from: placeOf(onVlan), to: outsideAddress },
    { what: 'translated, from a VLAN beside the router', from: placeOf(beside), to: outsideAddress },
    { what: 'to a floating IP, on VXLAN', from: { host: lab.outside }, to: floating },
    { what: 'from a VLAN to VXLAN', from: placeOf(onVlan), to: onVxlan.address(4) },
  ];
  for (const { what, from, to } of calls) {
    await lab.until(`an answer ${what}`, async () => {
      const command = ['ping', '-c', '1', '-W', '1', to];
      const netns = from.netns === undefined ? {} : { netns: from.netns };
      return (await from.host.run(command, { anyExitCode: true, ...netns })).stdout.includes('1 received');
    });
  }
});
afterAll(async () => {
  await ha?.[Symbol.asyncDispose]();
});

it.each(['to the one that stood by', 'and back'])('goes on in every way when the router goes over %s', async (what) => {
  const { active, standby } = await haRoles(ha.lab, routerId);
  const watched = await watchTraffic(calls, ['ping']);
  await ha.lab.host(active).script('kill -9 $(pidof keepalived)');
  await untilActive(ha.lab, routerId, standby);
  const suffered = await watched.stop();
  console.log(`${what}\n${renderSuffered(suffered)}`);
  expect(suffered.filter(({ alive, longestGapMs: gap }) => !alive || gap > longestGapMs)).toEqual([]);
});
