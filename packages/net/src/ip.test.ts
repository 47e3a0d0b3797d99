import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareIp,
  family,
  ip,
  ipFromBigInt,
  ipToBigInt,
  isLinkLocal,
  isLoopback,
  isMulticastIp,
  parseIp,
  reverseName,
} from './ip.ts';

const values = fc.oneof(
  fc.record({ family: fc.constant(4 as const), value: fc.bigInt(0n, 2n ** 32n - 1n) }),
  fc.record({ family: fc.constant(6 as const), value: fc.bigInt(0n, 2n ** 128n - 1n) }),
);
const addresses = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  values.map(({ family, value }) => String(ipFromBigInt(value, family))),
);

describe('IP addresses', () => {
  it('are what Node takes for addresses, but for zones', () => {
    const texts = fc.oneof(addresses, fc.stringMatching(/^[0-9a-f:.]{1,24}$/));
    fc.assert(
      fc.property(texts, (text) => {
        expect(parseIp(text).ok).toBe(isIP(text) !== 0);
      }),
    );
  });

  it('have one canonical text', () => {
    fc.assert(
      fc.property(addresses, (text) => {
        const address = ip(text);
        expect(ip(address)).toBe(address);
        expect(ipFromBigInt(ipToBigInt(address), family(address))).toBe(address);
        expect(family(address)).toBe(isIP(text));
      }),
    );
  });

  it('are the same number in every spelling', () => {
    fc.assert(
      fc.property(values, ({ family, value }) => {
        expect(ipToBigInt(ipFromBigInt(value, family))).toBe(value);
      }),
    );
  });

  // The examples of RFC 5952, sections 4 and 5.
  it.each([
    ['2001:0db8::0001', '2001:db8::1'],
    ['2001:db8:0:0:0:0:2:1', '2001:db8::2:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:DB8::A', '2001:db8::a'],
    ['::ffff:c000:201', '::ffff:192.0.2.1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['1::', '1::'],
  ])('write %s as %s', (text, canonical) => {
    expect(ip(text)).toBe(canonical);
  });

  it.each([
    '010.1.1.1',
    '1.2.3',
    '1.2.3.256',
    '1.2.3.4.5',
    '1::2::3',
    ':1',
    '1:2:3:4:5:6:7',
    'fe80::1%eth0',
    '1.2.3.4::',
    '::1.2.3.4:5',
    '',
  ])('are not read from %j', (text) => {
    expect(parseIp(text)).toEqual({ ok: false, reason: `'${text}' is not a valid IP address` });
  });

  it('are ordered by family, then by number', () => {
    const sorted = ['9.0.0.0', '10.0.0.0', '255.0.0.0', '::1', 'fd00::'].map(ip);
    fc.assert(
      fc.property(fc.shuffledSubarray(sorted, { minLength: sorted.length }), (order) => {
        expect(order.toSorted(compareIp)).toEqual(sorted);
      }),
    );
  });

  it('outside their family are refused', () => {
    expect(() => ipFromBigInt(2n ** 32n, 4)).toThrow(RangeError);
    expect(() => ipFromBigInt(-1n, 6)).toThrow(RangeError);
  });

  it('know their special ranges', () => {
    expect(['224.0.0.1', '239.255.255.255', 'ff02::1'].map(ip).every(isMulticastIp)).toBe(true);
    expect(['223.255.255.255', 'fe80::1'].map(ip).some(isMulticastIp)).toBe(false);
    expect(['169.254.169.254', 'fe80::1', 'febf::'].map(ip).every(isLinkLocal)).toBe(true);
    expect(['169.253.0.1', 'fec0::'].map(ip).some(isLinkLocal)).toBe(false);
    expect(['127.0.0.1', '127.255.0.1', '::1'].map(ip).every(isLoopback)).toBe(true);
  });

  it('have names in the reverse tree', () => {
    expect(reverseName(ip('192.0.2.5'))).toBe('5.2.0.192.in-addr.arpa');
    expect(reverseName(ip('2001:db8::1'))).toBe(`1.${'0.'.repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa`);
  });
});
