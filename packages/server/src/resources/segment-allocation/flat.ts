// A flat network is a whole physical network, untagged: one network for each, and never one that the server chose.

import type { ServerConfig } from '#config/server-settings';
import { FlatNetworkInUse, InvalidInput } from '@neutronium/model/errors';
import { physicalMtu } from './physical-mtu.ts';
import type { TypeDriver } from './type-driver.ts';

export function flatDriver(settings: ServerConfig['networks']): TypeDriver {
  const anyPhysicalNetwork = settings.flat_networks.includes('*');
  return {
    type: 'flat',
    exclusive: true,
    check({ physical_network, segmentation_id }) {
      if (physical_network === null) {
        throw new InvalidInput({ error_message: 'physical_network required for flat provider network' });
      }
      if (!anyPhysicalNetwork && settings.flat_networks.length === 0) {
        throw new InvalidInput({ error_message: 'Flat provider networks are disabled' });
      }
      if (!anyPhysicalNetwork && !settings.flat_networks.includes(physical_network)) {
        throw new InvalidInput({
          error_message: `physical_network '${physical_network}' unknown for flat provider network`,
        });
      }
      if (segmentation_id !== null) {
        throw new InvalidInput({ error_message: 'segmentation_id prohibited for flat provider network' });
      }
    },
    isComplete: ({ physical_network }) => physical_network !== null,
    configured: undefined,
    inUse: ({ physical_network }, blockers) =>
      new FlatNetworkInUse({ physical_network: physical_network ?? '', blockers }),
    mtu: (physicalNetwork) => physicalMtu(settings, physicalNetwork),
  };
}
