import type { Family, IpAddress } from '@neutronium/net/ip';
import type { GatewayPort, RouterAddress } from './hosted-router.ts';

/** Where packets go that leave by the gateway: to the router outside that the first of its subnets names. */
export function wayOut(
  { addresses }: Pick<GatewayPort, 'addresses'>,
  version: Family,
): { readonly subnet: RouterAddress['subnet']; readonly via: IpAddress } | undefined {
  for (const { subnet } of addresses) {
    if (subnet.ip_version === version && subnet.gateway_ip !== null) return { subnet, via: subnet.gateway_ip };
  }
  return undefined;
}
