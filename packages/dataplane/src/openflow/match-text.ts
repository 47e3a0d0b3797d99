// A match as `ovs-ofctl dump-flows` prints it, and as ovs-ofctl reads it.

import { ipFromBigInt } from '@neutronium/net/ip';
import { macFromBigInt } from '@neutronium/net/mac';
import { fields, fullMask, tagged, type FieldName } from './field.ts';
import { ethernet, namesOf, protocol, type Match, type Test } from './match.ts';

/** The tests of a match, separated by commas; empty for a match of everything. */
export function renderMatch(match: Match): string {
  const shorthand = protocolShorthand(match);
  const terms: string[] = [];
  let named = false;
  for (const name of namesOf(match)) {
    const test = match[name];
    if (test === undefined) continue;
    if (!named && !beforeProtocol.has(name)) {
      named = true;
      if (shorthand !== null) terms.push(shorthand.word);
    }
    if (shorthand?.covers.includes(name) === true) continue;
    terms.push(renderTest(name, test));
  }
  return terms.join(',');
}

// dump-flows prints the protocol's word after these and before everything else.
const beforeProtocol: ReadonlySet<FieldName> = new Set([
  'conj_id',
  'pkt_mark',
  'ct_state',
  'ct_zone',
  'ct_mark',
  'ct_label',
]);

const words: ReadonlyMap<string, string> = new Map([
  [`${ethernet.arp}`, 'arp'],
  [`${ethernet.ipv4}`, 'ip'],
  [`${ethernet.ipv6}`, 'ipv6'],
  [`${ethernet.ipv4}/${protocol.icmp}`, 'icmp'],
  [`${ethernet.ipv4}/${protocol.tcp}`, 'tcp'],
  [`${ethernet.ipv4}/${protocol.udp}`, 'udp'],
  [`${ethernet.ipv4}/${protocol.sctp}`, 'sctp'],
  [`${ethernet.ipv6}/${protocol.icmpv6}`, 'icmp6'],
  [`${ethernet.ipv6}/${protocol.tcp}`, 'tcp6'],
  [`${ethernet.ipv6}/${protocol.udp}`, 'udp6'],
  [`${ethernet.ipv6}/${protocol.sctp}`, 'sctp6'],
]);

function protocolShorthand(match: Match): { readonly word: string; readonly covers: readonly FieldName[] } | null {
  const both = words.get(`${match.eth_type?.value}/${match.ip_proto?.value}`);
  if (both !== undefined) return { word: both, covers: ['eth_type', 'ip_proto'] };
  const one = words.get(`${match.eth_type?.value}`);
  return one === undefined ? null : { word: one, covers: ['eth_type'] };
}

function renderTest(name: FieldName, test: Test): string {
  if (name === 'vlan_vid') return renderVlan(test);
  // dump-flows shows the six DSCP bits in their place within the byte.
  if (name === 'ip_dscp') return `nw_tos=${test.value << 2n}`;
  return `${fields[name].dumpName}=${renderMasked(name, test)}`;
}

function renderVlan({ value, mask }: Test): string {
  const present = BigInt(tagged(0));
  const exact = mask === fullMask('vlan_vid');
  if (exact && (value & present) !== 0n) return `dl_vlan=${value & ~present}`;
  return `vlan_tci=${hex(value, 4)}/${hex(mask, 4)}`;
}

function renderMasked(name: FieldName, { value, mask }: Test): string {
  const { bits, form } = fields[name];
  const exact = mask === fullMask(name);
  switch (form) {
    case 'decimal':
      return exact ? String(value) : `${hex(value)}/${hex(mask)}`;
    case 'hex':
      return exact ? renderValue(name, value) : `${renderValue(name, value)}/${hex(mask)}`;
    case 'ct_state':
      return renderCtState({ value, mask });
    case 'fragment':
      return renderFragment({ value, mask });
    case 'mac':
      return exact ? macFromBigInt(value) : `${macFromBigInt(value)}/${macFromBigInt(mask)}`;
    case 'ipv4':
    case 'ipv6':
      return exact ? renderValue(name, value) : `${renderValue(name, value)}/${renderPrefix(mask, bits)}`;
  }
}

/** A value of the field in the form that set_field and an exact match print. */
export function renderValue(name: FieldName, value: bigint): string {
  if (name === 'vlan_vid') return String(value);
  switch (fields[name].form) {
    case 'decimal':
      return String(value);
    case 'hex':
      return name === 'eth_type' ? hex(value, 4) : hex(value);
    case 'ct_state':
      return renderCtState({ value, mask: fullMask(name) });
    case 'fragment':
      return renderFragment({ value, mask: fullMask(name) });
    case 'mac':
      return macFromBigInt(value);
    case 'ipv4':
      return ipFromBigInt(value, 4);
    case 'ipv6':
      return ipFromBigInt(value, 6);
  }
}

/** A prefix length, or the mask itself where it is not one. */
function renderPrefix(mask: bigint, bits: number): string {
  const ones = mask.toString(2).padStart(bits, '0');
  const length = ones.lastIndexOf('1') + 1;
  return ones.slice(0, length).includes('0') ? ipFromBigInt(mask, bits === 32 ? 4 : 6) : String(length);
}

/** Bits of ct_state (ovs-fields(7)), from the lowest. */
const ctStates = ['new', 'est', 'rel', 'rpl', 'inv', 'trk', 'snat', 'dnat'] as const;
export type CtState = (typeof ctStates)[number];

/** A test of connection states: those that must be set and those that must not be. */
export function ctState(flags: { readonly [State in CtState]?: boolean }): Test {
  let [value, mask] = [0n, 0n];
  for (const [bit, state] of ctStates.entries()) {
    const wanted = flags[state];
    if (wanted === undefined) continue;
    mask |= 1n << BigInt(bit);
    if (wanted) value |= 1n << BigInt(bit);
  }
  return { value, mask };
}

function renderCtState({ value, mask }: Test): string {
  const bit = (number: bigint, index: number) => ((number >> BigInt(index)) & 1n) === 1n;
  return ctStates.map((state, index) => (bit(mask, index) ? `${bit(value, index) ? '+' : '-'}${state}` : '')).join('');
}

/** Whether a packet is a fragment, and not the first of its datagram (ovs-fields(7)). */
const fragments = {
  no: { value: 0n, mask: 3n },
  yes: { value: 1n, mask: 1n },
  first: { value: 1n, mask: 3n },
  later: { value: 3n, mask: 3n },
  not_later: { value: 0n, mask: 2n },
} as const satisfies Readonly<Record<string, Test>>;

/** A test of where in its datagram a packet begins. */
export function fragment(which: keyof typeof fragments): Test {
  return fragments[which];
}

function renderFragment({ value, mask }: Test): string {
  const [word] = Object.entries(fragments).find(([, test]) => test.value === value && test.mask === mask) ?? [];
  return word ?? `${hex(value)}/${hex(mask)}`;
}

/** Hexadecimal as C's %#x prints it: zero has no prefix unless digits are asked for. */
function hex(value: bigint, digits = 0): string {
  return value === 0n && digits === 0 ? '0' : `0x${value.toString(16).padStart(digits, '0')}`;
}
