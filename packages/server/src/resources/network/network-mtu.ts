import { InvalidInput } from '@neutronium/model/errors';
import { smallestGiven } from '../segment-allocation/physical-mtu.ts';
import type { Wire } from '../segment-allocation/type-driver.ts';
import type { TypeDrivers } from '../segment-allocation/type-drivers.ts';

/**
 * Bytes of the largest IP packet of a network with these segments: `requested`, or where that is 0 the largest that all
 * of them carry. Throws InvalidInput when they cannot carry what is requested.
 */
export function networkMtu(requested: number, wires: readonly Wire[], drivers: TypeDrivers): number {
  const largest = smallestGiven(
    wires.map(({ network_type, physical_network }) => drivers.mtuOf(network_type, physical_network)),
  );
  if (largest > 0 && requested > largest) {
    throw new InvalidInput({ error_message: `Requested MTU is too big, maximum is ${largest}` });
  }
  return requested === 0 ? largest : requested;
}
