// What happens to instances and their ports.

import { most, type CreatedPort, type Happening, type Instance, type World } from './world.ts';

export async function createInstance(world: World): Happening {
  const network = world.random.pick(world.inner());
  if (network === undefined || world.instances.length >= most.instances) return null;
  const host = world.host();
  const isPlugged = world.random.chance(0.85);
  const port = await world.ask<CreatedPort>('POST', '/ports', {
    port: {
      network_id: network.id,
      device_owner: 'compute:nova',
      device_id: `vm${(world.numbered += 1)}`,
      'binding:host_id': host,
      ...(world.random.chance(0.4) && { security_groups: world.someGroups() }),
    },
  });
  if (port === null) return 'no instance';
  const instance: Instance = { id: port.id, mac_address: port.mac_address, network, host, deviceOn: null, trunk: null };
  if (isPlugged) await world.plugOn(instance, host);
  world.instances.push(instance);
  return `instance ${port.id} on ${host}${isPlugged ? '' : ', without a device'}`;
}

/** Sometimes the device goes first, sometimes the port. */
export async function removeInstance(world: World): Happening {
  using taken = world.takeInstance(({ trunk }) => trunk === null);
  const { instance } = taken;
  if (instance === undefined) return null;
  world.instances.splice(world.instances.indexOf(instance), 1);
  const deviceFirst = world.random.chance(0.5);
  if (deviceFirst) await world.unplugFrom(instance);
  await world.ask('DELETE', `/ports/${instance.id}`);
  if (!deviceFirst) await world.unplugFrom(instance);
  return `instance ${instance.id} is removed`;
}

export async function unplugInstance(world: World): Happening {
  using taken = world.takeInstance(({ deviceOn }) => deviceOn !== null);
  const { instance } = taken;
  if (instance === undefined || instance.deviceOn === null) return null;
  const host = instance.deviceOn;
  await world.unplugFrom(instance);
  return `${instance.id} is unplugged on ${host}`;
}

export async function plugInstance(world: World): Happening {
  using taken = world.takeInstance(({ deviceOn }) => deviceOn === null);
  const { instance } = taken;
  if (instance === undefined) return null;
  await world.plugOn(instance, instance.host);
  return `${instance.id} is plugged on ${instance.host}`;
}

/** As a cold migration: the device goes, the port is bound elsewhere, and the device comes there. */
export async function moveInstance(world: World): Happening {
  using taken = world.takeInstance();
  const { instance } = taken;
  if (instance === undefined) return null;
  const to = world.host();
  const hadDevice = instance.deviceOn !== null;
  await world.unplugFrom(instance);
  if ((await world.ask('PUT', `/ports/${instance.id}`, { port: { 'binding:host_id': to } })) === null) return 'no move';
  instance.host = to;
  if (hadDevice) await world.plugOn(instance, to);
  return `${instance.id} moves to ${to}`;
}

/** As a live migration: the new device is there first, and then the binding becomes the active one. */
export async function migrateInstance(world: World): Happening {
  const to = world.host();
  using taken = world.takeInstance(({ host, deviceOn }) => host !== to && deviceOn === host);
  const { instance } = taken;
  if (instance === undefined) return null;
  const from = instance.host;
  const binding = { host: to, vnic_type: 'normal' };
  const bindings = `/ports/${instance.id}/bindings`;
  if ((await world.ask('POST', bindings, { binding })) === null) return `no binding of ${instance.id} to ${to}`;
  const old = { ...instance };
  await world.plugOn(instance, to);
  if ((await world.ask('PUT', `${bindings}/${to}/activate`)) !== null) instance.host = to;
  await world.unplugFrom(old);
  await world.ask('DELETE', `${bindings}/${from}`);
  return `${instance.id} migrates from ${from} to ${to}`;
}

export async function changePort(world: World): Happening {
  const instance = world.random.pick(world.instances);
  if (instance === undefined) return null;
  const octet = world.random.below(250);
  const changes: readonly object[] = [
    { security_groups: world.someGroups() },
    { port_security_enabled: false, security_groups: [], allowed_address_pairs: [] },
    { port_security_enabled: true },
    { admin_state_up: world.random.chance(0.6) },
    { allowed_address_pairs: [{ ip_address: `198.51.100.${octet}` }] },
    { allowed_address_pairs: [{ ip_address: '0.0.0.0/0', mac_address: `fa:16:3f:00:00:${(octet % 90) + 10}` }] },
    { allowed_address_pairs: [] },
    { fixed_ips: instance.network.subnets.slice(0, 2).map((subnet_id) => ({ subnet_id })) },
    { extra_dhcp_opts: [{ opt_name: 'mtu', opt_value: String(1300 + octet), ip_version: 4 }] },
    { name: `renamed${octet}` },
  ];
  const port = world.random.pick(changes);
  await world.ask('PUT', `/ports/${instance.id}`, { port });
  return `port ${instance.id}: ${JSON.stringify(port)}`;
}
