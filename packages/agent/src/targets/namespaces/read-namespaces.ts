// Reading the namespaces that may be ours, with one command however many there are: a script that prints what ip(8),
// ethtool(8) and /proc say, and the parser of what it prints.

import { deviceSettings, namespaceSettings } from '@neutronium/dataplane/host-plan';
import { cidrContains, linkLocalPrefix } from '@neutronium/net/cidr';
import { ipToBigInt, parseIp, type Family } from '@neutronium/net/ip';
import { macOfInterfaceId } from '@neutronium/net/mac';
import { announcementMark, jointMark } from './state.ts';
import type { LinkState, NamespaceState, NamespaceStates } from './state.ts';

/**
 * Our mark: the alias of a namespace's loopback device. It is in the namespace itself, so it can neither outlive it nor
 * be lost with a file; another program's namespace of the same naming pattern does not carry it.
 */
export const ownershipAlias = 'neutronium';

const ownSettings = namespaceSettings.map((name) => `/proc/sys/${name.replaceAll('.', '/')}`).join(' ');
const plannedSettings = deviceSettings.map((name) => `--include=${name}`).join(' ');

/**
 * Prints, for `parseNamespaces`, each namespace that carries the mark or is named as ours are. Starting processes and
 * reading settings is what takes the time, so there are few of both: one ip(8) tells several things, of all tables the
 * routes of both families, and with the details of addresses come the aliases of their devices.
 */
