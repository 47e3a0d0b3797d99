// Packets that flows send to us (packet_in, OpenFlow 1.4 section 7.4.1).

import { fieldOfHeader, headerBytes, type FieldName } from '../field.ts';
import { ByteReader } from './bytes.ts';
import { readMatch } from './oxm.ts';

export interface PacketIn {
  /** The table of the flow that has sent it. */
  readonly table: number;
  /** The packet's fields that it does not carry itself, such as registers, as far as our language has them. */
  readonly fields: Readonly<Partial<Record<FieldName, bigint>>>;
  /** The frame, or its beginning. */
  readonly frame: Uint8Array;
}

/** Reads the body of a packet_in. */
export function readPacketIn(input: ByteReader): PacketIn {
  input.skip(7); // buffer_id, total_len, reason
  const table = input.u8();
  input.skip(8); // cookie
  const { raw } = readMatch(input);
  input.skip(2);
  return { table, fields: readFields(raw), frame: Uint8Array.from(input.rest()) };
}

const maskBit = 0x100;
const matchHead = 4;

/** Those with a value and no mask. */
function readFields(match: Uint8Array): PacketIn['fields'] {
  const length = new ByteReader(match.subarray(2)).u16();
  const input = new ByteReader(match.subarray(matchHead, length));
  const fields: { -readonly [Name in FieldName]?: bigint } = {};
  while (input.remaining > 0) {
    const header = input.u32();
    const value = input.unsigned(headerBytes(header));
    const name = (header & maskBit) === 0 ? fieldOfHeader(header) : undefined;
    if (name !== undefined) fields[name] = value;
  }
  return fields;
}
