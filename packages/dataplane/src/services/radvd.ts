// Router advertisements (RFC 4861 section 4.2) in the networks behind a router: radvd's configuration. They tell
// instances their default router, the MTU, and whether they make their addresses themselves (RFC 4862) or ask for them.

import type { SubnetView } from '@neutronium/model/host-view';
import type { ServicePlan } from '../host-plan.ts';
import type { HostedRouter, RouterPort } from '../routers/hosted-router.ts';

/** Seconds between two advertisements that nobody asked for: Neutron's min_rtr_adv_interval, max_rtr_adv_interval. */
const interval = { least: 30, most: 100 } as const;
/** The least MTU of IPv6, in bytes (RFC 8200 section 5); radvd refuses to tell of a smaller one. */
const leastMtu = 1280;
/** As many name servers as Neutron's agent tells of. */
const mostNameServers = 3;

/**
 * The advertiser of a router, or null when none of its networks is advertised. A subnet without ipv6_ra_mode has
 * another router that advertises, or none (Networking API: IPv6 modes).
 */
export function radvdService({ view, namespace, interfaces }: HostedRouter, stateDir: string): ServicePlan | null {
  const texts = interfaces.flatMap((port) => interfaceText(port) ?? []);
  if (texts.length === 0) return null;
  const name = `radvd-${view.id}`;
  const directory = `${stateDir}/services/${name}`;
  return {
    name,
    namespace,
    program: 'radvd',
    directory,
    files: new Map([['radvd.conf', texts.join('\n')]]),
    args: ['-C', `${directory}/radvd.conf`, '-p', `${directory}/pid`, '-m', 'syslog'],
    onNewFiles: 'reload',
  };
}

function interfaceText({ device, network, addresses }: RouterPort): string | null {
  const subnets = addresses.map(({ subnet }) => subnet).filter(({ ipv6_ra_mode: mode }) => mode !== null);
  if (subnets.length === 0) return null;
  const modes = new Set(subnets.map(({ ipv6_ra_mode: mode }) => mode));
  const nameServers = subnets
    .filter(({ ipv6_ra_mode: mode }) => mode === 'slaac')
    .flatMap(({ dns_nameservers: servers }) => servers.filter((server) => server.includes(':')))
    .slice(0, mostNameServers);
  const options = [
    'AdvSendAdvert on;',
    `MinRtrAdvInterval ${interval.least};`,
    `MaxRtrAdvInterval ${interval.most};`,
    ...(network.mtu >= leastMtu ? [`AdvLinkMTU ${network.mtu};`] : []),
    ...(modes.has('dhcpv6-stateless') ? ['AdvOtherConfigFlag on;'] : []),
    ...(modes.has('dhcpv6-stateful') ? ['AdvManagedFlag on;'] : []),
    ...(nameServers.length > 0 ? [`RDNSS ${nameServers.join(' ')} {};`] : []),
    ...subnets.flatMap(prefixLines),
    // The metadata service, which would otherwise be a neighbour that nobody has (RFC 4191).
    'route fe80::a9fe:a9fe/128 {};',
  ];
  return [`interface ${device}`, '{', ...options.map((line) => `  ${line}`), '};', ''].join('\n');
}

/** Whether instances make themselves addresses of the prefix. */
function prefixLines({ cidr, ipv6_ra_mode: mode }: SubnetView): readonly string[] {
  const autonomous = mode === 'slaac' || mode === 'dhcpv6-stateless';
  return [`prefix ${cidr}`, '{', '  AdvOnLink on;', `  AdvAutonomous ${autonomous ? 'on' : 'off'};`, '};'];
}
