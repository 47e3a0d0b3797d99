// `neutronium port plug`: an existing tap or veth becomes the device of a port, as when Nova plugs an instance's.

import { run } from './command.ts';
import { findPort, showNetwork, trunkBridgeOf, updatePort, wantsBridge, type Port } from './cloud/networking.ts';
import type { Tell } from './up/supervisor.ts';
import type { Session } from './cloud/session.ts';
import type { VmContext } from './vm/context.ts';
import { makeBridge, removeBridge } from './vm/hybrid-plug.ts';
import { tapName } from './vm/mark.ts';
import { plugDevice } from './vm/switch.ts';
import { waitForAgent, waitUntilActive } from './vm/wait-active.ts';

/** Binds the port to this machine, plugs the device, and returns when the port is ACTIVE. */
export async function plugPort(
  context: VmContext,
  { port: nameOrId, device }: { readonly port: string; readonly device: string },
  tell: Tell,
): Promise<void> {
  await run('ip', ['link', 'show', 'dev', device]);
  const port = await findPort(await context.owner(), nameOrId);
  const operator = await context.operator();
  await waitForAgent({ operator, host: context.host, tell });
  const bound = await updatePort(operator, port.id, { 'binding:host_id': context.host });
  const { id: portId, mac_address: mac, device_id: instance } = bound;
  const plugged = wantsBridge(bound) ? await putBridgeBefore(device, bound, operator) : device;
  const trunkBridge = trunkBridgeOf(bound, context.switch.bridge);
  await plugDevice(context.switch, { device: plugged, portId, mac, instance, trunkBridge });
  await waitUntilActive({ operator, portId, host: context.host, layout: context.layout, tell });
  tell(`${device} is plugged as port ${portId}; what is behind it must send from ${mac}`);
}

/** Gives the device that goes to the switch instead. */
async function putBridgeBefore(device: string, port: Port, operator: Session): Promise<string> {
  const expected = tapName(port.id);
  if (device !== expected) {
    throw new Error(
      `${device} would not be filtered: iptables filters the port by its device's name, which must be ${expected}`,
    );
  }
  const { mtu } = await showNetwork(operator, port.network_id);
  // What an earlier attempt has left.
  await removeBridge(port.id);
  return await makeBridge(port.id, mtu);
}
