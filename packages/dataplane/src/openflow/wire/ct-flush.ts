// The message by which a switch forgets tracked connections (NXT_CT_FLUSH, an extension of Open vSwitch 3.1 and later;
// nicira-ext.h, ovs-ofctl(8) ct-flush).

import { ipToBigInt, family, type IpAddress } from '@neutronium/net/ip';
import { niciraVendor } from './actions.ts';
import { beginMessage, finishMessage, messageType } from './header.ts';

const flushConnections = 32; // NXT_CT_FLUSH
const property = { originalTuple: 0, zone: 2 } as const;
const tuple = { source: 0, destination: 1 } as const;
/** A property's type and length, of 16 bits each. */
const propertyHeader = 4;
/** IPv4 addresses are written as IPv6 ones (RFC 4291 section 2.5.5.2). */
const mapped = 0xffffn << 32n;

/** The connections that `address` has begun, or that were begun to it, in one zone of connection tracking. */
export function encodeConnectionFlush(
  xid: number,
  { zone, address, began }: { readonly zone: number; readonly address: IpAddress; readonly began: boolean },
): Uint8Array {
  const out = beginMessage(messageType.experimenter, xid);
  out.u32(niciraVendor);
  out.u32(flushConnections);
  // Of all protocols and both families: the address says which it is of.
  out.zeros(8);
  const start = out.length;
  out.u16(property.originalTuple);
  out.u16(0);
  out.zeros(4);
  out.u16(began ? tuple.source : tuple.destination);
  out.u16(propertyHeader + 16);
  out.unsigned(family(address) === 4 ? mapped | ipToBigInt(address) : ipToBigInt(address), 16);
  out.alignTo8(start);
  out.patch16(start + 2, out.length - start);
  out.u16(property.zone);
  out.u16(8);
  out.u16(zone);
  out.zeros(2);
  return finishMessage(out);
}
