import type { ServerConfig } from '#config/server-settings';

type MtuSettings = Pick<ServerConfig['networks'], 'global_physnet_mtu' | 'physical_network_mtus'>;

/** Bytes of the largest IP packet on a physical network: its own figure when it is the smaller one. */
export function physicalMtu(settings: MtuSettings, physicalNetwork: string | null): number {
  const own = settings.physical_network_mtus.find((entry) => entry.physical_network === physicalNetwork)?.mtu;
  return smallestGiven([settings.global_physnet_mtu, own ?? 0]);
}

/** The smallest of the figures that were given; 0, which stands for none, when none was. */
export function smallestGiven(mtus: readonly number[]): number {
  const given = mtus.filter((mtu) => mtu > 0);
  return given.length === 0 ? 0 : Math.min(...given);
}
