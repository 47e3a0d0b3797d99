import { cidr } from '@neutronium/net/cidr';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultPools } from './allocation-pools.ts';
import type { AddressSubnet } from './fixed-ips.ts';
import { subnetsAt, type PortPlace } from './routed-subnets.ts';

const segment = fc.constantFrom(null, 'one', 'two');
const subnets = fc.array(segment, { maxLength: 5 }).map((segments) =>
  segments.map((segment_id, index): AddressSubnet => ({
    id: `subnet-${index}`,
    cidr: cidr(`10.0.${index}.0/24`),
    ip_version: 4,
    enable_dhcp: true,
    allocation_pools: defaultPools(cidr(`10.0.${index}.0/24`), null),
    service_types: [],
    ipv6_ra_mode: null,
    ipv6_address_mode: null,
    segment_id,
  })),
);
const place = (host: string, ...segments: readonly string[]): PortPlace => ({
  network_id: 'net',
  host,
  segments: new Set(segments),
});
const ids = (found: readonly AddressSubnet[]): readonly string[] => found.map(({ id }) => id);

describe('a port of a routed network', () => {
  it('may have addresses of the subnets on the segment of its host, and of those on none', () => {
    fc.assert(
      fc.property(subnets, fc.constantFrom('one', 'two'), (all, on) => {
        const expected = all.filter(({ segment_id }) => segment_id === null || segment_id === on);
        expect(subnetsAt(place('host', on), all, undefined)).toEqual(expected);
      }),
    );
  });

  it('is not on a host that is on several of its segments', () => {
    const all = fc.sample(
      subnets.filter((some) => new Set(some.map(({ segment_id }) => segment_id)).size === 3),
      5,
    );
    for (const some of all) expect(() => subnetsAt(place('host', 'one', 'two'), some, undefined)).toThrow('host');
  });

  it('without a host has addresses of the one segment that it asks for, and of none while it asks for nothing', () => {
    fc.assert(
      fc.property(subnets, fc.array(fc.nat(4), { maxLength: 3 }), (all, asked) => {
        const named = asked.flatMap((index) => all[index] ?? []);
        const wanted = new Set(named.map(({ segment_id }) => segment_id));
        const request = named.map(({ id }) => ({ subnet_id: id }));
        const unrouted = all.filter(({ segment_id }) => segment_id === null);
        expect(subnetsAt(place(''), all, undefined)).toEqual(unrouted);
        if (all.every(({ segment_id }) => segment_id === null)) return;
        if (wanted.size > 1) {
          expect(() => subnetsAt(place(''), all, request)).toThrow('Cannot allocate addresses from different segments');
          return;
        }
        const [only = null] = wanted;
        expect(subnetsAt(place(''), all, request)).toEqual(all.filter(({ segment_id }) => segment_id === only));
      }),
    );
  });

  it('is told of a subnet that its network does not have by whoever looks for the subnet', () => {
    fc.assert(
      fc.property(subnets, (all) => {
        expect(ids(subnetsAt(place(''), all, [{ subnet_id: 'elsewhere' }]))).toEqual(ids(all));
      }),
    );
  });
});
