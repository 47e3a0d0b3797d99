// What a port is plugged into, as far as that is an object of this API. Instances are the compute service's, and DHCP
// servers nobody's.

import { blockersOf, type Blocker } from '@neutronium/model/api-error';
import type { PortRecord } from '@neutronium/model/resources/port';

/** The router or trunk that has the port; nothing where something else has it. */
export function deviceOfPort({
  device_id,
  device_owner,
}: Pick<PortRecord, 'device_id' | 'device_owner'>): readonly Blocker[] {
  if (device_owner.startsWith('network:router_') || device_owner === 'network:ha_router_replicated_interface') {
    return blockersOf('router', [device_id]);
  }
  return device_owner === 'trunk:subport' ? blockersOf('trunk', [device_id]) : [];
}
