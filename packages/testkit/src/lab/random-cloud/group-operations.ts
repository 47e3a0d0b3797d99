// What happens to security groups and their rules.

import { most, type Created, type Happening, type World } from './world.ts';

export async function createGroup(world: World): Happening {
  if (world.groups.length >= most.groups) return null;
  const name = `group${(world.numbered += 1)}`;
  const stateful = world.random.chance(0.8);
  const made = await world.ask<Created>('POST', '/security-groups', { security_group: { name, stateful } });
  if (made !== null) world.groups.push({ id: made.id, rules: [] });
  return `group ${made?.id}`;
}

export async function removeGroup(world: World): Happening {
  const group = world.random.pick(world.groups);
  if (group === undefined) return null;
  return (await world.remove('/security-groups', group, world.groups)) ? `group ${group.id} is removed` : 'group stays';
}

export async function createRule(world: World): Happening {
  const group = world.random.pick(world.groups);
  if (group === undefined) return null;
  const first = 1 + world.random.below(30_000);
  const ports = { port_range_min: first, port_range_max: first + world.random.below(200) };
  const remote = world.random.pick([
    {},
    { remote_group_id: world.random.pick(world.groups)?.id },
    { remote_ip_prefix: `10.${world.random.below(9)}.0.0/16` },
  ]);
  const rule = {
    security_group_id: group.id,
    direction: world.random.chance(0.7) ? 'ingress' : 'egress',
    ethertype: 'IPv4',
    ...world.random.pick([{ protocol: 'tcp', ...ports }, { protocol: 'udp', ...ports }, { protocol: 'icmp' }, {}]),
    ...remote,
  };
  const made = await world.ask<Created>('POST', '/security-group-rules', { security_group_rule: rule });
  if (made !== null) group.rules.push(made.id);
  return `rule ${made?.id} of ${group.id}`;
}

export async function removeRule(world: World): Happening {
  const group = world.random.pick(world.groups);
  const id = world.random.pick(group?.rules ?? []);
  if (group === undefined || id === undefined) return null;
  group.rules.splice(group.rules.indexOf(id), 1);
  await world.ask('DELETE', `/security-group-rules/${id}`);
  return `rule ${id} is removed`;
}
