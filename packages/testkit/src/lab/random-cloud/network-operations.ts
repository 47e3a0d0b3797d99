// What happens to networks and subnets.

import { most, type Created, type Happening, type World } from './world.ts';

export async function createNetwork(world: World): Happening {
  if (world.networks.length >= most.networks) return null;
  const type = world.random.pick(['vxlan', 'vxlan', 'gre', 'geneve', 'vlan', 'local']) ?? 'vxlan';
  const number = (world.numbered += 1);
  const ipv6 = world.random.pick([null, null, 'slaac', 'dhcpv6-stateful', 'dhcpv6-stateless']) ?? null;
  const wire = type === 'vlan' ? { 'provider:physical_network': world.physnet(1) } : {};
  const network = await world.ask<Created>('POST', '/networks', {
    network: { name: `net${number}`, 'provider:network_type': type, ...wire },
  });
  if (network === null) return `no ${type} network`;
  const subnets: string[] = [];
  world.networks.push({ id: network.id, external: false, number, subnets });
  const ipv4 = { network_id: network.id, ip_version: 4, cidr: `10.${number % 200}.0.0/24` };
  const made = [await world.ask<Created>('POST', '/subnets', { subnet: ipv4 })];
  if (ipv6 !== null) {
    const modes = { ipv6_address_mode: ipv6, ipv6_ra_mode: ipv6 };
    const subnet = { network_id: network.id, ip_version: 6, cidr: `fd00:${number.toString(16)}::/64`, ...modes };
    made.push(await world.ask<Created>('POST', '/subnets', { subnet }));
  }
  subnets.push(...made.flatMap((subnet) => subnet?.id ?? []));
  return `${type} network ${network.id}, IPv6 ${ipv6}`;
}

export async function removeNetwork(world: World): Happening {
  const network = world.random.pick(world.inner());
  if (network === undefined) return null;
  return (await world.remove('/networks', network, world.networks))
    ? `network ${network.id} is removed`
    : 'network stays';
}

export async function addSubnet(world: World): Happening {
  const network = world.random.pick(world.inner());
  if (network === undefined) return null;
  const number = (world.numbered += 1);
  const subnet = {
    network_id: network.id,
    ip_version: 4,
    cidr: `10.${200 + (number % 50)}.${number % 250}.0/24`,
    enable_dhcp: world.random.chance(0.6),
    host_routes: world.random.chance(0.3) ? [{ destination: '198.51.100.0/24', nexthop: '10.0.0.254' }] : [],
    dns_nameservers: world.random.chance(0.3) ? ['192.0.2.53'] : [],
  };
  const made = await world.ask<Created>('POST', '/subnets', { subnet });
  if (made !== null) network.subnets.push(made.id);
  return `subnet ${made?.id} of ${network.id}`;
}

export async function removeSubnet(world: World): Happening {
  const network = world.random.pick(world.inner());
  const id = world.random.pick(network?.subnets ?? []);
  if (network === undefined || id === undefined) return null;
  const gone = (await world.ask('DELETE', `/subnets/${id}`)) !== null;
  if (gone) network.subnets.splice(network.subnets.indexOf(id), 1);
  return gone ? `subnet ${id} is removed` : `subnet ${id} stays`;
}

export async function changeSubnet(world: World): Happening {
  const id = world.random.pick(world.random.pick(world.inner())?.subnets ?? []);
  if (id === undefined) return null;
  const subnet = world.random.chance(0.6)
    ? { enable_dhcp: world.random.chance(0.6) }
    : { dns_nameservers: [`192.0.2.${world.random.below(250)}`] };
  await world.ask('PUT', `/subnets/${id}`, { subnet });
  return `subnet ${id}: ${JSON.stringify(subnet)}`;
}

export async function changeNetwork(world: World): Happening {
  const network = world.random.pick(world.inner());
  if (network === undefined) return null;
  const change = world.random.pick([
    { admin_state_up: world.random.chance(0.7) },
    { mtu: 1300 + world.random.below(100) },
    { port_security_enabled: world.random.chance(0.7) },
  ]);
  await world.ask('PUT', `/networks/${network.id}`, { network: change });
  return `network ${network.id}: ${JSON.stringify(change)}`;
}
