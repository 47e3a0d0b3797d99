// Address translation within ct on the wire (NXAST_NAT): which of its six numbers follow is told by bits.

import type { Nat } from '../action.ts';
import type { ByteReader, ByteWriter } from './bytes.ts';

const natFlag = { source: 1, destination: 2 } as const;
const natRange = { ipv4First: 1, ipv4Last: 2, ipv6First: 4, ipv6Last: 8, portFirst: 16, portLast: 32 } as const;

/** Writes what follows the subtype of a nat action, without the final padding. */
export function writeNat(out: ByteWriter, { direction, address, ports }: Nat): void {
  out.zeros(2);
  out.u16(direction === null ? 0 : direction === 'src' ? natFlag.source : natFlag.destination);
  const one = address !== null && address.first === address.last;
  const onePort = ports !== null && ports.first === ports.last;
  const [first, last] =
    address?.family === 6 ? [natRange.ipv6First, natRange.ipv6Last] : [natRange.ipv4First, natRange.ipv4Last];
  const present =
    (address === null ? 0 : first | (one ? 0 : last)) |
    (ports === null ? 0 : natRange.portFirst | (onePort ? 0 : natRange.portLast));
  out.u16(present);
  if (address !== null) {
    const bytes = address.family === 4 ? 4 : 16;
    out.unsigned(address.first, bytes);
    if (!one) out.unsigned(address.last, bytes);
  }
  if (ports === null) return;
  out.u16(ports.first);
  if (!onePort) out.u16(ports.last);
}

/** Reads what writeNat writes. */
export function readNat(body: ByteReader): Nat {
  body.skip(2);
  const [flags, present] = [body.u16(), body.u16()];
  const has = (bit: number) => (present & bit) !== 0;
  const direction = (flags & natFlag.source) !== 0 ? 'src' : (flags & natFlag.destination) !== 0 ? 'dst' : null;
  let address: Nat['address'] = null;
  if (has(natRange.ipv4First) || has(natRange.ipv6First)) {
    const family = has(natRange.ipv4First) ? 4 : 6;
    const bytes = family === 4 ? 4 : 16;
    const first = body.unsigned(bytes);
    const last = has(family === 4 ? natRange.ipv4Last : natRange.ipv6Last) ? body.unsigned(bytes) : first;
    address = { family, first, last };
  }
  let ports: Nat['ports'] = null;
  if (has(natRange.portFirst)) {
    const first = body.u16();
    ports = { first, last: has(natRange.portLast) ? body.u16() : first };
  }
  return { direction, address, ports };
}
