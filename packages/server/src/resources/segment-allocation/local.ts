// A local network stays on the host where it is used: there is no wire, so there is nothing to allocate.

import type { ServerConfig } from '#config/server-settings';
import { InvalidInput } from '@neutronium/model/errors';
import { InvariantViolated } from '@neutronium/net/invariant';
import { physicalMtu } from './physical-mtu.ts';
import type { TypeDriver } from './type-driver.ts';

export function localDriver(settings: ServerConfig['networks']): TypeDriver {
  return {
    type: 'local',
    exclusive: false,
    check({ physical_network, segmentation_id }) {
      if (physical_network !== null) {
        throw new InvalidInput({ error_message: 'physical_network prohibited for local provider network' });
      }
      if (segmentation_id !== null) {
        throw new InvalidInput({ error_message: 'segmentation_id prohibited for local provider network' });
      }
    },
    isComplete: () => true,
    configured: undefined,
    inUse() {
      throw new InvariantViolated('a local network has no wire that another could have');
    },
    mtu: () => physicalMtu(settings, null),
  };
}
