// The names that a port's addresses have in the DNS of its network.

import type { DnsAssignment, FixedIp } from '@neutronium/model/host-view';

/** Neutron's default domain, which it takes as "no domain is configured": ports cannot be named in it. */
const defaultDomain = 'openstacklocal.';

/** The configured domain with its trailing dot; empty when there is none. */
export function qualifiedDomain(dnsDomain: string): string {
  return dnsDomain === '' || dnsDomain.endsWith('.') ? dnsDomain : `${dnsDomain}.`;
}

/** The name that a port asks for; one is honoured only where a domain other than the default is configured. */
export function effectiveDnsName(requested: string, dnsDomain: string): string {
  const domain = qualifiedDomain(dnsDomain);
  return domain === '' || domain === defaultDomain ? '' : requested;
}

/** One entry per address: the port's name, or `host-` and the address. */
export function dnsAssignment(
  port: { readonly dns_name: string; readonly fixed_ips: readonly FixedIp[] },
  dnsDomain: string,
): readonly DnsAssignment[] {
  const domain = qualifiedDomain(dnsDomain);
  return port.fixed_ips.map(({ ip_address }) => {
    const hostname = port.dns_name === '' ? `host-${ip_address.replaceAll(/[.:]/g, '-')}` : port.dns_name;
    return { ip_address, hostname, fqdn: qualified(hostname, domain) };
  });
}

function qualified(hostname: string, domain: string): string {
  return hostname.endsWith('.') || domain === '' ? hostname : `${hostname}.${domain}`;
}
