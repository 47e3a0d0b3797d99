// What a ruleset does with a packet, as iptables would: for tests, which need no kernel for it. It knows the conditions
// of conditions.ts and the targets that decide; a word that it does not know is an invariant failure.

import { cidrContains, parseCidrLenient } from '@neutronium/net/cidr';
import { invariant } from '@neutronium/net/invariant';
import type { IpAddress } from '@neutronium/net/ip';
import type { Mac } from '@neutronium/net/mac';
import type { CtState } from './conditions.ts';
import type { IpSet } from './ip-set.ts';
import type { Rule, Words } from './rule.ts';
import type { BuiltInChain, Ruleset, Table } from './ruleset.ts';

export interface FilteredPacket {
  /** Ports of a Linux bridge. */
  readonly bridgedIn: string;
  readonly bridgedOut: string;
  readonly sourceMac: Mac;
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly protocol: number;
  /** Zero where the protocol has no ports. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly icmp: { readonly type: number; readonly code: number } | null;
  readonly ctState: CtState;
  readonly connectionMark: number;
}

export interface Evaluation {
  readonly rules: Ruleset;
  readonly sets: readonly IpSet[];
}

type Verdict = 'ACCEPT' | 'DROP';

/** The verdict of a table's rules on a packet that comes by one of the kernel's chains; what none decides is accepted. */
export function evaluate(
  { rules, sets }: Evaluation,
  { table, chain }: { readonly table: Table; readonly chain: BuiltInChain },
  packet: FilteredPacket,
): Verdict {
  const chains = new Map(rules.chains.filter((each) => each.table === table).map((each) => [each.name, each.rules]));
  const walk = (list: readonly Rule[]): Verdict | null => {
    for (const { match, to } of list) {
      if (!matches(match, packet, sets)) continue;
      invariant(to.kind !== 'extension', 'no extension decides in the tables that are evaluated');
      if (to.kind === 'goto') return walk(chains.get(to.chain) ?? []);
      if (to.kind === 'verdict' && to.verdict === 'RETURN') return null;
      const verdict = to.kind === 'verdict' ? to.verdict : walk(chains.get(to.chain) ?? []);
      if (verdict === 'ACCEPT' || verdict === 'DROP') return verdict;
    }
    return null;
  };
  const hooks = rules.hooks.filter((hook) => hook.table === table && hook.chain === chain).map(({ rule }) => rule);
  return walk(hooks) ?? 'ACCEPT';
}

function matches(words: Words, packet: FilteredPacket, sets: readonly IpSet[]): boolean {
  for (let at = 0; at < words.length; at += 1) {
    const option = words[at] ?? '';
    if (option === '--physdev-is-bridged' || option === '--soft') continue;
    at += 1;
    const value = words[at] ?? '';
    if (option === '-m') continue;
    if (option === '--match-set') at += 1;
    const condition = conditions[option];
    invariant(condition !== undefined, () => `${option} is not known`);
    if (!condition({ packet, value, next: words[at] ?? '', sets })) return false;
  }
  return true;
}

interface Question {
  readonly packet: FilteredPacket;
  readonly value: string;
  /** The word after the value, where the option takes two. */
  readonly next: string;
  readonly sets: readonly IpSet[];
}

const conditions: Readonly<Record<string, (question: Question) => boolean>> = {
  '-s': ({ packet, value }) => within(value, packet.source),
  '-d': ({ packet, value }) => within(value, packet.destination),
  '-p': ({ packet, value }) => packet.protocol === (protocolNumbers[value] ?? Number(value)),
  '--sport': ({ packet, value }) => inRange(value, packet.sourcePort),
  '--dport': ({ packet, value }) => inRange(value, packet.destinationPort),
  '--dports': ({ packet, value }) => inRange(value, packet.destinationPort),
  '--icmp-type': ({ packet, value }) => isIcmp(value, packet),
  '--icmpv6-type': ({ packet, value }) => isIcmp(value, packet),
  '--physdev-in': ({ packet, value }) => packet.bridgedIn === value,
  '--physdev-out': ({ packet, value }) => packet.bridgedOut === value,
  '--mac-source': ({ packet, value }) => packet.sourceMac === value,
  '--ctstate': ({ packet, value }) => value.split(',').includes(packet.ctState),
  '--mark': ({ packet, value }) => packet.connectionMark === Number(value),
  '--header': ({ packet, value }) => packet.protocol === headerNumbers[value],
  '--match-set': ({ packet, value, next, sets }) =>
    sets.some(
      ({ name, members }) =>
        name === value &&
        [...members].some((member) => within(member, next === 'src' ? packet.source : packet.destination)),
    ),
};

const protocolNumbers: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17, 'ipv6-icmp': 58 };
const headerNumbers: Readonly<Record<string, number>> = {
  'hop-by-hop': 0,
  'ipv6-route': 43,
  'ipv6-frag': 44,
  'ipv6-opts': 60,
};

function within(prefix: string, address: IpAddress): boolean {
  const parsed = parseCidrLenient(prefix);
  return parsed.ok && cidrContains(parsed.value, address);
}

function inRange(range: string, port: number): boolean {
  const [first, last = first] = range.split(':').map(Number);
  return first !== undefined && last !== undefined && port >= first && port <= last;
}

function isIcmp(typeAndCode: string, { icmp }: FilteredPacket): boolean {
  const [type, code] = typeAndCode.split('/').map(Number);
  return icmp !== null && icmp.type === type && (code === undefined || icmp.code === code);
}
