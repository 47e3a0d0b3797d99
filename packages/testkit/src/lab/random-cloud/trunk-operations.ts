// What happens to trunks: instances whose device has several ports, each but the first by a tag.

import {
  most,
  type Created,
  type CreatedPort,
  type Happening,
  type Instance,
  type Trunk,
  type World,
} from './world.ts';

const firstTag = 101;

/** The parent first, then the trunk, then the host: a port that is bound becomes nobody's parent. */
export async function createTrunk(world: World): Happening {
  const network = world.random.pick(world.inner());
  if (network === undefined || world.instances.length >= most.instances) return null;
  if (world.instances.filter(({ trunk }) => trunk !== null).length >= most.trunks) return null;
  const parent = await world.ask<CreatedPort>('POST', '/ports', { port: { network_id: network.id } });
  if (parent === null) return 'no parent';
  const first = world.random.chance(0.6) ? await newSubPort(world, firstTag) : null;
  const made = await world.ask<Created>('POST', '/trunks', {
    trunk: { port_id: parent.id, sub_ports: first === null ? [] : [first] },
  });
  if (made === null) {
    for (const id of [parent.id, ...(first === null ? [] : [first.port_id])]) await world.ask('DELETE', `/ports/${id}`);
    return 'no trunk';
  }
  const trunk: Trunk = { id: made.id, subPorts: first === null ? [] : [first.port_id], nextTag: firstTag + 1 };
  const host = world.host();
  const bound = { device_owner: 'compute:nova', device_id: `vm${(world.numbered += 1)}`, 'binding:host_id': host };
  await world.ask('PUT', `/ports/${parent.id}`, { port: bound });
  const instance: Instance = { id: parent.id, mac_address: parent.mac_address, network, host, deviceOn: null, trunk };
  if (world.random.chance(0.85)) await world.plugOn(instance, host);
  world.instances.push(instance);
  return `trunk ${made.id} of ${parent.id} on ${host}`;
}

export async function removeTrunk(world: World): Happening {
  using taken = world.takeInstance(({ trunk }) => trunk !== null);
  const { instance } = taken;
  if (instance === undefined || instance.trunk === null) return null;
  const { id, subPorts } = instance.trunk;
  world.instances.splice(world.instances.indexOf(instance), 1);
  const deviceFirst = world.random.chance(0.5);
  if (deviceFirst) await world.unplugFrom(instance);
  // A trunk whose parent is bound stays.
  await world.ask('PUT', `/ports/${instance.id}`, { port: { 'binding:host_id': '' } });
  await world.ask('DELETE', `/trunks/${id}`);
  for (const port of [...subPorts, instance.id]) await world.ask('DELETE', `/ports/${port}`);
  if (!deviceFirst) await world.unplugFrom(instance);
  return `trunk ${id} is removed with its ports`;
}

export async function addSubPort(world: World): Happening {
  using taken = world.takeInstance(({ trunk }) => trunk !== null);
  const trunk = taken.instance?.trunk;
  if (trunk === undefined || trunk === null || trunk.subPorts.length >= most.subPorts) return null;
  const added = await newSubPort(world, (trunk.nextTag += 1));
  if (added === null) return 'no port for a trunk';
  const isAdded = (await world.ask('PUT', `/trunks/${trunk.id}/add_subports`, { sub_ports: [added] })) !== null;
  if (isAdded) trunk.subPorts.push(added.port_id);
  else await world.ask('DELETE', `/ports/${added.port_id}`);
  return `${added.port_id} joins trunk ${trunk.id}: ${isAdded}`;
}

export async function removeSubPort(world: World): Happening {
  using taken = world.takeInstance(({ trunk }) => trunk !== null);
  const trunk = taken.instance?.trunk;
  const id = world.random.pick(trunk?.subPorts ?? []);
  if (trunk === undefined || trunk === null || id === undefined) return null;
  if ((await world.ask('PUT', `/trunks/${trunk.id}/remove_subports`, { sub_ports: [{ port_id: id }] })) === null) {
    return `${id} stays with trunk ${trunk.id}`;
  }
  trunk.subPorts.splice(trunk.subPorts.indexOf(id), 1);
  await world.ask('DELETE', `/ports/${id}`);
  return `${id} leaves trunk ${trunk.id}`;
}

export async function changeTrunk(world: World): Happening {
  const trunk = world.random.pick(world.instances.flatMap((instance) => instance.trunk ?? []));
  if (trunk === undefined) return null;
  const change = { admin_state_up: world.random.chance(0.6) };
  await world.ask('PUT', `/trunks/${trunk.id}`, { trunk: change });
  return `trunk ${trunk.id}: ${JSON.stringify(change)}`;
}

async function newSubPort(
  world: World,
  segmentation_id: number,
): Promise<{ readonly port_id: string; readonly segmentation_type: string; readonly segmentation_id: number } | null> {
  const network = world.random.pick(world.inner());
  if (network === undefined) return null;
  const made = await world.ask<CreatedPort>('POST', '/ports', { port: { network_id: network.id } });
  return made === null ? null : { port_id: made.id, segmentation_type: 'vlan', segmentation_id };
}
