// What goes over the wires of a lab: frames as tcpdump has recorded them, read down to the network that each is of.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabHost } from '@neutronium/cli/lab/host';
import { startTcpdump, type Recording } from './tcpdump.ts';

/** A frame of an instance on a wire between hosts. */
export interface WireFrame {
  /** How the wire tells its network from others. */
  readonly carrier: 'untagged' | 'vlan' | 'gre' | 'vxlan';
  /** VLAN id, GRE key or VNI; null where the wire carries it as it is. */
  readonly id: number | null;
  /** IPv4 address of the host at the far end of a tunnel. */
  readonly tunnelTo: string | null;
  readonly source: string;
  readonly destination: string;
  /** The address that an ARP request is about; null for everything else. */
  readonly asksFor: string | null;
  /** VLAN id of a tag that the frame bears inside a tunnel: none should. */
  readonly innerVlan: number | null;
}

const etherTypes = { ipv4: 0x0800, arp: 0x0806, vlan: 0x8100 } as const;
const ipProtocols = { udp: 17, gre: 47 } as const;
const vxlanPort = 4789;

/** Records what `device` of `host` sees until `stop` is called, which gives the frames of instances among it. */
export async function recordFrames(host: LabHost, device: string): Promise<Recording<readonly WireFrame[]>> {
  const file = join(host.dir, `${device}.pcap`);
  const recording = await startTcpdump(host, { device, options: ['-U', '-w', file] });
  return {
    async stop() {
      await recording.stop();
      return [...recorded(await readFile(file))].flatMap((frame) => readFrame(frame) ?? []);
    },
  };
}

/** The frames in a recording (pcap-savefile(5)): a header of 24 bytes, then each frame after a header of 16. */
function* recorded(file: Buffer): Generator<Buffer> {
  for (let at = 24; at + 16 <= file.length;) {
    const length = file.readUInt32LE(at + 8);
    yield file.subarray(at + 16, at + 16 + length);
    at += 16 + length;
  }
}

function readFrame(frame: Buffer): WireFrame | undefined {
  const { etherType, vlan, payload } = ethernet(frame);
  if (vlan !== null) return inside(frame, { carrier: 'vlan', id: vlan, tunnelTo: null });
  if (etherType !== etherTypes.ipv4) return inside(frame, { carrier: 'untagged', id: null, tunnelTo: null });
  const data = payload.subarray((payload.readUInt8(0) & 0x0f) * 4);
  const tunnelTo = [...payload.subarray(16, 20)].join('.');
  switch (payload.readUInt8(9)) {
    case ipProtocols.udp:
      // RFC 7348 section 5: UDP 8, then flags and reserved 4, then the VNI in the upper 24 bits of 4.
      if (data.readUInt16BE(2) !== vxlanPort) break;
      return inside(data.subarray(16), { carrier: 'vxlan', id: data.readUInt32BE(12) >>> 8, tunnelTo });
    case ipProtocols.gre:
      // RFC 2890 section 2: flags 2, protocol 2, key 4.
      return inside(data.subarray(8), { carrier: 'gre', id: data.readUInt32BE(4), tunnelTo });
  }
  return inside(frame, { carrier: 'untagged', id: null, tunnelTo: null });
}

function inside(frame: Buffer, carrier: Pick<WireFrame, 'carrier' | 'id' | 'tunnelTo'>): WireFrame {
  const { source, destination, etherType, vlan, payload } = ethernet(frame);
  // RFC 826: operation at 6, target protocol address at 24.
  const isQuestion = etherType === etherTypes.arp && payload.readUInt16BE(6) === 1;
  return {
    ...carrier,
    source,
    destination,
    asksFor: isQuestion ? [...payload.subarray(24, 28)].join('.') : null,
    innerVlan: carrier.carrier === 'vlan' ? null : vlan,
  };
}

function ethernet(frame: Buffer) {
  const tagged = frame.readUInt16BE(12) === etherTypes.vlan;
  return {
    destination: macText(frame.subarray(0, 6)),
    source: macText(frame.subarray(6, 12)),
    vlan: tagged ? frame.readUInt16BE(14) & 0x0fff : null,
    etherType: frame.readUInt16BE(tagged ? 16 : 12),
    payload: frame.subarray(tagged ? 18 : 14),
  };
}

function macText(bytes: Buffer): string {
  return bytes.toString('hex').replaceAll(/(..)(?=.)/g, '$1:');
}
