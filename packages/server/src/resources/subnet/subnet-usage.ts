// Who has addresses of a subnet, in questions that cost the same however many there are.

import type { IpAddress } from '@neutronium/net/ip';
import { deviceOwners, routerInterfaceOwners } from '#ipam/device-owner';
import type { Reader } from '../../store/store.ts';

/** The id of a port with an address of the subnet that is not a DHCP server's; undefined when there is none. */
export async function userPortOn(db: Reader['db'], subnetId: string): Promise<string | undefined> {
  return firstPort(addressesOn(db, subnetId).where('ports.device_owner', '!=', deviceOwners.dhcp));
}

/** The id of a router's port on the subnet, with `address` if one is given. */
export async function routerPortOn(
  db: Reader['db'],
  subnetId: string,
  address?: IpAddress,
): Promise<string | undefined> {
  const ofRouters = addressesOn(db, subnetId).where('ports.device_owner', 'in', routerInterfaceOwners);
  return firstPort(address === undefined ? ofRouters : ofRouters.where('ip_allocations.ip_address', '=', address));
}

/** Whether a port that is not a DHCP server's has addresses of this subnet and of no other. */
export async function onlyHasAddressesOn(db: Reader['db'], subnetId: string): Promise<boolean> {
  const port = await firstPort(
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
  return port !== undefined;
}

function addressesOn(db: Reader['db'], subnetId: string) {
  return db
    .selectFrom('ip_allocations')
    .innerJoin('ports', 'ports.id', 'ip_allocations.port_id')
    .select('ports.id')
    .where('ip_allocations.subnet_id', '=', subnetId);
}

async function firstPort(query: ReturnType<typeof addressesOn>): Promise<string | undefined> {
  return (await query.limit(1).executeTakeFirst())?.id;
}
