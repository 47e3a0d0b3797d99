// The device_id of a DHCP port names the agent's host and the network, so that an agent finds its own port again.

import { createHash } from 'node:crypto';

/** The namespace of names in the DNS (RFC 4122 appendix C). */
const dnsNamespace = Buffer.from('6ba7b8109dad11d180b400c04fd430c8', 'hex');

/** The device_id of a DHCP port whose agent is dead: the port keeps its address for the next one. */
export const reservedDhcpPort = 'reserved_dhcp_port';

/** `dhcp<uuid5 of the host's name without its domain>-<network>`. */
export function dhcpDeviceId(host: string, networkId: string): string {
  const [name = host] = host.split('.');
  return `dhcp${uuid5(name)}-${networkId}`;
}

/** Whether a port with `deviceId` is that of some host's DHCP agent for the network. */
export function isDhcpDeviceId(deviceId: string, networkId: string): boolean {
  return deviceId.startsWith('dhcp') && deviceId.endsWith(`-${networkId}`);
}

/** The version 5 UUID of a name in the DNS namespace (RFC 4122 section 4.3). */
function uuid5(name: string): string {
  const bytes = createHash('sha1').update(dnsNamespace).update(name).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const digits = bytes.toString('hex');
  return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join(
    '-',
  );
}
