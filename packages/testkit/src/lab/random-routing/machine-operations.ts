// What happens to instances and their floating IPs.

import type { Machine } from './model.ts';
import { most, type Created, type Happening, type RoutingWorld } from './world.ts';

interface PortBody extends Created {
  readonly mac_address: string;
  readonly fixed_ips: readonly { readonly ip_address: string }[];
}

export async function boot(world: RoutingWorld): Happening {
  const network = world.random.pick(world.networks);
  if (network === undefined || world.machines.length >= most.machines) return null;
  const host = world.anyHost();
  const project = world.random.chance(0.65) ? 'open' : 'closed';
  const number = (world.numbered += 1);
  const extraAddress = `198.18.${Math.floor(number / 250)}.${(number % 250) + 1}`;
  const port = await world.api.ask<PortBody>('POST', '/ports', {
    port: {
      name: `vm${number}`,
      project_id: world.projectId(project),
      network_id: network.id,
      device_owner: 'compute:nova',
      device_id: `vm${number}`,
      'binding:host_id': host,
      allowed_address_pairs: [{ ip_address: extraAddress }],
    },
  });
  if (port === null) return 'no instance';
  const machine: Machine = {
    name: `vm${number}`,
    portId: port.id,
    mac: port.mac_address,
    project,
    network: network.number,
    address: port.fixed_ips[0]?.ip_address ?? '',
    extraAddress,
    isUp: true,
    host,
    floatingIp: null,
  };
  await world.plug(machine, host);
  world.machines.push(machine);
  return `${machine.name} (${project}, ${machine.address}, ${extraAddress}) is on ${host}`;
}

/** Sometimes the device goes first, sometimes the port; a floating IP stays without an instance, and goes then. */
export async function remove(world: RoutingWorld): Happening {
  const machine = world.random.pick(world.machines);
  if (machine === undefined) return null;
  world.machines.splice(world.machines.indexOf(machine), 1);
  const deviceFirst = world.random.chance(0.5);
  if (deviceFirst) await world.unplug(machine, machine.host);
  await world.api.ask('DELETE', `/ports/${machine.portId}`);
  if (!deviceFirst) await world.unplug(machine, machine.host);
  if (machine.floatingIp !== null) await world.api.ask('DELETE', `/floatingips/${machine.floatingIp.id}`);
  return `${machine.name} is removed`;
}

/** As a cold migration: the device goes, the port is bound elsewhere, and the device comes there. */
export async function move(world: RoutingWorld): Happening {
  const machine = world.random.pick(world.machines);
  if (machine === undefined) return null;
  const [from, to] = [machine.host, world.anyHost()];
  await world.unplug(machine, from);
  const port = { 'binding:host_id': to };
  if ((await world.api.ask('PUT', `/ports/${machine.portId}`, { port })) === null) throw new Error('no move');
  machine.host = to;
  await world.plug(machine, to);
  return `${machine.name} moves from ${from} to ${to}`;
}

/** As a live migration: the new device is there first, and then the binding becomes the active one. */
export async function migrate(world: RoutingWorld): Happening {
  const to = world.anyHost();
  const machine = world.random.pick(world.machines.filter(({ host }) => host !== to));
  if (machine === undefined) return null;
  const from = machine.host;
  const bindings = `/ports/${machine.portId}/bindings`;
  const binding = { host: to, vnic_type: 'normal' };
  if ((await world.api.ask('POST', bindings, { binding })) === null) return `no binding of ${machine.name} to ${to}`;
  await world.plug(machine, to);
  const isActive = (await world.api.ask('PUT', `${bindings}/${to}/activate`)) !== null;
  const [kept, left] = isActive ? [to, from] : [from, to];
  machine.host = kept;
  await world.unplug(machine, left);
  await world.api.ask('DELETE', `${bindings}/${left}`);
  return `${machine.name} migrates from ${from} to ${to}: ${isActive}`;
}

export async function setMachineState(world: RoutingWorld): Happening {
  const machine = world.random.pick(world.machines);
  if (machine === undefined) return null;
  const isUp = machine.isUp ? world.random.chance(0.6) : true;
  const done = await world.api.ask('PUT', `/ports/${machine.portId}`, { port: { admin_state_up: isUp } });
  if (done !== null) machine.isUp = isUp;
  return `the port of ${machine.name} is up: ${machine.isUp}`;
}

export async function giveFloatingIp(world: RoutingWorld): Happening {
  const machine = world.random.pick(world.machines.filter(({ floatingIp }) => floatingIp === null));
  if (machine === undefined) return null;
  const made = await world.api.ask<Created & { readonly floating_ip_address: string }>('POST', '/floatingips', {
    floatingip: {
      project_id: world.projectId(machine.project),
      floating_network_id: world.distributedLab.externalNetwork,
      port_id: machine.portId,
    },
  });
  if (made === null) return `no floating IP for ${machine.name}`;
  machine.floatingIp = { id: made.id, address: made.floating_ip_address };
  return `${machine.name} is ${made.floating_ip_address} outside`;
}

/** A floating IP goes, or stands for another instance from now on. */
export async function takeFloatingIp(world: RoutingWorld): Happening {
  const machine = world.random.pick(world.machines.filter(({ floatingIp }) => floatingIp !== null));
  if (machine?.floatingIp === undefined || machine.floatingIp === null) return null;
  const { id, address } = machine.floatingIp;
  const heir = world.random.pick(world.machines.filter(({ floatingIp }) => floatingIp === null));
  if (heir !== undefined && world.random.chance(0.6)) {
    const floatingip = { port_id: heir.portId };
    if ((await world.api.ask('PUT', `/floatingips/${id}`, { floatingip })) === null) return `${address} stays`;
    heir.floatingIp = machine.floatingIp;
    machine.floatingIp = null;
    return `${address} of ${machine.name} is of ${heir.name} now`;
  }
  if ((await world.api.ask('DELETE', `/floatingips/${id}`)) === null) return `${address} stays`;
  machine.floatingIp = null;
  return `${address} of ${machine.name} is gone`;
}
