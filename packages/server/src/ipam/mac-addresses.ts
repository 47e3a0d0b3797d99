// MAC addresses for ports that ask for none.

import { macFromBigInt, macToBigInt, type Mac } from '@neutronium/net/mac';
import type { RandomBelow } from './choose-addresses.ts';

/**
 * A random address of the operator's range. The first three octets of `base` are fixed, and the fourth too unless it
 * is zero. It may be in use: the unique constraint on (network_id, mac_address) decides.
 */
export function randomMac(base: Mac, random: RandomBelow): Mac {
  const value = macToBigInt(base);
  const fourthIsFixed = ((value >> 16n) & 0xffn) !== 0n;
  const freeBits = fourthIsFixed ? 16n : 24n;
  return macFromBigInt(((value >> freeBits) << freeBits) | BigInt(random(2 ** Number(freeBits))));
}
