// A VLAN network is one tag on one physical network (IEEE 802.1Q). Tenants get ids from the ranges that the operator
// set aside for them; an administrator may name any id.

import type { ServerConfig } from '#config/server-settings';
import { InvalidInput, VlanIdInUse } from '@neutronium/model/errors';
import { firstVlanId, lastVlanId } from '@neutronium/net/vlan';
import { physicalMtu } from './physical-mtu.ts';
import type { ConfiguredRanges, TypeDriver } from './type-driver.ts';

export function vlanDriver(settings: ServerConfig['networks']): TypeDriver {
  const configured = vlanRanges(settings.network_vlan_ranges);
  return {
    type: 'vlan',
    exclusive: true,
    configured,
    check({ physical_network, segmentation_id }, pools) {
      if (physical_network === null) {
        if (segmentation_id === null) return;
        throw new InvalidInput({
          error_message: 'segmentation_id requires physical_network for VLAN provider network',
        });
      }
      const hasIds = pools.some((pool) => pool.physical_network === physical_network);
      if (!hasIds && !configured.some((wire) => wire.physical_network === physical_network)) {
        throw new InvalidInput({
          error_message: `physical_network '${physical_network}' unknown for VLAN provider network`,
        });
      }
      if (segmentation_id === null) {
        if (hasIds) return;
        throw new InvalidInput({
          error_message:
            `Physical network ${physical_network} requires segmentation_id to be specified when creating a provider ` +
            'network',
        });
      }
      if (segmentation_id < firstVlanId || segmentation_id > lastVlanId) {
        throw new InvalidInput({
          error_message: `segmentation_id out of range (${firstVlanId} through ${lastVlanId})`,
        });
      }
    },
    isComplete: ({ physical_network, segmentation_id }) => physical_network !== null && segmentation_id !== null,
    inUse: ({ physical_network, segmentation_id }, blockers) =>
      new VlanIdInUse({ vlan_id: segmentation_id ?? '', physical_network: physical_network ?? '', blockers }),
    mtu: (physicalNetwork) => physicalMtu(settings, physicalNetwork),
  };
}

/** The ranges of each physical network, in the order in which the setting names them first. */
function vlanRanges(setting: ServerConfig['networks']['network_vlan_ranges']): readonly ConfiguredRanges[] {
  const names = [...new Set(setting.map((entry) => entry.physical_network))];
  return names.map((name) => ({
    physical_network: name,
    ranges: setting.flatMap(({ physical_network, range }) =>
      physical_network === name && range !== null ? [range] : [],
    ),
  }));
}
