// Whose address it is: the ports of the host's view, to be found by the address from which an instance asks, within one
// network or within the networks behind one router. Two tenants may have the same addresses.

import { routerInterfaceOwners } from '@neutronium/dataplane/services/isolated-metadata';
import { linkLocalPrefix, cidrContains } from '@neutronium/net/cidr';
import { ipToBigInt } from '@neutronium/net/ip';
import type { IpAddress } from '@neutronium/net/ip';
import { macOfInterfaceId } from '@neutronium/net/mac';
import type { HostView, PortView } from '@neutronium/model/host-view';

export interface Asked {
  /** What the proxy serves that was asked. */
  readonly serves: { readonly kind: 'router' | 'network'; readonly id: string };
  readonly address: IpAddress;
}

type Ports = HostView['ports'];

interface PortIndex {
  readonly of: Ports;
  readonly networksByRouter: ReadonlyMap<string, ReadonlySet<string>>;
  /** By `placeOf`. */
  readonly portsByPlace: ReadonlyMap<string, readonly PortView[]>;
}

export class InstanceDirectory {
  readonly #view: () => Pick<HostView, 'ports'> | null;
  #index: PortIndex | null = null;

  /** `view` is null until the server has sent one. */
  constructor(view: () => Pick<HostView, 'ports'> | null) {
    this.#view = view;
  }

  /**
   * The ports that may have asked; one, if all is well. Null while there is no view to look into. Costs a walk through
   * all ports after any of them has changed, and else nothing.
   */
  find({ serves, address }: Asked): readonly PortView[] | null {
    const ports = this.#view()?.ports;
    if (ports === undefined) return null;
    if (this.#index?.of !== ports) this.#index = indexOf(ports);
    const { networksByRouter, portsByPlace } = this.#index;
    const networks = serves.kind === 'network' ? [serves.id] : [...(networksByRouter.get(serves.id) ?? [])];
    const having = (value: string): readonly PortView[] =>
      networks.flatMap((networkId) => portsByPlace.get(placeOf(networkId, value)) ?? []);
    const found = having(address);
    if (found.length > 0 || !cidrContains(linkLocalPrefix, address)) return found;
    // The spoof guard lets an instance use no other link-local address than the one that is made of its MAC address.
    const mac = macOfInterfaceId(BigInt.asUintN(64, ipToBigInt(address)));
    return mac === null ? [] : having(mac);
  }
}

function indexOf(ports: Ports): PortIndex {
  const networksByRouter = new Map<string, Set<string>>();
  const portsByPlace = new Map<string, PortView[]>();
  for (const port of ports.values()) {
    if (routerInterfaceOwners.has(port.device_owner)) {
      const networks = networksByRouter.get(port.device_id);
      if (networks === undefined) networksByRouter.set(port.device_id, new Set([port.network_id]));
      else networks.add(port.network_id);
    }
    for (const value of [port.mac_address, ...port.fixed_ips.map((fixedIp) => fixedIp.ip_address)]) {
      const place = placeOf(port.network_id, value);
      const there = portsByPlace.get(place);
      if (there === undefined) portsByPlace.set(place, [port]);
      else there.push(port);
    }
  }
  return { of: ports, networksByRouter, portsByPlace };
}

function placeOf(networkId: string, address: string): string {
  return `${networkId} ${address}`;
}
