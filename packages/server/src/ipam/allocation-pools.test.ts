import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cidr, hostCount, networkOf } from '@neutronium/net/cidr';
import { ip, ipFromBigInt } from '@neutronium/net/ip';
import { rangeSetSize } from '@neutronium/net/range';
import { checkPools, defaultPools, poolRanges } from './allocation-pools.ts';

const pool = (start: string, end: string) => ({ start: ip(start), end: ip(end) });

describe('defaultPools', () => {
  it.each([
    ['10.0.0.0/24', '10.0.0.1', ['10.0.0.2-10.0.0.254']],
    ['10.0.0.0/24', '10.0.0.100', ['10.0.0.1-10.0.0.99', '10.0.0.101-10.0.0.254']],
    ['10.0.0.0/24', null, ['10.0.0.1-10.0.0.254']],
    ['10.0.0.0/24', '192.0.2.1', ['10.0.0.1-10.0.0.254']],
    ['10.0.0.0/30', '10.0.0.1', ['10.0.0.2-10.0.0.2']],
    ['10.9.1.0/32', '10.9.1.1', ['10.9.1.0-10.9.1.0']],
    ['fd00::/64', 'fd00::', ['fd00::1-fd00::ffff:ffff:ffff:ffff']],
    ['fd01::/127', 'fd01::', ['fd01::1-fd01::1']],
    ['fd00::/64', 'fe80::1', ['fd00::1-fd00::ffff:ffff:ffff:ffff']],
  ])('of %s around gateway %s', (prefix, gateway, expected) => {
    const pools = defaultPools(cidr(prefix), gateway === null ? null : ip(gateway));
    expect(pools.map(({ start, end }) => `${start}-${end}`)).toEqual(expected);
  });

  it('are valid pools that leave out only the gateway', () => {
    const subnets = fc.record({ number: fc.bigInt(0n, 2n ** 32n - 1n), length: fc.integer({ min: 8, max: 30 }) });
    fc.assert(
      fc.property(subnets, ({ number, length }) => {
        const prefix = networkOf(ipFromBigInt(number, 4), length);
        const gateway = ipFromBigInt(number, 4);
        const pools = defaultPools(prefix, gateway);
        expect(() => checkPools(pools, prefix, gateway)).not.toThrow();
        const isHost = rangeSetSize(poolRanges(pools)) < hostCount(prefix);
        expect(rangeSetSize(poolRanges(pools))).toBe(isHost ? hostCount(prefix) - 1n : hostCount(prefix));
      }),
    );
  });
});

describe('checkPools', () => {
  const prefix = cidr('10.0.1.0/24');
  it.each([
    ["The allocation pool {'start': '10.0.1.20', 'end': '10.0.1.10'} is not valid.", [pool('10.0.1.20', '10.0.1.10')]],
    ['The allocation pool fd00::1-fd00::2 is not valid.', [pool('fd00::1', 'fd00::2')]],
    [
      'The allocation pool 10.0.1.20-10.0.2.10 spans beyond the subnet cidr 10.0.1.0/24.',
      [pool('10.0.1.20', '10.0.2.10')],
    ],
    [
      'The allocation pool 10.0.1.9-10.0.1.255 spans beyond the subnet cidr 10.0.1.0/24.',
      [pool('10.0.1.9', '10.0.1.255')],
    ],
    [
      'Found overlapping allocation pools: 10.0.1.20-10.0.1.30 10.0.1.30-10.0.1.40 for subnet 10.0.1.0/24.',
      [pool('10.0.1.20', '10.0.1.30'), pool('10.0.1.30', '10.0.1.40')],
    ],
    ['Gateway ip 10.0.1.1 conflicts with allocation pool 10.0.1.1-10.0.1.9.', [pool('10.0.1.1', '10.0.1.9')]],
  ])('says: %s', (message, pools) => {
    expect(() => checkPools(pools, prefix, ip('10.0.1.1'))).toThrow(message);
  });
});
