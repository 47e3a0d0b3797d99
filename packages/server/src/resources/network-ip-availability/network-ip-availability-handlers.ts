// Counts addresses: of all networks of a list together, in a number of statements that does not grow with theirs.

import { NetworkNotFound } from '@neutronium/model/errors';
import { jsonNumber } from '@neutronium/model/json-number';
import type { Keyed } from '@neutronium/model/kinds/keyed';
import type { Condition } from '@neutronium/model/read-query';
import { network } from '@neutronium/model/resources/network';
import { networkIpAvailability } from '@neutronium/model/resources/network-ip-availability';
import { addressCount, hostCount } from '@neutronium/net/cidr';
import { rangeSetSize } from '@neutronium/net/range';
import { poolRanges } from '#ipam/allocation-pools';
import type { Call, Handlers } from '../handlers.ts';
import type { Reader } from '../../store/store.ts';
import { countTaken, subnetsToCount, type SubnetToCount, type Taken } from './count-taken.ts';

/** Attributes of the network by the names that they have here. */
const ofNetwork: Readonly<Record<string, string>> = {
  network_id: 'id',
  network_name: 'name',
  project_id: 'project_id',
};

export function networkIpAvailabilityHandlers(): Handlers<typeof networkIpAvailability> {
  return {
    resource: networkIpAvailability,
    notFound: (id) => new NetworkNotFound({ net_id: id }),
    records,
    derive: async (_call, all) => all,
  };
}

async function records({ store }: Call<Reader>, filters: readonly Condition[]) {
  const networks = await store.list(network, {
    where: filters.flatMap((filter) => {
      const attribute = filter.op === 'equals' ? ofNetwork[filter.attribute] : undefined;
      return filter.op === 'equals' && attribute !== undefined ? [{ ...filter, attribute }] : [];
    }),
  });
  const versions = filters.flatMap((filter) =>
    filter.op === 'has' && filter.attribute === 'ip_version' ? [filter.values] : [],
  );
  const subnets = (
    await subnetsToCount(
      store,
      networks.map(({ id }) => id),
    )
  ).filter(({ ip_version }) => versions.every((wanted) => wanted.includes(ip_version)));
  const taken = await countTaken(store, subnets);
  const byNetwork = Map.groupBy(subnets, ({ network_id }) => network_id);
  return networks.map(({ id, name, project_id }) => {
    const counted = (byNetwork.get(id) ?? []).map((subnet) => ({ subnet, counts: countsOf(subnet, taken) }));
    const sum = counted.reduce((total, { counts }) => plus(total, counts), none);
    return {
      network_id: id,
      network_name: name,
      project_id,
      ip_version: [...new Set(counted.map(({ subnet }) => subnet.ip_version))],
      total_ips: sum.total_ips_in_allocation_pool,
      used_ips: sum.used_ips_in_subnet,
      subnet_ip_availability: counted.map(({ subnet, counts }) => ({
        subnet_id: subnet.id,
        subnet_name: subnet.name,
        ip_version: subnet.ip_version,
        cidr: subnet.cidr,
        total_ips: jsonNumber(counts.total_ips_in_allocation_pool),
        used_ips: jsonNumber(counts.used_ips_in_subnet),
        ip_availability_details: shown(counts),
      })),
      ip_availability_details: shown(sum),
    };
  });
}

interface Counts {
  readonly total_ips_in_subnet: bigint;
  readonly total_ips_in_allocation_pool: bigint;
  readonly used_ips_in_subnet: bigint;
  readonly used_ips_in_allocation_pool: bigint;
}

const none: Counts = {
  total_ips_in_subnet: 0n,
  total_ips_in_allocation_pool: 0n,
  used_ips_in_subnet: 0n,
  used_ips_in_allocation_pool: 0n,
};

function countsOf(subnet: SubnetToCount, taken: ReadonlyMap<string, Taken>): Counts {
  const { id, ip_version, cidr, allocation_pools } = subnet;
  return {
    // Networking API: without the network and the broadcast address, which only IPv4 has.
    total_ips_in_subnet: ip_version === 6 ? addressCount(cidr) : hostCount(cidr),
    total_ips_in_allocation_pool: rangeSetSize(poolRanges(allocation_pools)),
    used_ips_in_subnet: BigInt(taken.get(id)?.inSubnet ?? 0),
    used_ips_in_allocation_pool: BigInt(taken.get(id)?.inPools ?? 0),
  };
}

function plus(a: Counts, b: Counts): Counts {
  return {
    total_ips_in_subnet: a.total_ips_in_subnet + b.total_ips_in_subnet,
    total_ips_in_allocation_pool: a.total_ips_in_allocation_pool + b.total_ips_in_allocation_pool,
    used_ips_in_subnet: a.used_ips_in_subnet + b.used_ips_in_subnet,
    used_ips_in_allocation_pool: a.used_ips_in_allocation_pool + b.used_ips_in_allocation_pool,
  };
}

function shown(counts: Counts): Keyed {
  return Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, jsonNumber(count)]));
}
