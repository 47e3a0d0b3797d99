// `neutronium vm rm`, and what `down --purge` does with instances.

import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../command.ts';
import { deletePort, showPort } from '../cloud/networking.ts';
import { releasePort } from './add.ts';
import type { VmContext } from './context.ts';
import { stopClients } from './dhcp-clients.ts';
import { removeInstance } from './instance-namespace.ts';
import { tapName } from './mark.ts';
import { findInstance, listOwnedNamespaces } from './namespaces.ts';
import type { OwnedNamespace } from './namespaces.ts';
import { listPluggedDevices, unplugDevices } from './switch.ts';

type Instance = Extract<OwnedNamespace, { owner: 'vm' }>;

/** Removes the instance from this machine, and then its port from the cloud. */
export async function removeNamedInstance(context: VmContext, name: string): Promise<void> {
  const instance = await findInstance(name);
  await removeFromMachine(context, instance);
  const { portId, ownsPort } = instance.mark;
  if (ownsPort) await deletePort(await context.operator(), portId);
  else if ((await showPort(await context.operator(), portId)) !== null) await releasePort(context, portId);
}

/**
 * Removes every instance and every device that was plugged from here, without asking the API: for `down --purge`. Gives
 * the names of what has gone.
 */
export async function purgeInstances(context: Pick<VmContext, 'switch' | 'instancesDir'>): Promise<readonly string[]> {
  const gone: string[] = [];
  for (const owned of await listOwnedNamespaces()) {
    if (owned.owner !== 'vm') continue;
    await removeFromMachine(context, owned);
    gone.push(owned.namespace);
  }
  // Without a switch there is nothing plugged.
  const devices = await listPluggedDevices(context.switch).catch(() => []);
  if (devices.length > 0) await unplugDevices(context.switch, devices);
  await rm(context.instancesDir, { recursive: true, force: true });
  return [...gone, ...devices];
}

/**
 * Removes every namespace that the agent has made, with the processes in it: for `down --purge`, after the agent has
 * ended. Gives their names.
 */
export async function purgeAgentNamespaces(): Promise<readonly string[]> {
  const owned = (await listOwnedNamespaces()).filter(({ owner }) => owner === 'agent');
  for (const { namespace } of owned) {
    const pids = (await run('ip', ['netns', 'pids', namespace])).split('\n').filter((line) => line !== '');
    for (const pid of pids) process.kill(Number(pid), 'SIGTERM');
    await run('ip', ['netns', 'delete', namespace]);
  }
  return owned.map(({ namespace }) => namespace);
}

async function removeFromMachine(
  { switch: address, instancesDir }: Pick<VmContext, 'switch' | 'instancesDir'>,
  { name, namespace, mark }: Instance,
): Promise<void> {
  const device = tapName(mark.portId);
  await stopClients(join(instancesDir, name));
  // The switch first: it must not lose a device that it still holds. Without a switch there is nothing to unplug.
  await unplugDevices(address, [device]).catch(() => undefined);
  await removeInstance({ namespace, device });
}
