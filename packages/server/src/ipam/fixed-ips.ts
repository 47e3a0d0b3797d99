// Which addresses a port needs: the semantics of `fixed_ips`, decided without looking at what is free.

import { broadcast, cidrContains, networkAddress, type Cidr } from '@neutronium/net/cidr';
import type { IpAddress } from '@neutronium/net/ip';
import type { Mac } from '@neutronium/net/mac';
import {
  AllocationOnAutoAddressSubnet,
  InvalidInput,
  InvalidIpForNetwork,
  InvalidIpForSubnet,
  IpAddressGenerationFailureNoMatchingSubnet,
  SubnetNotFound,
} from '@neutronium/model/errors';
import type { FixedIp } from '@neutronium/model/host-view';
import type { AllocationPool } from '@neutronium/model/kinds/allocation-pools';
import type { RequestedIp } from '@neutronium/model/kinds/fixed-ips';
import { autoAddress, isAutoAddressSubnet, isEui64Address, type Ipv6Modes } from './auto-address.ts';
import { HostNotCompatibleWithFixedIps } from '@neutronium/model/segment-errors';
import { deviceOwners, isRouterInterface, isRouterPort } from './device-owner.ts';
import { requireSegment, subnetsAt, type PortPlace } from './routed-subnets.ts';

export interface AddressSubnet extends Ipv6Modes {
  readonly id: string;
  readonly cidr: Cidr;
  readonly ip_version: 4 | 6;
  readonly enable_dhcp: boolean;
  readonly allocation_pools: readonly AllocationPool[];
  readonly service_types: readonly string[];
  /** The segment that it is on, in a network that is routed between segments. */
  readonly segment_id: string | null;
}

export type AddressNeed =
  /** This address and no other. */
  | { readonly kind: 'exactly'; readonly subnet_id: string; readonly ip_address: IpAddress }
  /** Any free address of the first of these subnets that has one. */
  | { readonly kind: 'any'; readonly subnets: readonly AddressSubnet[] };

/** What planning has to know of a port and of its network. */
export interface AddressedPort extends PortPlace {
  readonly device_owner: string;
  readonly mac_address: Mac;
  /** All subnets of the network. */
  readonly subnets: readonly AddressSubnet[];
}

/**
 * What a new port needs: what `requested` names or, where the request is silent, one IPv4 address and one from a
 * non-automatic IPv6 subnet; and always an address in each auto-address subnet.
 */
export function addressesOfNewPort(
  port: AddressedPort,
  requested: readonly RequestedIp[] | undefined,
): readonly AddressNeed[] {
  const subnets = eligibleSubnets(port, requested);
  const manual = subnets.filter((subnet) => !isAutoAddressSubnet(subnet));
  const needs =
    requested === undefined
      ? [4, 6].flatMap((version) => anyOf(manual.filter((subnet) => subnet.ip_version === version)))
      : requested.flatMap((entry) => requestedAddress(port, subnets, entry));
  return [...needs, ...automaticAddresses(port, subnets, new Set())];
}

/** Whether a new port has to be told its host before it can have an address. */
export function waitsForHost(port: AddressedPort): boolean {
  const eligible = port.subnets.filter((subnet) => mayUse(subnet, port.device_owner));
  return port.host === '' && eligible.length > 0 && eligible.every(({ segment_id }) => segment_id !== null);
}

/** Throws HostNotCompatibleWithFixedIps when the port, which keeps `addresses`, cannot use them where it goes. */
export function requireUsableAddresses(
  port: AddressedPort & { readonly id: string },
  addresses: readonly FixedIp[],
): void {
  const usable = new Set(eligibleSubnets(port, addresses).map(({ id }) => id));
  if (addresses.every(({ subnet_id }) => usable.has(subnet_id))) return;
  throw new HostNotCompatibleWithFixedIps({ host: port.host, port_id: port.id });
}

export interface AddressChange {
  /** In the order of the answer: kept addresses, and what has to be found for the new ones. */
  readonly wanted: readonly (KeptAddress | AddressNeed)[];
  readonly removed: readonly FixedIp[];
}

