// `neutronium port plug`: an existing tap or veth becomes the device of a port, as when Nova plugs an instance's.

import { run } from './command.ts';
import { findPort, updatePort } from './cloud/networking.ts';
import type { Tell } from './up/supervisor.ts';
import type { VmContext } from './vm/context.ts';
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
  await updatePort(operator, port.id, { 'binding:host_id': context.host });
  const { id: portId, mac_address: mac, device_id: instance } = port;
  await plugDevice(context.switch, { device, portId, mac, instance });
  await waitUntilActive({ operator, portId, host: context.host, layout: context.layout, tell });
  tell(`${device} is plugged as port ${portId}; what is behind it must send from ${mac}`);
}
