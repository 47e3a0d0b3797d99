// Parts of fields as Nicira's actions name them.

import { fieldOfHeader, type Slice } from '../field.ts';

/** The 16-bit ofs_nbits of a slice: its first bit and its width less one. */
export function offsetAndBits({ start, bits }: Slice): number {
  return (start << 6) | (bits - 1);
}

/** The slice that ofs_nbits and a header name; null when the field is not in our language. */
export function readSlice(ofsNbits: number, header: number): Slice | null {
  const field = fieldOfHeader(header);
  return field === undefined ? null : { field, start: ofsNbits >> 6, bits: (ofsNbits & 0x3f) + 1 };
}