export interface KeptAddress extends FixedIp {
  readonly kind: 'kept';
}

/**
 * What a port needs after `fixed_ips` was replaced by `requested`. An entry that names only a subnet keeps an address
 * that the port has there; automatic addresses stay though nobody names them.
 */
export function addressesOfChangedPort(
  port: AddressedPort,
  original: readonly FixedIp[],
  requested: readonly RequestedIp[],
): AddressChange {
  const subnets = eligibleSubnets(port, requested);
  const unclaimed = new Map(original.map((address) => [address.ip_address, address]));
  const claim = (address: FixedIp | undefined): KeptAddress | undefined => {
    if (address === undefined || !unclaimed.delete(address.ip_address)) return undefined;
    return { kind: 'kept', ...address };
  };
  // Addresses that are named in full are claimed first, so that an entry without one cannot take them away.
  const outdated = new Set(original.filter((address) => !isCurrent(port, address)).map(({ ip_address }) => ip_address));
  const current = requested.filter(({ ip_address }) => ip_address === undefined || !outdated.has(ip_address));
  const named = new Map(
    current.map((entry) => [
      entry,
      claim(entry.ip_address === undefined ? undefined : unclaimed.get(entry.ip_address)),
    ]),
  );
  const wanted = current.flatMap((entry): (KeptAddress | AddressNeed)[] => {
    const kept = named.get(entry) ?? (entry.ip_address === undefined ? claim(reusable(unclaimed, entry)) : undefined);
    return kept === undefined ? requestedAddress(port, subnets, entry) : [kept];
  });
  const automatic = new Set(port.subnets.filter(isAutoAddressSubnet).map((subnet) => subnet.id));
  for (const address of unclaimed.values()) {
    const stays =
      automatic.has(address.subnet_id) && !isRouterInterface(port.device_owner) && !outdated.has(address.ip_address);
    const kept = stays ? claim(address) : undefined;
    if (kept !== undefined) wanted.push(kept);
  }
  const handled = new Set(wanted.flatMap((address) => (address.kind === 'any' ? [] : [address.subnet_id])));
  return {
    wanted: [...wanted, ...automaticAddresses(port, subnets, handled)],
    removed: [...unclaimed.values()],
  };
}

/** Whether the subnet is for ports of this owner; DHCP is served wherever it is enabled. */
export function mayUse(
  { service_types, enable_dhcp }: Pick<AddressSubnet, 'service_types' | 'enable_dhcp'>,
  deviceOwner: string,
): boolean {
  return (
    service_types.length === 0 ||
    service_types.includes(deviceOwner) ||
    (enable_dhcp && deviceOwner === deviceOwners.dhcp)
  );
}

/** The subnets that ports of this owner use at this place: those of its service type before those for everyone. */
function eligibleSubnets(port: AddressedPort, requested: readonly RequestedIp[] | undefined): readonly AddressSubnet[] {
  const forOwner = port.subnets.filter((subnet) => mayUse(subnet, port.device_owner));
  const eligible = subnetsAt(port, forOwner, requested);
  if (eligible.length === 0) requireSegment(port, port.subnets);
  if (forOwner.length === 0 && port.subnets.length > 0) {
    throw new IpAddressGenerationFailureNoMatchingSubnet({
      network_id: port.network_id,
      service_type: port.device_owner,
    });
  }
  const special = eligible.filter((subnet) => subnet.service_types.length > 0);
  return [...special, ...eligible.filter((subnet) => subnet.service_types.length === 0)];
}

function anyOf(subnets: readonly AddressSubnet[]): AddressNeed[] {
  return subnets.length === 0 ? [] : [{ kind: 'any', subnets }];
}

