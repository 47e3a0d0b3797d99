// What a host's part of a distributed router knows besides what every router does: where its packets go that have no
// route here, by which floating IPs are reached on the host itself, and its neighbours, whom it need not ask for - their
// answers would go to the part of their own host, which has the same addresses.

import type { FloatingIpView, PortView } from '@neutronium/model/host-view';
import { isCidr, networkAddress, prefixLength } from '@neutronium/net/cidr';
import { addressBits, family, ipToBigInt, type Family, type IpAddress } from '@neutronium/net/ip';
import type { Mac } from '@neutronium/net/mac';
import type { NeighborPlan } from '../host-plan.ts';
import { hashOf } from '../netfilter/hash.ts';
import { agentGatewayName, floatingNamespaceName, jointNames } from '../plan/device-names.ts';
import type { RouterPort } from './hosted-router.ts';
import type { LinkLocalPair } from './link-local.ts';

export interface LocalPart {
  readonly outlets: readonly Outlet[];
  readonly entrances: readonly Entrance[];
  /** By the device that they are behind. */
  readonly neighbors: ReadonlyMap<string, readonly NeighborPlan[]>;
}

/** Where what comes from one of the router's subnets goes, unless the main table knows: to the centre. */
export interface Outlet {
  readonly device: string;
  readonly family: Family;
  /** The router's address there with the subnet's length. */
  readonly from: string;
  readonly via: IpAddress;
  /** Number of the table, and priority of the rule that asks it. */
  readonly table: number;
}

/** An external network on which floating IPs of the router are reached on this host. */
export interface Entrance {
  /** The host's port there. */
  readonly gateway: RouterPort;
  readonly namespace: string;
  /** The router's end of the pair to that namespace, and the other one. */
  readonly devices: { readonly router: string; readonly floating: string };
  readonly pair: LinkLocalPair;
  /** In the order of their ids. */
  readonly floatingIps: readonly FloatingIpView[];
  readonly table: number;
  /** Of the rules that ask the table; the same for all floating IPs, no two of which are of one address. */
  readonly priority: number;
}

/** Neutron's FIP_RT_TBL. Of several external networks the others have the tables after it. */
const floatingTable = 16;
/** Neutron's FIP_PR_START: after the main table, so that what is inside is reached without a floating IP. */
const floatingPriority = 32_768;

/** `centre` are the ports of the router's centre, wherever that is. */
export function outletsOf(interfaces: readonly RouterPort[], centre: readonly PortView[]): readonly Outlet[] {
  const places = centre.flatMap((port) => port.fixed_ips);
  return interfaces.flatMap(({ device, addresses }) =>
    addresses.flatMap(({ ip, subnet }): readonly Outlet[] => {
      const via = places.find(({ subnet_id }) => subnet_id === subnet.id)?.ip_address;
      if (via === undefined) return [];
      return [{ device, family: family(ip), from: `${ip}/${prefixLength(subnet.cidr)}`, via, table: tableOf(ip) }];
    }),
  );
}

/** Neutron's number for an interface's table: its IPv4 address as a number, a hash of 30 bits for IPv6. */
function tableOf(ip: IpAddress): number {
  if (family(ip) === 4) return Number(ipToBigInt(ip));
  const hash = Number.parseInt(hashOf(ip).slice(0, 8), 16) % 2 ** 30;
  // Rules before 32768 are others' business.
  return hash < 65_536 ? hash + 65_536 : hash;
}

/** The entrances of a router, in the order of the networks' ids. */
export function entrancesOf(
  routerId: string,
  reached: ReadonlyMap<string, { readonly gateway: RouterPort; readonly floatingIps: readonly FloatingIpView[] }>,
  pairs: ReadonlyMap<string, LinkLocalPair>,
): readonly Entrance[] {
  return [...reached]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([networkId, { gateway, floatingIps }], index) => {
      const pair = pairs.get(jointName(routerId, networkId));
      if (pair === undefined) return [];
      return [
        {
          gateway: { ...gateway, device: agentGatewayName(gateway.port.id) },
          namespace: floatingNamespaceName(networkId),
          devices: jointNames(index === 0 ? routerId : hashOf(jointName(routerId, networkId))),
          pair,
          floatingIps,
          table: floatingTable + index,
          priority: floatingPriority + index,
        },
      ];
    });
}

/** What a pair is known by among those of the host. */
export function jointName(routerId: string, networkId: string): string {
  return `${routerId} ${networkId}`;
}

/** The neighbours behind each interface: the ports of its network, and what only one of them is allowed to have besides. */
export function neighborsOf(
  interfaces: readonly RouterPort[],
  portsOfNetwork: (networkId: string) => readonly PortView[],
): ReadonlyMap<string, readonly NeighborPlan[]> {
  return new Map(
    interfaces.map((own) => {
      const families = new Set(own.addresses.map(({ ip }) => family(ip)));
      const others = portsOfNetwork(own.network.id).filter(({ id }) => id !== own.port.id);
      const ownAddresses = new Set(own.addresses.map(({ ip }) => ip));
      const known = new Map<IpAddress, Mac>();
      for (const [ip, mac] of claimedByOne(others)) known.set(ip, mac);
      for (const { fixed_ips, mac_address } of others)
        for (const { ip_address } of fixed_ips) known.set(ip_address, mac_address);
      const neighbors = [...known]
        .filter(([ip]) => families.has(family(ip)) && !ownAddresses.has(ip))
        .map(([ip, mac]): NeighborPlan => ({ ip, mac }));
      return [own.device, neighbors.toSorted((a, b) => (a.ip < b.ip ? -1 : 1))];
    }),
  );
}

function claimedByOne(ports: readonly PortView[]): ReadonlyMap<IpAddress, Mac> {
  const claims = new Map<IpAddress, Mac | null>();
  for (const { allowed_address_pairs: pairs } of ports) {
    for (const { ip_address, mac_address } of pairs) {
      const ip = isCidr(ip_address) ? hostOf(ip_address) : ip_address;
      if (ip !== null) claims.set(ip, claims.has(ip) ? null : mac_address);
    }
  }
  return new Map([...claims].flatMap(([ip, mac]) => (mac === null ? [] : [[ip, mac]])));
}

function hostOf(prefix: Parameters<typeof prefixLength>[0]): IpAddress | null {
  const ip = networkAddress(prefix);
  return prefixLength(prefix) === addressBits[family(ip)] ? ip : null;
}
