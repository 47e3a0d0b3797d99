// What goes by a highly available router in every way - translated, by a floating IP, by IPv6, between networks - is back
// soon after another host has taken over, on networks of VLANs as on those that tunnels carry.

import { haRoles, untilActive } from '@neutronium/testkit/lab/ha-roles';
import { addInstances, type LabInstance, type LabPort } from '@neutronium/testkit/lab/lab-instances';
import { renderSuffered, watchTraffic, type Call, type Place } from '@neutronium/testkit/lab/watched-traffic';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { advertInt, HaLab, outsideAddress } from './lab.ts';

const longestGapMs = advertInt * 4 * 1000;
const outsideAddress6 = 'fd00:203::1';
const floating = '203.0.113.77';

interface Created {
  readonly id: string;
}

let ha: HaLab;
let routerId: string;
let calls: readonly Call[];

const placeOf = ({ lab, host, name }: LabInstance): Place => ({ host: lab.host(host), netns: name });

/** A network of that type with a subnet of each prefix, all of them behind the router. */
async function network(type: 'vlan' | 'vxlan', prefixes: readonly string[]): Promise<string> {
  const api = await ha.lab.api();
  const wire = type === 'vlan' ? { 'provider:physical_network': 'physnet1', 'provider:segmentation_id': 111 } : {};
  const body = { network: { 'provider:network_type': type, ...wire } };
  const { id: network_id } = await api.expect<Created>('POST', '/networks', body);
  for (const cidr of prefixes) {
    const six = cidr.includes(':');
    const subnet = {
      network_id,
      cidr,
      ip_version: six ? 6 : 4,
      ...(six ? { enable_dhcp: false, gateway_ip: cidr.replace('/64', '1') } : {}),
    };
    const { id: subnet_id } = await api.expect<Created>('POST', '/subnets', { subnet });
    await api.expect('PUT', `/routers/${routerId}/add_router_interface`, { subnet_id });
  }
  return network_id;
}

beforeAll(async () => {
  ha = await HaLab.start(3);
  const { lab } = ha;
  const api = await lab.api();
  const externalId = await ha.externalNetwork();
  const six = { ip_version: 6, cidr: 'fd00:203::/64', gateway_ip: outsideAddress6, enable_dhcp: false };
  await api.expect('POST', '/subnets', { subnet: { network_id: externalId, ...six } });
  const router = { ha: true, external_gateway_info: { network_id: externalId } };
  routerId = (await api.expect<Created>('POST', '/routers', { router })).id;
  const vlan = await network('vlan', ['10.0.1.0/24', 'fd00:1::/64']);
  const vxlan = await network('vxlan', ['10.0.2.0/24']);
  const { active, standby } = await haRoles(lab, routerId);
  const elsewhere = [...lab.hosts.keys()].find((host) => host !== active && host !== standby) ?? '';
  const [onVlan, onVxlan, beside] = await addInstances(lab, [
    { name: 'on-vlan', host: elsewhere, networkId: vlan },
    { name: 'on-vxlan', host: elsewhere, networkId: vxlan },
    { name: 'beside', host: standby, networkId: vlan },
  ]);
  if (onVlan === undefined || onVxlan === undefined || beside === undefined) throw new Error('three were asked for');
  for (const each of [onVlan, onVxlan, beside]) await each.askForAddress();
  await onVlan.run(['ip', 'addr', 'add', `${onVlan.address(6)}/64`, 'dev', 'eth0', 'nodad']);
  await onVlan.run(['ip', '-6', 'route', 'add', 'default', 'via', 'fd00:1::1']);
  const gateways = `/ports?device_id=${routerId}&device_owner=network:router_gateway`;
  const [gateway] = await api.expect<readonly LabPort[]>('GET', gateways);
  const way = gateway?.fixed_ips.find(({ ip_address: text }) => text.includes(':'))?.ip_address;
  await lab.outside.script(`ip addr add ${outsideAddress6}/64 dev wire0 nodad
    ip -6 route replace fd00:1::/64 via ${way}`);
  const groups = await api.expect<readonly Created[]>('GET', `/security-groups?project_id=${await api.projectId()}`);
  for (const ethertype of ['IPv4', 'IPv6']) {
    const rule = { security_group_id: groups[0]?.id, direction: 'ingress', ethertype };
    await api.expect('POST', '/security-group-rules', { security_group_rule: rule });
  }
  const floatingip = {
    floating_network_id: externalId,
    port_id: onVxlan.port.id,
    floating_ip_address: floating,
  };
  await api.expect('POST', '/floatingips', { floatingip });
  calls = [
    { what: 'translated, from a VLAN', from: placeOf(onVlan), to: outsideAddress },
    { what: 'by IPv6, from a VLAN', from: placeOf(onVlan), to: outsideAddress6 },
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
