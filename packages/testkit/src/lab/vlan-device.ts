// Devices of an instance for its frames with a tag, as it makes them to use the ports of its trunk.

import { once } from 'node:events';
import { join } from 'node:path';
import type { LabHost } from '@neutronium/cli/lab/host';

export interface VlanDevice {
  /** The instance's network namespace. */
  readonly netns: string;
  readonly device: string;
  readonly id: number;
  /** That of the port, when the instance does not use the parent's for all. */
  readonly mac?: string;
  /** With their lengths. */
  readonly addresses?: readonly string[];
}

const program = join(import.meta.dirname, 'vlan-device.py');

/** Makes the device above eth0; it is there until the lab ends. */
export async function addVlanDevice(
  host: LabHost,
  { netns, device, id, mac, addresses = [] }: VlanDevice,
): Promise<void> {
  const child = host.spawn(['/usr/bin/python3', program, 'eth0', String(id), device], { netns });
  let complaints = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  if (child.stdout === null) throw new Error('the VLAN device has no output');
  const ready = once(child.stdout, 'data').then(() => true);
  const isThere = await Promise.race([ready, once(child, 'exit').then(() => false)]);
  if (!isThere) throw new Error(`no VLAN device in ${netns}: ${complaints}`);
  const lines = [
    ...(mac === undefined ? [] : [`ip -n ${netns} link set ${device} address ${mac}`]),
    ...addresses.map((address) => `ip -n ${netns} addr add ${address} dev ${device}`),
  ];
  if (lines.length > 0) await host.script(lines.join('\n'));
}

/**
 * Has `ip -n NAMESPACE link add link PARENT name NAME type vlan id ID` work in a shell whose kernel has no VLAN devices
 * (bash). The device is there until the shell ends.
 */
export const vlanDevicesForShell = `
ip() {
  command ip "$@" 2>/dev/null && return
  if [ "$3 $4 $9" = 'link add type' ]; then
    command ip netns exec "$2" /usr/bin/python3 ${program} "$6" "\${12}" "$8" >/dev/null 2>&1 &
    until command ip -n "$2" link show dev "$8" >/dev/null 2>&1; do sleep 0.02; done
    return
  fi
  command ip "$@"
}
`;
