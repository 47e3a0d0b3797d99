// `neutronium vm rm`.

import { join } from 'node:path';
import { deletePort, showPort } from '../cloud/networking.ts';
import { releasePort } from './add.ts';
import type { VmContext } from './context.ts';
import { removeRecord } from '../metadata/instance-record.ts';
import { stopClients } from './dhcp-clients.ts';
import { removeBridge } from './hybrid-plug.ts';
import { removeDevice, removeInstance } from './instance-namespace.ts';
import { hybridNames, tapName } from './mark.ts';
import { findInstance } from './namespaces.ts';
import type { OwnedNamespace } from './namespaces.ts';
import { unplugDevices } from './switch.ts';

/** Removes the instance from this machine, and then its ports from the cloud. */
export async function removeNamedInstance(context: VmContext, name: string): Promise<void> {
  const instance = await findInstance(name);
  await removeFromMachine(context, instance);
  const { uuid, ports } = instance.mark;
  await removeRecord(context.recordsDir, uuid);
  for (const { portId, ownsPort } of ports) {
    if (ownsPort) await deletePort(await context.operator(), portId);
    else if ((await showPort(await context.operator(), portId)) !== null) await releasePort(context, portId);
  }
}

async function removeFromMachine(
  { switch: address, instancesDir }: VmContext,
  { name, namespace, mark }: Extract<OwnedNamespace, { owner: 'vm' }>,
): Promise<void> {
  await stopClients(join(instancesDir, name));
  // The switch first: it must not lose a device that it still holds. Without a switch there is nothing to unplug.
  const devices = mark.ports.flatMap(({ portId }) => [tapName(portId), hybridNames(portId).switchEnd]);
  await unplugDevices(address, devices).catch(() => undefined);
  for (const { portId } of mark.ports) {
    await removeBridge(portId);
    await removeDevice(tapName(portId));
  }
  await removeInstance(namespace);
}