/** One entry of `fixed_ips`; an auto-address subnet's own is left to `automaticAddresses`, which names all of them. */
function requestedAddress(port: AddressedPort, subnets: readonly AddressSubnet[], entry: RequestedIp): AddressNeed[] {
  const subnet = subnetOf(port, subnets, entry);
  const automatic = isAutoAddressSubnet(subnet) && !isRouterInterface(port.device_owner);
  if (entry.ip_address === undefined) return automatic ? [] : [{ kind: 'any', subnets: [subnet] }];
  if (automatic) throw new AllocationOnAutoAddressSubnet({ ip: entry.ip_address, subnet_id: subnet.id });
  return [{ kind: 'exactly', subnet_id: subnet.id, ip_address: entry.ip_address }];
}

function subnetOf(port: AddressedPort, subnets: readonly AddressSubnet[], entry: RequestedIp): AddressSubnet {
  if (subnets.length === 0) {
    throw new InvalidInput({ error_message: 'IP allocation requires subnets for network' });
  }
  const { subnet_id, ip_address } = entry;
  if (subnet_id !== undefined) {
    const subnet = subnets.find((candidate) => candidate.id === subnet_id);
    if (subnet === undefined) throw notForPort(port, subnet_id);
    if (ip_address !== undefined && !isUsable(subnet.cidr, ip_address, port.device_owner)) {
      throw new InvalidIpForSubnet({ ip_address });
    }
    return subnet;
  }
  if (ip_address === undefined) {
    throw new InvalidInput({ error_message: 'IP allocation requires subnet_id or ip_address' });
  }
  const subnet = subnets.find((candidate) => isUsable(candidate.cidr, ip_address, port.device_owner));
  if (subnet === undefined) throw new InvalidIpForNetwork({ ip_address });
  return subnet;
}

function notForPort({ network_id, subnets }: AddressedPort, subnet_id: string): Error {
  return subnets.some(({ id }) => id === subnet_id)
    ? invalidSubnet({ network_id, subnet_id })
    : new SubnetNotFound({ subnet_id });
}

/** A port of the network cannot have addresses of the subnet. */
export function invalidSubnet({
  network_id,
  subnet_id,
}: {
  readonly network_id: string;
  readonly subnet_id: string;
}): Error {
  return new InvalidInput({
    error_message: `Failed to create port on network ${network_id}, because fixed_ips included invalid subnet ${subnet_id}`,
  });
}

/** Whether a port may have the address at all; pools do not matter to an address that is asked for by name. */
function isUsable(cidr: Cidr, address: IpAddress, deviceOwner: string): boolean {
  if (!cidrContains(cidr, address)) return false;
  if (!address.includes(':')) return address !== networkAddress(cidr) && address !== broadcast(cidr);
  // The IPv6 network address is the routers' anycast address (RFC 4291 section 2.6.1), so theirs to have.
  return address !== networkAddress(cidr) || deviceOwner === '' || isRouterPort(deviceOwner);
}

/** Router ports have the addresses that their router asks for, even where all others are automatic. */
function automaticAddresses(
  port: AddressedPort,
  subnets: readonly AddressSubnet[],
  handled: ReadonlySet<string>,
): AddressNeed[] {
  if (isRouterInterface(port.device_owner)) return [];
  return subnets
    .filter((subnet) => isAutoAddressSubnet(subnet) && !handled.has(subnet.id))
    .map(({ id, cidr }) => ({ kind: 'exactly', subnet_id: id, ip_address: autoAddress(cidr, port.mac_address) }));
}

/** An automatic address follows the MAC that it was made from. */
function isCurrent(port: AddressedPort, address: FixedIp): boolean {
  const subnet = port.subnets.find((candidate) => candidate.id === address.subnet_id);
  if (subnet === undefined || !isAutoAddressSubnet(subnet) || !isEui64Address(address.ip_address)) return true;
  return autoAddress(subnet.cidr, port.mac_address) === address.ip_address;
}

function reusable(unclaimed: ReadonlyMap<IpAddress, FixedIp>, entry: RequestedIp): FixedIp | undefined {
  return [...unclaimed.values()].find(
    (address) => address.subnet_id === entry.subnet_id && !isEui64Address(address.ip_address),
  );
}
