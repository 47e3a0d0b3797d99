import type { ServerConfig } from '#config/server-settings';
import { InvalidInput } from '@neutronium/model/errors';
import { flatDriver } from './flat.ts';
import { localDriver } from './local.ts';
import { tunnelDriver } from './tunnel.ts';
import type { TypeDriver } from './type-driver.ts';
import { vlanDriver } from './vlan.ts';

/** The types of networks that this server is configured to offer. */
export class TypeDrivers {
  /** Types that a network without a wish is given, in the order of preference. */
  readonly tenantTypes: readonly TypeDriver[];
  readonly #byType: ReadonlyMap<string, TypeDriver>;

  constructor(settings: ServerConfig['networks']) {
    const all = [
      localDriver(settings),
      flatDriver(settings),
      vlanDriver(settings),
      tunnelDriver('gre', settings),
      tunnelDriver('vxlan', settings),
      tunnelDriver('geneve', settings),
    ];
    const offered = all.filter((driver) => settings.type_drivers.includes(driver.type));
    this.#byType = new Map(offered.map((driver) => [driver.type, driver]));
    this.tenantTypes = settings.tenant_network_types.flatMap((type) => this.#byType.get(type) ?? []);
  }

  /** The driver of a type; undefined for one that is not offered. */
  find(networkType: string): TypeDriver | undefined {
    return this.#byType.get(networkType);
  }

  /** Throws InvalidInput for a type that is not offered. */
  get(networkType: string): TypeDriver {
    const driver = this.#byType.get(networkType);
    if (driver === undefined) {
      throw new InvalidInput({ error_message: `network_type value '${networkType}' not supported` });
    }
    return driver;
  }

  /** Bytes of the largest IP packet on a wire; 0, which stands for unknown, when its type is not offered any more. */
  mtuOf(networkType: string, physicalNetwork: string | null): number {
    return this.#byType.get(networkType)?.mtu(physicalNetwork) ?? 0;
  }
}
