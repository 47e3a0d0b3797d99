// Random flows that a switch accepts, for tests.

import fc from 'fast-check';
import { networkOf } from '@neutronium/net/cidr';
import { ipFromBigInt } from '@neutronium/net/ip';
import { macFromBigInt } from '@neutronium/net/mac';
import { ct, ctClear, decTtl, load, move, normal, output, pushVlan, setField, setVlan, type Action } from './action.ts';
import { tagged, untagged, whole } from './field.ts';
import type { Flow } from './flow.ts';
import { arp, ethernet, ipv4, ipv6, match, neighborAdvertisement, protocol, type Match } from './match.ts';
import { ctState, fragment } from './match-text.ts';

const port = fc.integer({ min: 1, max: 0xfeff });
const vlan = fc.integer({ min: 1, max: 4094 });
const word = fc.integer({ min: 0, max: 0xffffffff });
const mac = fc.bigInt({ min: 0n, max: (1n << 48n) - 1n }).map(macFromBigInt);
const ip4 = fc.bigInt({ min: 0n, max: (1n << 32n) - 1n }).map((value) => ipFromBigInt(value, 4));
const ip6 = fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }).map((value) => ipFromBigInt(value, 6));
const prefix4 = fc.tuple(ip4, fc.integer({ min: 1, max: 32 })).map(([address, length]) => networkOf(address, length));
const prefix6 = fc.tuple(ip6, fc.integer({ min: 1, max: 128 })).map(([address, length]) => networkOf(address, length));

export const arbitraryMatch: fc.Arbitrary<Match> = fc.oneof(
  fc.constant(match({})),
  fc.record({ in_port: port, vlan_vid: vlan.map(tagged), eth_src: mac }, { requiredKeys: [] }).map(match),
  port.map((in_port) => match({ in_port, vlan_vid: untagged })),
  fc
    .record({ in_port: port, arp_spa: prefix4, arp_sha: mac, arp_op: fc.constantFrom(1, 2) }, { requiredKeys: [] })
    .map(arp),
  fc.record({ in_port: port, nd_target: prefix6, eth_src: mac }, { requiredKeys: [] }).map(neighborAdvertisement),
  fc
    .record({ reg5: word, reg6: word, ip_src: prefix4, udp_dst: fc.integer({ min: 0, max: 65_535 }) })
    .map((tests) => ipv4({ ...tests, ip_proto: protocol.udp, ct_state: ctState({ trk: true, new: false }) })),
  fc.record({ ipv6_dst: prefix6, ct_mark: word }).map(ipv6),
  fc
    .record({ ip_src: prefix4, ip_frag: fc.constantFrom('no', 'yes', 'first', 'later', 'not_later').map(fragment) })
    .map(ipv4),
);

/** Actions that any packet can undergo. */
const change: fc.Arbitrary<readonly Action[]> = fc.oneof(
  mac.map((address) => [setField('eth_dst', address)]),
  word.map((value) => [setField('reg5', value)]),
  fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map((value) => [setField('tun_id', value)]),
  fc.integer({ min: 0, max: 15 }).map((value) => [load(value, { field: 'reg6', start: 4, bits: 4 })]),
  fc.constant([move(whole('eth_src'), whole('eth_dst'))]),
  port.map((number) => [output(number)]),
  fc.constantFrom<readonly Action[]>([normal], [output('IN_PORT')], [output('LOCAL')], [ctClear]),
  fc.integer({ min: 0, max: 200 }).map((table): readonly Action[] => [{ kind: 'resubmit', table, inPort: null }]),
);

/** Actions that a switch accepts only where the match says that the packet is IP. */
const ipChange: fc.Arbitrary<readonly Action[]> = fc.oneof(
  fc.constant([decTtl]),
  word.map((mark) => [ct({ zone: 7, commit: true, exec: [setField('ct_mark', mark)] })]),
  fc.integer({ min: 1, max: 200 }).map((table) => [ct({ zone: { field: 'reg6', start: 0, bits: 16 }, table })]),
);

const goto: fc.Arbitrary<readonly Action[]> = fc
  .integer({ min: 200, max: 250 })
  .map((table) => [{ kind: 'goto', table }]);

function actionsFor(tests: Match): fc.Arbitrary<readonly Action[]> {
  const isIp = tests.eth_type !== undefined && tests.eth_type.value !== BigInt(ethernet.arp);
  // A tag that is pushed hides the packet's protocol from what follows, so what needs IP comes first.
  return fc
    .tuple(
      isIp ? fc.array(ipChange, { maxLength: 3 }) : fc.constant([]),
      // A switch counts tags, and refuses the third.
      fc.oneof(
        fc.constant([]),
        vlan.map((id) => [pushVlan, setVlan(id)]),
      ),
      fc.array(change, { maxLength: 12 }),
      fc.oneof(fc.constant([]), goto),
    )
    .map(([ipChanges, tag, changes, last]) => [...ipChanges.flat(), ...tag, ...changes.flat(), ...last]);
}

export const arbitraryFlow: fc.Arbitrary<Flow> = arbitraryMatch.chain((tests) =>
  fc.record({
    // A goto leads forward, so that tables of arbitrary flows leave room for its targets.
    table: fc.integer({ min: 0, max: 199 }),
    priority: fc.integer({ min: 0, max: 65_535 }),
    match: fc.constant(tests),
    actions: actionsFor(tests),
    of: fc.uuid(),
    why: fc.constant('a test'),
  }),
);

/** Flows of which a switch can hold all at once. */
export const arbitraryFlows: fc.Arbitrary<readonly Flow[]> = fc.uniqueArray(arbitraryFlow, {
  maxLength: 40,
  selector: ({ table, priority }) => table * 65_536 + priority,
});