export const readNamespacesScript = `
look='
  ip -j -d -batch - <<END
address
route show table all
rule
neighbour show nud permanent
neighbour show proxy
END
  ip -6 -j -batch - <<END
neighbour show proxy
rule
END
  echo @offload
  ethtool -k "*" 2>/dev/null
  echo @sysctls
  grep -rsH ${plannedSettings} "" /proc/sys/net/ipv4/conf /proc/sys/net/ipv6/conf
  grep -sH "" /proc/sys/net/ipv[46]/neigh/*/proxy_delay ${ownSettings}
  true'
echo '@host'
ip -j link show type veth
for path in /run/netns/*; do
  [ -e "$path" ] || continue
  case "\${path##*/}" in
    qdhcp-*|qrouter-*|snat-*|fip-*) ;;
    *) case "$(nsenter --net="$path" ip -j link show dev lo 2>/dev/null)" in *'"ifalias":"${ownershipAlias}"'*) ;; *) continue ;; esac ;;
  esac
  echo "@namespace \${path##*/}"
  nsenter --net="$path" sh -c "$look" 2>/dev/null || echo @gone
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
  /** The answers of ip(8), one array each. */
  readonly answers: (readonly unknown[])[];
  readonly offload: Map<string, boolean>;
  readonly sysctls: Map<string, string>;
  gone: boolean;
}

/** The namespaces that `output` tells of. Throws when it was cut short. */
export function parseNamespaces(output: string): NamespaceStates {
  const lines = output.split('\n');
  if (!lines.includes('@end')) throw new Error('the list of network namespaces was cut short');
  const hostEnds = new Map<number, HostEnd>();
  const found: Sections[] = [];
  let section = '';
  let device = '';
  for (const line of lines) {
    const current = found.at(-1);
    if (line.startsWith('@namespace ')) {
      section = '@answers';
      found.push(newSections(line.slice('@namespace '.length)));
    } else if (line.startsWith('@')) {
      section = line;
      if (line === '@gone' && current !== undefined) current.gone = true;
    } else if (line !== '') {
      const features = /^Features for (?<device>\S+):$/.exec(line)?.groups?.['device'];
      if (section === '@host') for (const link of array(line)) addHostEnd(hostEnds, link);
      else if (section === '@offload' && features !== undefined) device = features;
      else if (current !== undefined) addLine(current, { section, device, line });
    }
  }
  return new Map(
    found.filter(({ gone }) => !gone).map((sections) => [sections.name, namespaceState(sections, hostEnds)]),
  );
}

function newSections(name: string): Sections {
  return { name, answers: [], offload: new Map(), sysctls: new Map(), gone: false };
}

function addLine(sections: Sections, { section, device, line }: Record<'section' | 'device' | 'line', string>): void {
  if (section === '@answers') sections.answers.push(array(line));
  else if (section === '@offload') {
    if (line.startsWith('tx-checksumming: ')) sections.offload.set(device, line === 'tx-checksumming: on');
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
  const answers = sections.answers.flat();
  const devices = answers.filter((each) => textOf(each, 'ifname') !== '');
  const proxies = answers.filter(isNeighborProxy);
  const neighbors = answers.filter((each) => arrayOf(each, 'state').includes('PERMANENT') && !isNeighborProxy(each));
  const routes = answers.filter(
    (each) =>
      textOf(each, 'ifname') === '' &&
      arrayOf(each, 'state').length === 0 &&
      !isNeighborProxy(each) &&
      !isRoutingRule(each),
  );
  // Every kernel has rules of its own, so that the first list of rules is that of IPv4.
  const [rules4 = [], rules6 = []] = sections.answers.filter((answer) => answer.some(isRoutingRule));
  for (const link of devices) {
    const device = textOf(link, 'ifname');
    if (device === 'lo') continue;
    const [mac, alias, ownAddresses] = [textOf(link, 'address'), textOf(link, 'ifalias'), addressesOf(link).toSorted()];
    // The numbers of devices are those of each namespace, so that another's may have that of a device of the host.
    const isJoint = alias.startsWith(jointMark);
    const peer = isJoint ? undefined : hostEnds.get(numberOf(link, 'link_index'));
    const mark = isJoint ? '' : alias;
    const answersFor = [
      ...new Set(proxies.filter((proxy) => textOf(proxy, 'dev') === device).map((proxy) => textOf(proxy, 'dst'))),
    ].toSorted();
    const announced = [...ownAddresses, ...answersFor.filter((address) => !address.includes(':'))].toSorted();
    links.set(device, {
      hostDevice: peer?.name ?? null,
      joint: isJoint ? alias : null,
      mac,
      mtu: numberOf(link, 'mtu'),
      hostMtu: peer?.mtu ?? 0,
      up: isUp(link) && (isJoint || peer?.up === true),
      checksumOffload: sections.offload.get(device) ?? false,
      addresses: ownAddresses,
      neighborProxies: answersFor,
      neighbors: neighbors
        .filter((neighbor) => textOf(neighbor, 'dev') === device)
        .map((neighbor) => `${textOf(neighbor, 'dst')} lladdr ${textOf(neighbor, 'lladdr')}`)
        .toSorted(),
      announced: mark === announcementMark(mac, announced) ? announced : [],
      mark,
      routes: routes
        .filter((route) => textOf(route, 'dev') === device && !kernelProtocols.has(textOf(route, 'protocol')))
        .map(readRoute)
        .toSorted(),
    });
  }
  const ours = devices.some((link) => textOf(link, 'ifname') === 'lo' && textOf(link, 'ifalias') === ownershipAlias);
  const rules = [...rules4.flatMap((rule) => readRule(4, rule)), ...rules6.flatMap((rule) => readRule(6, rule))];
  return { name: sections.name, ours, links, sysctls: sections.sysctls, rules: rules.toSorted() };
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
  const table = textOf(route, 'table');
  return `${whole}${via === '' ? '' : ` via ${via} onlink`}${table === '' || table === 'main' ? '' : ` table ${table}`}`;
}

function isRoutingRule(answer: unknown): boolean {
  return member(answer, 'priority') !== undefined;
}

/** Those that every namespace has (ip-rule(8)). */
const kernelPriorities: ReadonlySet<number> = new Set([0, 32_766, 32_767]);

/** As `ruleText` writes it, with what else it has, which no plan has; nothing for the kernel's own. */
function readRule(family: Family, rule: unknown): readonly string[] {
  const priority = numberOf(rule, 'priority');
  if (kernelPriorities.has(priority)) return [];
  const [source, length] = [textOf(rule, 'src'), numberOf(rule, 'srclen')];
  const [mark, mask] = [textOf(rule, 'fwmark'), textOf(rule, 'fwmask')];
  const suppressed = member(rule, 'suppress_prefixlen');
  const [device, destination] = [textOf(rule, 'iif'), textOf(rule, 'dst')];
  const words = [
    `-${family} rule priority ${priority}`,
    ...(source === 'all' ? [] : [`from ${source}${length === 0 ? '' : `/${length}`}`]),
    ...(destination === '' ? [] : [`to ${destination}`]),
    ...(mark === '' ? [] : [`fwmark ${mark}${mask === '' ? '' : `/${mask}`}`]),
    ...(device === '' ? [] : [`iif ${device}`]),
    `lookup ${textOf(rule, 'table')}`,
    ...(suppressed === undefined ? [] : [`suppress_prefixlength ${Number(suppressed)}`]),
  ];
  return [words.join(' ')];
}

/** ip(8) gives it a member without a value. */
function isNeighborProxy(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && Reflect.has(answer, 'proxy');
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
