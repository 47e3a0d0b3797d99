// Reading the namespaces that may be ours, with one command however many there are: a script that prints what ip(8),
// ethtool(8) and /proc say, and the parser of what it prints.

import { announcementMark } from './state.ts';
import { cidrContains, linkLocalPrefix } from '@neutronium/net/cidr';
import { ipToBigInt, parseIp } from '@neutronium/net/ip';
import { macOfInterfaceId } from '@neutronium/net/mac';
import type { LinkState, NamespaceState, NamespaceStates } from './state.ts';

/**
 * Our mark: the alias of a namespace's loopback device. It is in the namespace itself, so it can neither outlive it nor
 * be lost with a file; another program's namespace of the same naming pattern does not carry it.
 */
export const ownershipAlias = 'neutronium';

/**
 * Prints, for `parseNamespaces`, each namespace that carries the mark or is named as ours are. Starting processes is
 * what takes the time, so there are few. With details, addresses are listed together with the aliases of their devices.
 */
export const readNamespacesScript = `
echo '@host'
ip -j link show type veth
for path in /run/netns/*; do
  [ -e "$path" ] || continue
  name=\${path##*/}
  lo=$(ip -n "$name" -j link show dev lo 2>/dev/null) || continue
  case "$lo $name" in *'"ifalias":"${ownershipAlias}"'*) ours=yes;; *' qdhcp-'* | *' qrouter-'*) ours=no;; *) continue;; esac
  echo "@namespace $ours $name"
  echo '@ipv4'; printf 'address\nroute\n' | ip -n "$name" -j -d -batch -
  echo '@ipv6'; printf 'route\nneighbour show proxy\n' | ip -n "$name" -j -6 -batch -
  nsenter --net="$path" sh -c '
    for device in /proc/sys/net/ipv4/conf/*; do
      case "$device" in */all|*/default|*/lo) continue;; esac
      echo "@offload \${device##*/}"
      ethtool -k "\${device##*/}" 2>/dev/null
    done
    echo @sysctls
    grep -rsH "" /proc/sys/net/ipv4/conf /proc/sys/net/ipv6/conf /proc/sys/net/ipv4/ip_forward \\
      /proc/sys/net/ipv4/ip_nonlocal_bind /proc/sys/net/ipv6/neigh/*/proxy_delay
    true'
done
echo '@end'
`;

interface HostEnd {
  readonly name: string;
  readonly mtu: number;
  readonly up: boolean;
}

/** What a namespace's part of the output says, section by section. */
interface Sections {
  readonly name: string;
  readonly ours: boolean;
  /** What ip(8) answered to each of its commands, in their order. */
  readonly ip: Readonly<Record<'@ipv4' | '@ipv6', (readonly unknown[])[]>>;
  readonly offload: Map<string, boolean>;
  readonly sysctls: Map<string, string>;
}

/** The namespaces that `output` tells of. Throws when it was cut short. */
export function parseNamespaces(output: string): NamespaceStates {
  const lines = output.split('\n');
  if (!lines.includes('@end')) throw new Error('the list of network namespaces was cut short');
  const hostEnds = new Map<number, HostEnd>();
  const found: Sections[] = [];
  let section = '';
  for (const line of lines) {
    const current = found.at(-1);
    if (line.startsWith('@namespace ')) {
      const [, ours, name = ''] = line.split(' ');
      found.push(newSections(name, ours === 'yes'));
    } else if (line.startsWith('@')) {
      section = line;
    } else if (line !== '') {
      if (section === '@host') for (const link of array(line)) addHostEnd(hostEnds, link);
      else if (current !== undefined) addLine(current, section, line);
    }
  }
  return new Map(found.map((sections) => [sections.name, namespaceState(sections, hostEnds)]));
}

function newSections(name: string, ours: boolean): Sections {
  return { name, ours, ip: { '@ipv4': [], '@ipv6': [] }, offload: new Map(), sysctls: new Map() };
}

function addLine(sections: Sections, section: string, line: string): void {
  if (section === '@ipv4' || section === '@ipv6') sections.ip[section].push(array(line));
  else if (section.startsWith('@offload ')) {
    if (line.startsWith('tx-checksumming: ')) {
      sections.offload.set(section.slice('@offload '.length), line === 'tx-checksumming: on');
    }
  } else if (section === '@sysctls') {
    const end = line.indexOf(':');
    const path = line.slice('/proc/sys/'.length, end);
    sections.sysctls.set(path.replaceAll('/', '.'), line.slice(end + 1));
  }
}

