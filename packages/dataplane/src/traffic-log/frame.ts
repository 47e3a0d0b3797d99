// What the log says of a frame: its addresses, protocol and ports (IEEE 802.3, 802.1Q, RFC 791, 8200, 9293, 768, 792,
// 4443, 826). Frames may be cut off anywhere.

import { ipFromBigInt, type IpAddress } from '@neutronium/net/ip';
import { macFromBigInt, type Mac } from '@neutronium/net/mac';
import { ByteReader } from '../openflow/wire/bytes.ts';

export interface FrameSummary {
  readonly eth_src: Mac;
  readonly eth_dst: Mac;
  /** Of what the frame carries, behind its tags. */
  readonly eth_type: number;
  /** Null where the frame carries no IP. */
  readonly ip: IpSummary | null;
}

export interface IpSummary {
  readonly family: 4 | 6;
  readonly src: IpAddress;
  readonly dst: IpAddress;
  /** IANA's number; that of the first header where IPv6 has several. */
  readonly protocol: number;
  /** Source and destination port; null where the protocol has none, or they are not in this frame. */
  readonly ports: { readonly src: number; readonly dst: number } | null;
  readonly icmp: { readonly type: number; readonly code: number } | null;
}

const etherTypes = { ipv4: 0x0800, ipv6: 0x86dd, tag: 0x8100, serviceTag: 0x88a8 } as const;
const icmpProtocols: ReadonlySet<number> = new Set([1, 58]);
/** DCCP, SCTP, TCP, UDP, UDP-Lite: each begins with its two ports. */
const portProtocols: ReadonlySet<number> = new Set([6, 17, 33, 132, 136]);

/** Null for what is shorter than an Ethernet header. */
export function summarize(frame: Uint8Array): FrameSummary | null {
  const input = new ByteReader(frame);
  if (input.remaining < 14) return null;
  const [eth_dst, eth_src] = [macFromBigInt(input.unsigned(6)), macFromBigInt(input.unsigned(6))];
  let eth_type = input.u16();
  while ((eth_type === etherTypes.tag || eth_type === etherTypes.serviceTag) && input.remaining >= 4) {
    input.skip(2);
    eth_type = input.u16();
  }
  const ip = eth_type === etherTypes.ipv4 ? readIpv4(input) : eth_type === etherTypes.ipv6 ? readIpv6(input) : null;
  return { eth_src, eth_dst, eth_type, ip };
}

function readIpv4(input: ByteReader): IpSummary | null {
  if (input.remaining < 20) return null;
  const length = (input.u8() & 0x0f) * 4;
  input.skip(5);
  const offset = input.u16() & 0x1fff;
  input.skip(1);
  const protocol = input.u8();
  input.skip(2);
  const [src, dst] = [ipFromBigInt(BigInt(input.u32()), 4), ipFromBigInt(BigInt(input.u32()), 4)];
  const options = length - 20;
  const isFirst = offset === 0 && options >= 0 && input.remaining >= options;
  if (isFirst) input.skip(options);
  return { family: 4, src, dst, protocol, ...(isFirst ? upper(protocol, input) : nothingAbove) };
}

function readIpv6(input: ByteReader): IpSummary | null {
  if (input.remaining < 40) return null;
  input.skip(6);
  const protocol = input.u8();
  input.skip(1);
  const [src, dst] = [ipFromBigInt(input.unsigned(16), 6), ipFromBigInt(input.unsigned(16), 6)];
  return { family: 6, src, dst, protocol, ...upper(protocol, input) };
}

const nothingAbove = { ports: null, icmp: null } as const;

function upper(protocol: number, input: ByteReader): Pick<IpSummary, 'ports' | 'icmp'> {
  if (icmpProtocols.has(protocol) && input.remaining >= 2) {
    return { ports: null, icmp: { type: input.u8(), code: input.u8() } };
  }
  if (portProtocols.has(protocol) && input.remaining >= 4) {
    return { ports: { src: input.u16(), dst: input.u16() }, icmp: null };
  }
  return nothingAbove;
}

/** Words `name=value`, for people and for grep. */
export function renderFrame({ eth_src, eth_dst, eth_type, ip }: FrameSummary): string {
  const ethernet = `eth_src=${eth_src} eth_dst=${eth_dst} eth_type=0x${eth_type.toString(16).padStart(4, '0')}`;
  if (ip === null) return ethernet;
  const { src, dst, protocol, ports, icmp } = ip;
  const above = [
    ...(ports === null ? [] : [`src_port=${ports.src} dst_port=${ports.dst}`]),
    ...(icmp === null ? [] : [`icmp_type=${icmp.type} icmp_code=${icmp.code}`]),
  ];
  return [ethernet, `ip_src=${src} ip_dst=${dst} ip_proto=${protocol}`, ...above].join(' ');
}
