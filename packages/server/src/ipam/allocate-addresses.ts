// Gives ports the addresses that they need. Nothing is locked: an address is had by claiming it, the unique constraint
// of (network_id, ip_address) lets one claim win, and who loses chooses again. Ports that need the same are served
// together, so a bulk request of a hundred ports costs as many statements as one port does.

import { blockersOf } from '@neutronium/model/api-error';
import type { FixedIp } from '@neutronium/model/host-view';
import { IpAddressAlreadyAllocated, IpAddressGenerationFailure } from '@neutronium/model/errors';
import type { IpAddress } from '@neutronium/net/ip';
import { claimAddresses, type AddressClaim } from '../store/allocations.ts';
import type { Reader } from '../store/store.ts';
import { poolRanges } from './allocation-pools.ts';
import { chooseAddresses, type RandomBelow, type TakenAddresses } from './choose-addresses.ts';
import type { AddressNeed, AddressSubnet } from './fixed-ips.ts';

export interface PortNeeds {
  readonly port_id: string;
  readonly network_id: string;
  /** 'first' for the network's own services, which take the lowest free address. */
  readonly order: 'any' | 'first';
  readonly needs: readonly AddressNeed[];
}

/** One need of one port; `index` is its place in the port's list. */
interface Place {
  readonly port: PortNeeds;
  readonly index: number;
}

interface AnyAddress extends Place {
  readonly subnets: readonly AddressSubnet[];
}

/** How often a claim may lose against other servers before the request gives up. */
const maxLostClaims = 10;

/** The addresses of each port, by its id, in the order of its needs. All are claimed, or an error says which cannot be. */
export async function allocateAddresses(
  db: Reader['db'],
  ports: readonly PortNeeds[],
  random: RandomBelow,
): Promise<ReadonlyMap<string, readonly FixedIp[]>> {
  const found = new Map<string, FixedIp[]>(ports.map((port) => [port.port_id, []]));
  const put = ({ port, index }: Place, address: FixedIp): void => {
    const addresses = found.get(port.port_id);
    if (addresses !== undefined) addresses[index] = address;
  };
  const exact: (Place & { readonly address: FixedIp })[] = [];
  const groups = new Map<string, AnyAddress[]>();
  for (const port of ports) {
    for (const [index, need] of port.needs.entries()) {
      if (need.kind === 'exactly') {
        exact.push({ port, index, address: { subnet_id: need.subnet_id, ip_address: need.ip_address } });
        continue;
      }
      const key = [port.network_id, port.order, ...need.subnets.map((subnet) => subnet.id)].join(' ');
      const group = groups.get(key) ?? [];
      group.push({ port, index, subnets: need.subnets });
      groups.set(key, group);
    }
  }
  // Addresses that are asked for by name come first, so that none of the others is given them.
  await claimExactly(db, exact);
  for (const { address, ...place } of exact) put(place, address);
  try {
    for (const group of groups.values()) await claimAny(db, group, random, put);
  } catch (error) {
    // The caller may do with less, so what was claimed until here must not stay behind.
    for (const port of ports) await releaseAddresses(db, port.port_id, found.get(port.port_id) ?? []);
    throw error;
  }
  return found;
}

async function releaseAddresses(db: Reader['db'], portId: string, addresses: readonly FixedIp[]): Promise<void> {
  // A place that got nothing is a hole in the list.
  const claimed = addresses.filter((address) => address !== undefined).map(({ ip_address }) => ip_address);
  if (claimed.length === 0) return;
  await db.deleteFrom('ip_allocations').where('port_id', '=', portId).where('ip_address', 'in', claimed).execute();
}

async function claimExactly(
  db: Reader['db'],
  wanted: readonly (Place & { readonly address: FixedIp })[],
): Promise<void> {
  for (const ofNetwork of Map.groupBy(wanted, ({ port }) => port.network_id).values()) {
    const claims = new Map<IpAddress, AddressClaim>();
    for (const { port, address } of ofNetwork) {
      if (claims.has(address.ip_address)) throw alreadyAllocated(address, []);
      claims.set(address.ip_address, claimOf(port, address));
    }
    const won = await claimAddresses(db, [...claims.values()]);
    for (const { port, address } of ofNetwork) {
      if (won.has(address.ip_address)) continue;
      throw alreadyAllocated(address, await holdersOf(db, port.network_id, address.ip_address));
    }
  }
}

/** All members of `group` are of one network and may use the same subnets. */
async function claimAny(
  db: Reader['db'],
  group: readonly AnyAddress[],
  random: RandomBelow,
  put: (place: Place, address: FixedIp) => void,
): Promise<void> {
  const [first] = group;
  if (first === undefined) return;
  const { network_id, order } = first.port;
  let left: readonly AnyAddress[] = group;
  for (const subnet of first.subnets) {
    const wish = { pools: poolRanges(subnet.allocation_pools), family: subnet.ip_version, order };
    const taken = takenAddresses(db, network_id, subnet.id);
    for (let attempt = 0; left.length > 0 && attempt < maxLostClaims; attempt += 1) {
      const chosen = await chooseAddresses({ ...wish, count: left.length }, taken, random);
      if (chosen.length === 0) break;
      const claims = chosen.flatMap((ip_address, index) => {
        const place = left[index];
        return place === undefined ? [] : [{ place, claim: claimOf(place.port, { subnet_id: subnet.id, ip_address }) }];
      });
      const won = await claimAddresses(
        db,
        claims.map(({ claim }) => claim),
      );
      const lost: AnyAddress[] = [];
      for (const { place, claim } of claims) {
        const { subnet_id, ip_address } = claim;
        if (won.has(ip_address)) put(place, { subnet_id, ip_address });
        else lost.push(place);
      }
      left = [...lost, ...left.slice(chosen.length)];
    }
  }
  if (left.length > 0) throw new IpAddressGenerationFailure({ net_id: network_id });
}

function takenAddresses(db: Reader['db'], networkId: string, subnetId: string): TakenAddresses {
  const addresses = db.selectFrom('ip_allocations').select('ip_address');
  return {
    async among(candidates) {
      // Pools without an address have no candidates, and PostgreSQL no empty list.
      if (candidates.length === 0) return new Set();
      const rows = await addresses.where('network_id', '=', networkId).where('ip_address', 'in', candidates).execute();
      return new Set(rows.map((row) => row.ip_address));
    },
    async all() {
      const rows = await addresses.where('subnet_id', '=', subnetId).execute();
      return rows.map((row) => row.ip_address);
    },
  };
}

function claimOf({ port_id, network_id }: PortNeeds, address: FixedIp): AddressClaim {
  return { port_id, network_id, ...address };
}

/** The port that has the address. */
async function holdersOf(db: Reader['db'], networkId: string, address: IpAddress): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('ip_allocations')
    .select('port_id')
    .where('network_id', '=', networkId)
    .where('ip_address', '=', address)
    .execute();
  return rows.map(({ port_id }) => port_id);
}

function alreadyAllocated({ ip_address, subnet_id }: FixedIp, holders: readonly string[]): Error {
  return new IpAddressAlreadyAllocated({ ip: ip_address, subnet_id, blockers: blockersOf('port', holders) });
}
