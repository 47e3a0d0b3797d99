// What a live migration does to an instance: it is on a second host with all that it had, and later gone from the first.

import { LabInstance } from './lab-instances.ts';

/** The instance's device, as Nova names it. */
export function deviceOf({ port }: Pick<LabInstance, 'port'>): string {
  return `tap${port.id}`.slice(0, 14);
}

/** The same instance on another host, with all that it had: its memory is there, and its device is plugged. */
export async function copyInstance(moving: LabInstance, host: string): Promise<LabInstance> {
  const { lab, name, port, mac } = moving;
  const mtu = (await moving.run(['cat', '/sys/class/net/eth0/mtu'])).stdout.trim();
  const routes = (await moving.run(['ip', 'route', 'show', 'default'])).stdout.split('\n');
  await lab.host(host).plugInstance({ netns: name, device: deviceOf(moving), portId: port.id, mac });
  await lab.host(host).script(`
    ip -n ${name} addr add ${moving.address(4)}/24 dev eth0
    ip -n ${name} link set eth0 mtu ${mtu}
    ${routes.map((route) => (route === '' ? '' : `ip -n ${name} route add ${route}`)).join('\n')}`);
  return new LabInstance({ lab, name, host, port });
}

/** What is left of an instance on the host that it was on goes, as when Nova cleans up. */
export async function removeInstance(moving: LabInstance): Promise<void> {
  const host = moving.lab.host(moving.host);
  await host.vsctl('--if-exists', 'del-port', 'br-int', deviceOf(moving));
  // Programs in it may keep a namespace, but not its device.
  await host.script(`ip link del ${deviceOf(moving)}; ip netns del ${moving.name}`);
}
