// Ethernet frames that no honest instance would send, for tests of what becomes of them.

import { createInterface } from 'node:readline';
import { ip, ipToBigInt } from '@neutronium/net/ip';
import type { LabHost } from '@neutronium/cli/lab/host';
import { vi } from 'vitest';

export interface UdpFrame {
  readonly from: { readonly mac: string; readonly ip: string; readonly port: number };
  readonly to: { readonly mac: string; readonly ip: string; readonly port: number };
}

export const broadcastMac = 'ff:ff:ff:ff:ff:ff';

/** UDP over IPv4 without a checksum, which there may be none of (RFC 768). */
export function udpFrame({ from, to }: UdpFrame): Buffer {
  const udp = Buffer.concat([words(from.port, to.port, 12, 0), Buffer.from('tell')]);
  const header = Buffer.concat([words(0x4500, 20 + udp.length, 1, 0, 0x4011, 0), address(from.ip), address(to.ip)]);
  header.writeUInt16BE(internetChecksum(header), 10);
  return Buffer.concat([mac(to.mac), mac(from.mac), words(0x0800), header, udp]);
}

/** A router advertisement (RFC 4861 section 4.2) to all nodes of the link. */
export function routerAdvertisement(from: { readonly mac: string; readonly ip: string }): Buffer {
  const body = Buffer.concat([words(0x8600, 0, 0x4000, 1800), Buffer.alloc(8)]);
  const addresses = Buffer.concat([address(from.ip), address('ff02::1')]);
  const pseudo = Buffer.concat([addresses, words(0, body.length, 0, 58), body]);
  body.writeUInt16BE(internetChecksum(pseudo), 2);
  const header = Buffer.concat([words(0x6000, 0, body.length, 0x3aff), addresses]);
  return Buffer.concat([mac('33:33:00:00:00:01'), mac(from.mac), words(0x86dd), header, body]);
}

/** The frame with an 802.1Q tag before its content. */
export function tagged(frame: Buffer, vlan: number): Buffer {
  return Buffer.concat([frame.subarray(0, 12), words(0x8100, vlan), frame.subarray(12)]);
}

/** The untagged frame with another EtherType. */
export function ofType(frame: Buffer, etherType: number): Buffer {
  return Buffer.concat([frame.subarray(0, 12), words(etherType), frame.subarray(14)]);
}

/**
 * What tcpdump shows on eth0 of `to` of all `frames` that `from` sends, in its words. `admitted` are two frames by UDP
 * that must arrive: the first is sent until it is seen, for tcpdump misses what comes while it begins; the second ends.
 */
export async function heard(
  host: LabHost,
  {
    from,
    to,
    frames,
    admitted: [first, last],
  }: {
    readonly from: string;
    readonly to: string;
    readonly frames: readonly Buffer[];
    readonly admitted: readonly [Buffer, Buffer];
  },
): Promise<readonly string[]> {
  const capture = host.spawn(['tcpdump', '--immediate-mode', '-l', '-n', '-e', '-i', 'eth0', 'inbound'], { netns: to });
  const send = (...sent: readonly Buffer[]) =>
    host.run(['python3', '-c', sender, ...sent.map((frame) => frame.toString('hex'))], { netns: from });
  let lines: string[] = [];
  if (capture.stdout === null) throw new Error('tcpdump has no output');
  createInterface({ input: capture.stdout }).on('line', (line) => lines.push(line));
  const arrived = (frame: Buffer): boolean => lines.some((line) => line.includes(`.${frame.readUInt16BE(34)} > `));
  await vi.waitUntil(async () => arrived(first) || (await send(first), false), { timeout: 10_000, interval: 20 });
  lines = [];
  await send(...frames, last);
  await vi.waitUntil(() => arrived(last), { timeout: 10_000, interval: 20 });
  capture.kill('SIGKILL');
  return lines;
}

/** Node has no raw sockets. */
const sender = `
import socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind(('eth0', 0))
for frame in sys.argv[1:]: s.send(bytes.fromhex(frame))`;

function words(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) buffer.writeUInt16BE(value, index * 2);
  return buffer;
}

function mac(text: string): Buffer {
  return Buffer.from(text.replaceAll(':', ''), 'hex');
}

function address(text: string): Buffer {
  return Buffer.from(
    ipToBigInt(ip(text))
      .toString(16)
      .padStart(text.includes(':') ? 32 : 8, '0'),
    'hex',
  );
}

/** RFC 1071. */
function internetChecksum(data: Buffer): number {
  let sum = 0;
  for (let at = 0; at < data.length; at += 2) sum += data.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
