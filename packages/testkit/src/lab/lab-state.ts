// What is on the hosts of a lab, for tests that compare it with what should be: by asking the agents, and by taking
// everything down as text that two computations of the same must have in common.

import type { DriftAnswer } from '@neutronium/model/agent-socket';
import type { Lab } from '@neutronium/cli/lab/lab';
import type { LabHost } from '@neutronium/cli/lab/host';

interface AgentBody {
  readonly id: string;
  readonly host: string;
}

/** What of each host is not as planned, by host; hosts that are as planned are not in it. */
export async function driftOf(
  lab: Lab,
  hosts: Iterable<string> = lab.hosts.keys(),
): Promise<ReadonlyMap<string, string>> {
  const api = await lab.api();
  const agents = await api.expect<readonly AgentBody[]>('GET', '/agents?agent_type=Open%20vSwitch%20agent');
  const answers = [...hosts].map(async (host) => {
    const agent = agents.find((each) => each.host === host);
    if (agent === undefined) return [host, 'the server knows no agent of it'] as const;
    const { status, body } = await api.request('GET', `/agents/${agent.id}/drift`);
    if (status !== 200) return [host, JSON.stringify(body)] as const;
    // The answer that the server's OpenAPI document describes.
    const { differences, unseen } = body['drift'] as DriftAnswer;
    return [
      host,
      differences.length + unseen.length === 0 ? '' : JSON.stringify({ differences, unseen }, null, 1),
    ] as const;
  });
  return new Map((await Promise.all(answers)).filter(([, drift]) => drift !== ''));
}

/**
 * Returns once all that was written is live on every host and no host differs from its plan. Throws, with what differs,
 * where that does not come about within `timeoutMs`.
 */
export async function untilInStep(
  lab: Lab,
  { hosts = [...lab.hosts.keys()], timeoutMs = 60_000 }: { hosts?: readonly string[]; timeoutMs?: number } = {},
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const { live, lagging } = await revisionState(lab);
    const waited = live ? [] : lagging.filter(({ host }) => hosts.includes(host));
    const drift = waited.length > 0 ? new Map<string, string>() : await driftOf(lab, hosts);
    if (waited.length === 0 && drift.size === 0) return;
    if (performance.now() < deadline) continue;
    const reasons = [...waited.map(({ host, why }) => `${host} ${why}`), ...[...drift].map((each) => each.join(': '))];
    const logs = await Promise.all(hosts.map(async (host) => `--- agent of ${host}\n${await lab.log(host, 'agent')}`));
    throw new Error(`the lab is not in step after ${timeoutMs} ms:\n${[...reasons, ...logs].join('\n')}`);
  }
}

async function revisionState(lab: Lab) {
  const body = await (await lab.api()).expect('GET', '/revisions/newest?timeout=5');
  return body as {
    readonly live: boolean;
    readonly lagging: readonly { readonly host: string; readonly why: string }[];
  };
}

/**
 * What is on each host, by its name: now, and after the server and all agents have died and computed everything from
 * nothing but the database and the hosts themselves.
 */
export async function statesBeforeAndAfterAll(
  lab: Lab,
): Promise<ReadonlyMap<string, { readonly before: readonly string[]; readonly after: readonly string[] }>> {
  const hosts = [...lab.hosts.values()];
  const before = await Promise.all(hosts.map(hostState));
  await lab.killServer();
  await Promise.all(hosts.map(({ name }) => lab.killAgent(name)));
  await lab.startServer();
  await Promise.all(hosts.map(({ name }) => lab.startAgent(name)));
  await untilInStep(lab);
  const after = await Promise.all(hosts.map(hostState));
  return new Map(hosts.map(({ name }, at) => [name, { before: before[at] ?? [], after: after[at] ?? [] }]));
}

/**
 * What is on a host, as lines that do not depend on when or how it came to be: flows, ports, namespaces with their
 * addresses, routes and rules, and the programs in them.
 */
export async function hostState(host: LabHost): Promise<readonly string[]> {
  const bridges = (await host.vsctl('list-br')).split('\n').filter((name) => name !== '' && name !== 'br-phy');
  const flows = await Promise.all(
    bridges.map(async (bridge) =>
      linesOf(bridge, await host.ofctl(['--no-stats', '--no-names', 'dump-flows'], bridge)),
    ),
  );
  const ports = await host.vsctl('--columns=name,tag,other_config', '--format=csv', '--no-headings', 'list', 'Port');
  const namespaces = await host.script(`
    for path in /run/netns/*; do
      [ -e "$path" ] || continue
      name=\${path#/run/netns/}
      case $name in qrouter-*|qdhcp-*|snat-*|fip-*) ;; *) continue;; esac
      echo "namespace $name"
      nsenter --net=$path ip -brief address | sed "s/^/$name address /"
      nsenter --net=$path ip route | sed "s/^/$name route /"
      nsenter --net=$path ip rule | sed "s/^/$name rule /"
      nsenter --net=$path ip -6 rule | sed "s/^/$name rule6 /"
      nsenter --net=$path ip -6 route | sed "s/^/$name route6 /"
      nsenter --net=$path iptables-save | sed "s/^/$name iptables /"
      nsenter --net=$path ip6tables-save | sed "s/^/$name ip6tables /"
    done
    for path in /proc/[0-9]*; do
      line=$(tr '\\0' ' ' < $path/cmdline 2>/dev/null) || continue
      case $line in */dnsmasq*|dnsmasq*|*haproxy*|*radvd*|*keepalived*) echo "program $line";; esac
    done`);
  const carried = new Set((await host.vsctl('--bare', '--columns=tag', 'list', 'Port')).split('\n'));
  return [
    ...flows.flat().map((line) => withoutFreeVlans(line, carried)),
    ...linesOf('port', ports),
    ...namespaces.split('\n'),
  ]
    .filter((line) => line !== '' && !isFleeting(line))
    .map((line) =>
      line
        .replaceAll(/\[\d+:\d+\]/g, '')
        .replace(/@if\d+/, '')
        .trim(),
    )
    .toSorted();
}

/** The first VLAN that a lab gives to a network; local ones are fewer. */
const firstProviderVlan = 100;

/**
 * A flow without those local VLANs that no port carries: nobody remembers the number of a network that has no device on
 * the host, and another one serves as well.
 */
function withoutFreeVlans(flow: string, carried: ReadonlySet<string>): string {
  const free = (vlan: number): boolean => vlan < firstProviderVlan && !carried.has(String(vlan));
  return flow
    .replaceAll(/dl_vlan=(\d+)/g, (text, vlan: string) => (free(Number(vlan)) ? 'dl_vlan=free' : text))
    .replaceAll(/set_field:(\d+)->vlan_vid/g, (text, tci: string) =>
      // The bit above the twelve of a VLAN's number says that there is a tag (ovs-fields(7): vlan_vid).
      free(Number(tci) & 0xfff) ? 'set_field:free->vlan_vid' : text,
    )
    .replaceAll(/load:(0x[0-9a-f]+)->NXM_NX_REG6|reg6=(0x[0-9a-f]+)/g, (text, loaded?: string, matched?: string) =>
      free(Number(loaded ?? matched)) ? 'reg6 free' : text,
    );
}

/**
 * What differs from one run to the next and means nothing: times of dumps, what the kernel makes by itself, and what
 * switches learn of where highly available routers are.
 */
function isFleeting(line: string): boolean {
  return / ip6?tables #|expires \d|hard_timeout=/.test(line);
}

function linesOf(what: string, text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('OFPST_FLOW'))
    .map((line) => `${what} ${line}`);
}
