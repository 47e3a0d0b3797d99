import { cidr } from '@neutronium/net/cidr';
import { ip } from '@neutronium/net/ip';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { routesToPeers, type PeerSubnet } from './peer-routes.ts';

const peer = (index: number, segment_id: string | null, six = false): PeerSubnet => ({
  id: `subnet-${index}`,
  ip_version: six ? 6 : 4,
  cidr: cidr(six ? `fd00:${index}::/64` : `10.0.${index}.0/24`),
  gateway_ip: ip(six ? `fd00:${index}::1` : `10.0.${index}.1`),
  segment_id,
  host_routes: [],
});
const peers = fc
  .array(fc.record({ segment: fc.constantFrom('one', 'two', 'three'), six: fc.boolean() }), {
    minLength: 1,
    maxLength: 6,
  })
  .map((all) => all.map(({ segment, six }, index) => peer(index, segment, six)));

describe('a subnet on a segment', () => {
  it('has a route by its gateway to each subnet of its family on another segment, and none besides', () => {
    fc.assert(
      fc.property(peers, fc.nat(), (all, which) => {
        const subnet = all[which % all.length] ?? peer(0, 'one');
        const others = all.filter(
          ({ segment_id, ip_version }) => segment_id !== subnet.segment_id && ip_version === subnet.ip_version,
        );
        expect(routesToPeers(subnet, all)).toEqual(
          others.map((other) => ({ destination: other.cidr, nexthop: subnet.gateway_ip })),
        );
      }),
    );
  });

  it('has after any change of its gateway the routes that it would have had from the start', () => {
    fc.assert(
      fc.property(peers, fc.boolean(), (all, none) => {
        const [first = peer(0, 'one')] = all;
        const gateway_ip = none ? null : ip(first.ip_version === 6 ? 'fd00::9' : '10.0.0.9');
        const before = { ...first, host_routes: routesToPeers(first, all) };
        const changed = routesToPeers({ ...before, gateway_ip }, all, { gateway_ip: first.gateway_ip });
        expect(changed).toEqual(routesToPeers({ ...first, gateway_ip }, all));
      }),
    );
  });

  it('loses the route to a subnet that goes', () => {
    fc.assert(
      fc.property(peers, (all) => {
        const [first = peer(0, 'one'), ...rest] = all;
        const left = rest.slice(1);
        const before = { ...first, host_routes: routesToPeers(first, all) };
        const [gone] = rest;
        const after = routesToPeers(before, [first, ...left], gone === undefined ? {} : { cidr: gone.cidr });
        expect(after).toEqual(routesToPeers(first, [first, ...left]));
      }),
    );
  });

  it('keeps the routes that it was given, and has no other to what they cover', () => {
    const given = [{ destination: cidr('10.0.0.0/16'), nexthop: ip('10.0.0.77') }];
    const subnet = { ...peer(0, 'one'), host_routes: given };
    expect(routesToPeers(subnet, [subnet, peer(1, 'two')])).toEqual(given);
  });
});

it('has no routes of others where its network is one broadcast domain', () => {
  expect(routesToPeers(peer(0, null), [peer(0, null), peer(1, null)])).toEqual([]);
});
