// Who has addresses of a subnet, by their ids.

import type { IpAddress } from '@neutronium/net/ip';
import { deviceOwners, routerInterfaceOwners } from '#ipam/device-owner';
import type { Reader } from '../../store/store.ts';

/** The ports with an address of the subnet that are not a DHCP server's. */
export async function userPortsOn(db: Reader['db'], subnetId: string): Promise<readonly string[]> {
  return portsOf(addressesOn(db, subnetId).where('ports.device_owner', '!=', deviceOwners.dhcp));
}

/** The ports of routers on the subnet, with `address` if one is given. */
export async function routerPortsOn(
  db: Reader['db'],
  subnetId: string,
  address?: IpAddress,
): Promise<readonly string[]> {
  const ofRouters = addressesOn(db, subnetId).where('ports.device_owner', 'in', routerInterfaceOwners);
  return portsOf(address === undefined ? ofRouters : ofRouters.where('ip_allocations.ip_address', '=', address));
}

/** The ports that are not a DHCP server's and have addresses of this subnet and of no other. */
export async function portsOnlyOn(db: Reader['db'], subnetId: string): Promise<readonly string[]> {
  return portsOf(
    addressesOn(db, subnetId)
      .where('ports.device_owner', '!=', deviceOwners.dhcp)
      .where((here) =>
        here.not(
          here.exists(
            here
              .selectFrom('ip_allocations as other')
              .select('other.port_id')
              .whereRef('other.port_id', '=', 'ports.id')
              .where('other.subnet_id', '!=', subnetId),
          ),
        ),
      ),
  );
}

function addressesOn(db: Reader['db'], subnetId: string) {
  return db
    .selectFrom('ip_allocations')
    .innerJoin('ports', 'ports.id', 'ip_allocations.port_id')
    .select('ports.id')
    .where('ip_allocations.subnet_id', '=', subnetId);
}

async function portsOf(query: ReturnType<typeof addressesOn>): Promise<readonly string[]> {
  return (await query.distinct().execute()).map(({ id }) => id);
}
