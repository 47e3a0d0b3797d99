// What every OpenFlow 1.4 message has in common: its header, and where it ends in a stream of bytes.

import { ByteReader, ByteWriter, MalformedMessage } from './bytes.ts';

export const openflowVersion = 0x05; // OpenFlow 1.4
export const headerLength = 8;

export const messageType = {
  hello: 0,
  error: 1,
  echoRequest: 2,
  echoReply: 3,
  experimenter: 4,
  featuresRequest: 5,
  featuresReply: 6,
  setConfig: 9,
  packetIn: 10,
  flowMod: 14,
  multipartRequest: 18,
  multipartReply: 19,
  barrierRequest: 20,
  barrierReply: 21,
  meterMod: 29,
  bundleControl: 33,
  bundleAdd: 34,
} as const;
export const multipartFlow = 1; // OFPMP_FLOW
export const multipartMeterConfig = 10; // OFPMP_METER_CONFIG

/** Starts a message; `finishMessage` puts its length in. */
export function beginMessage(type: number, xid: number): ByteWriter {
  const out = new ByteWriter();
  out.u8(openflowVersion);
  out.u8(type);
  out.u16(0);
  out.u32(xid);
  return out;
}

export function finishMessage(out: ByteWriter): Uint8Array {
  if (out.length > 0xffff) throw new RangeError(`an OpenFlow message of ${out.length} bytes`);
  out.patch16(2, out.length);
  return out.finish();
}

/** Cuts a byte stream into whole messages; `rest` is the beginning of one that has not fully arrived. */
export function splitMessages(bytes: Uint8Array): {
  readonly messages: readonly Uint8Array[];
  readonly rest: Uint8Array;
} {
  const messages: Uint8Array[] = [];
  let at = 0;
  while (bytes.length - at >= headerLength) {
    const length = new ByteReader(bytes.subarray(at + 2)).u16();
    if (length < headerLength) throw new MalformedMessage(`a message that says it has ${length} bytes`);
    if (at + length > bytes.length) break;
    messages.push(bytes.subarray(at, at + length));
    at += length;
  }
  return { messages, rest: bytes.subarray(at) };
}