function addHostEnd(hostEnds: Map<number, HostEnd>, link: unknown): void {
  const index = numberOf(link, 'ifindex');
  hostEnds.set(index, { name: textOf(link, 'ifname'), mtu: numberOf(link, 'mtu'), up: isUp(link) });
}

function namespaceState(sections: Sections, hostEnds: ReadonlyMap<number, HostEnd>): NamespaceState {
  const links = new Map<string, LinkState>();
  const [addresses = [], routesOfIpv4 = []] = sections.ip['@ipv4'];
  const [routesOfIpv6 = [], proxies = []] = sections.ip['@ipv6'];
  const routes = [...routesOfIpv4, ...routesOfIpv6];
  for (const link of addresses) {
    const device = textOf(link, 'ifname');
    if (device === 'lo') continue;
    const peer = hostEnds.get(numberOf(link, 'link_index'));
    const [mac, mark, ownAddresses] = [textOf(link, 'address'), textOf(link, 'ifalias'), addressesOf(link).toSorted()];
    links.set(device, {
      hostDevice: peer?.name ?? null,
      mac,
      mtu: numberOf(link, 'mtu'),
      hostMtu: peer?.mtu ?? 0,
      up: isUp(link) && peer?.up === true,
      checksumOffload: sections.offload.get(device) ?? false,
      addresses: ownAddresses,
      neighborProxies: proxies
        .filter((proxy) => textOf(proxy, 'dev') === device)
        .map((proxy) => textOf(proxy, 'dst'))
        .toSorted(),
      announced: mark === announcementMark(mac, ownAddresses) ? ownAddresses : [],
      mark,
      routes: routes
        .filter((route) => textOf(route, 'dev') === device && !kernelProtocols.has(textOf(route, 'protocol')))
        .map(readRoute)
        .toSorted(),
    });
  }
  return { name: sections.name, ours: sections.ours, links, sysctls: sections.sysctls };
}

/** Routes that come by themselves: with an address, or from a router's advertisement. */
const kernelProtocols: ReadonlySet<string> = new Set(['kernel', 'ra', 'redirect']);

function addressesOf(link: unknown): readonly string[] {
  return arrayOf(link, 'addr_info')
    .filter((address) => !isMadeOfMac(textOf(address, 'local')))
    .map((address) => `${textOf(address, 'local')}/${numberOf(address, 'prefixlen')}`);
}

/**
 * Whether it is a link-local address as the kernel makes them of a MAC address. ip(8) does not say
 * which it has made, and one that it has made of an earlier MAC address stays.
 */
function isMadeOfMac(text: string): boolean {
  const address = parseIp(text);
  if (!address.ok || !cidrContains(linkLocalPrefix, address.value)) return false;
  return macOfInterfaceId(BigInt.asUintN(64, ipToBigInt(address.value))) !== null;
}

function readRoute(route: unknown): string {
  const via = textOf(route, 'gateway');
  const destination = textOf(route, 'dst');
  // ip(8) leaves the length of a host route out.
  const whole =
    destination === 'default' || destination.includes('/')
      ? destination
      : `${destination}/${destination.includes(':') ? 128 : 32}`;
  return `${whole}${via === '' ? '' : ` via ${via} onlink`}`;
}

function array(json: string): readonly unknown[] {
  const value: unknown = JSON.parse(json);
  return Array.isArray(value) ? value : [];
}

function member(object: unknown, name: string): unknown {
  return typeof object === 'object' && object !== null ? Reflect.get(object, name) : undefined;
}

function arrayOf(object: unknown, name: string): readonly unknown[] {
  const value = member(object, name);
  return Array.isArray(value) ? value : [];
}

function textOf(object: unknown, name: string): string {
  const value = member(object, name);
  return typeof value === 'string' ? value : '';
}

function numberOf(object: unknown, name: string): number {
  const value = member(object, name);
  return typeof value === 'number' ? value : 0;
}

function isUp(link: unknown): boolean {
  return arrayOf(link, 'flags').includes('UP');
}
