// Whether a port may send from its own addresses only, and from which others (allowed address pairs).

import {
  AddressPairAndPortSecurityRequired,
  AllowedAddressPairExhausted,
  DuplicateAddressPairInRequest,
} from '@neutronium/model/errors';
import type { AddressPair } from '@neutronium/model/host-view';
import type { RequestedPair } from '@neutronium/model/kinds/address-pairs';
import type { Mac } from '@neutronium/net/mac';
import { isNetworkService } from '#ipam/device-owner';

/** Ports of the network service route and serve for others, so nothing guards them; other ports follow their network. */
export function portSecurity(
  { device_owner, requested }: { readonly device_owner: string; readonly requested: boolean | undefined },
  network: { readonly port_security_enabled: boolean },
): boolean {
  if (isNetworkService(device_owner)) return false;
  return requested ?? network.port_security_enabled;
}

/** The pairs with the port's own MAC where they name none. Throws when there are too many, or two are the same. */
export function addressPairs(requested: readonly RequestedPair[], mac: Mac, maxPairs: number): readonly AddressPair[] {
  if (requested.length > maxPairs) throw new AllowedAddressPairExhausted({ quota: maxPairs });
  const seen = new Set<string>();
  return requested.map(({ mac_address = mac, ip_address }) => {
    const key = `${mac_address} ${ip_address}`;
    if (seen.has(key)) throw new DuplicateAddressPairInRequest({ mac_address, ip_address });
    seen.add(key);
    return { mac_address, ip_address };
  });
}

/** Throws when pairs are given to a port that nothing guards: they would mean nothing. */
export function checkPairsGuarded(port: {
  readonly port_security_enabled: boolean;
  readonly allowed_address_pairs: readonly AddressPair[];
}): void {
  if (!port.port_security_enabled && port.allowed_address_pairs.length > 0) {
    throw new AddressPairAndPortSecurityRequired();
  }
}
