import { BlockList } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addressCount,
  broadcast,
  cidr,
  cidrContains,
  cidrFamily,
  cidrOverlaps,
  cidrRange,
  compareCidr,
  eui64Address,
  firstAddress,
  hostCidr,
  hostCount,
  hostRange,
  lastAddress,
  linkLocalPrefix,
  netmask,
  networkAddress,
  networkOf,
  parseCidr,
  parseCidrLenient,
  prefixLength,
  type Cidr,
} from './cidr.ts';
import { addressBits, ip, ipFromBigInt, ipToBigInt, type Family, type IpAddress } from './ip.ts';
import { mac } from './mac.ts';

const families = fc.constantFrom<Family>(4, 6);
const addressesOf = (family: Family): fc.Arbitrary<IpAddress> =>
  fc.bigInt(0n, 2n ** BigInt(addressBits[family]) - 1n).map((value) => ipFromBigInt(value, family));
const prefixesOf = (family: Family): fc.Arbitrary<Cidr> =>
  fc.tuple(addressesOf(family), fc.nat(addressBits[family])).map(([address, length]) => networkOf(address, length));

describe('IP prefixes', () => {
  it('contain what Node says they contain', () => {
    const cases = families.chain((family) =>
      fc.tuple(fc.constant(family), prefixesOf(family), addressesOf(family), fc.nat(addressBits[family])),
    );
    fc.assert(
      fc.property(cases, ([family, prefix, far, bit]) => {
        const list = new BlockList();
        const name = family === 4 ? 'ipv4' : 'ipv6';
        list.addSubnet(networkAddress(prefix), prefixLength(prefix), name);
        // One address anywhere and one that differs from the network's in a single bit.
        const near = ipFromBigInt(
          ipToBigInt(networkAddress(prefix)) ^ (bit === addressBits[family] ? 0n : 1n << BigInt(bit)),
          family,
        );
        for (const address of [far, near]) expect(cidrContains(prefix, address)).toBe(list.check(address, name));
      }),
    );
  });

  it('have one canonical text without host bits', () => {
    fc.assert(
      fc.property(families.chain(prefixesOf), (prefix) => {
        expect(parseCidr(prefix)).toEqual({ ok: true, value: prefix });
        expect(networkOf(lastAddress(prefix), prefixLength(prefix))).toBe(prefix);
        expect(parseCidrLenient(`${lastAddress(prefix)}/${prefixLength(prefix)}`)).toEqual({ ok: true, value: prefix });
      }),
    );
  });

  it('overlap when one contains the other, in either order', () => {
    fc.assert(
      fc.property(
        families.chain((family) => fc.tuple(prefixesOf(family), prefixesOf(family))),
        ([a, b]) => {
          const [ra, rb] = [cidrRange(a), cidrRange(b)];
          expect(cidrOverlaps(a, b)).toBe(ra.first <= rb.last && rb.first <= ra.last);
          expect(cidrOverlaps(b, a)).toBe(cidrOverlaps(a, b));
        },
      ),
    );
  });

  it('count their addresses', () => {
    fc.assert(
      fc.property(families.chain(prefixesOf), (prefix) => {
        const { first, last } = cidrRange(prefix);
        expect(addressCount(prefix)).toBe(last - first + 1n);
        const hosts = hostRange(prefix);
        expect(hosts.first >= first && hosts.last <= last).toBe(true);
        expect(hostCount(prefix)).toBe(hosts.last - hosts.first + 1n);
      }),
    );
  });

  it('of different families never meet', () => {
    expect(cidrContains(cidr('0.0.0.0/0'), ip('::1'))).toBe(false);
    expect(cidrOverlaps(cidr('0.0.0.0/0'), cidr('::/0'))).toBe(false);
    expect(cidrFamily(cidr('::/0'))).toBe(6);
  });

  it.each(['', '10.0.0.0', '10.0.0.0/', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/08', '::/129', '010.0.0.0/8', 'x/8'])(
    'are not read from %j',
    (text) => {
      expect(parseCidr(text).ok).toBe(false);
    },
  );

  it('with host bits are refused with the network that was meant', () => {
    expect(parseCidr('10.0.0.5/24')).toEqual({
      ok: false,
      reason: "'10.0.0.5/24' has host bits set, '10.0.0.0/24' is recommended",
    });
    expect(parseCidrLenient('10.0.0.5')).toEqual({ ok: true, value: '10.0.0.5/32' });
  });

  it.each([
    ['10.0.0.0/24', '10.0.0.1', '10.0.0.255', '10.0.0.255', '255.255.255.0', 254n],
    ['10.0.0.0/30', '10.0.0.1', '10.0.0.3', '10.0.0.3', '255.255.255.252', 2n],
    ['10.0.0.0/31', '10.0.0.1', '10.0.0.1', undefined, '255.255.255.254', 2n],
    ['10.0.0.7/32', '10.0.0.7', '10.0.0.7', undefined, '255.255.255.255', 1n],
    ['fd00::/64', 'fd00::1', 'fd00::ffff:ffff:ffff:ffff', undefined, 'ffff:ffff:ffff:ffff::', 2n ** 64n - 1n],
    ['fd00::/127', 'fd00::1', 'fd00::1', undefined, 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe', 2n],
  ])('%s goes from %s to %s', (text, first, last, all, mask, hosts) => {
    const prefix = cidr(text);
    expect([firstAddress(prefix), lastAddress(prefix), broadcast(prefix), netmask(prefix), hostCount(prefix)]).toEqual([
      first,
      last,
      all,
      mask,
      hosts,
    ]);
  });

  it('give stations their SLAAC addresses', () => {
    expect(eui64Address(cidr('fd00:1::/64'), mac('fa:16:3e:01:02:03'))).toBe('fd00:1::f816:3eff:fe01:203');
    expect(eui64Address(linkLocalPrefix, mac('fa:16:3e:01:02:03'))).toBe('fe80::f816:3eff:fe01:203');
    expect(() => eui64Address(cidr('fd00::/65'), mac('fa:16:3e:01:02:03'))).toThrow(RangeError);
    expect(() => eui64Address(cidr('10.0.0.0/24'), mac('fa:16:3e:01:02:03'))).toThrow(RangeError);
  });

  it('are ordered by address, the wider first', () => {
    const sorted = [cidr('9.0.0.0/8'), cidr('10.0.0.0/8'), hostCidr(ip('10.0.0.0')), cidr('::/0')];
    expect(sorted.toReversed().toSorted(compareCidr)).toEqual(sorted);
  });
});
