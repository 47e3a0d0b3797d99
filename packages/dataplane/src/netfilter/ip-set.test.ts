import fc from 'fast-check';
import { cidr } from '@neutronium/net/cidr';
import { ip, ipFromBigInt } from '@neutronium/net/ip';
import { describe, expect, it } from 'vitest';
import { ipSet, parseIpSets, planIpSets, type ObservedIpSets } from './ip-set.ts';

const nothing: ObservedIpSets = new Map();

describe('a set of addresses', () => {
  it('holds everything as two halves, for the kernel takes no prefix of length 0', () => {
    expect([...ipSet('x', 4, [cidr('0.0.0.0/0')]).members]).toEqual(['0.0.0.0/1', '128.0.0.0/1']);
    expect([...ipSet('x', 6, [cidr('::/0')]).members]).toEqual(['::/1', '8000::/1']);
  });

  it('holds an address once, however it was written', () => {
    expect([...ipSet('x', 4, [ip('10.0.0.1'), cidr('10.0.0.1/32')]).members]).toEqual(['10.0.0.1']);
  });

  it('is changed by the difference', () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 20 }), { maxLength: 15 });
    const set = (members: readonly number[]) =>
      ipSet(
        'x',
        4,
        members.map((low) => ipFromBigInt(BigInt(low), 4)),
      );
    fc.assert(
      fc.property(numbers, numbers, (before, after) => {
        const { result } = planIpSets([set(before)], nothing);
        const { fill, destroy } = planIpSets([set(after)], result);
        const changed = new Set(before).symmetricDifference(new Set(after)).size;
        expect(fill.split('\n')).toHaveLength(changed + 1);
        expect(destroy).toBe('');
      }),
    );
  });

  it('goes when nobody wants it, but only where we have made it', () => {
    const saved = [
      'create ours hash:net family inet hashsize 1024 maxelem 5133390 bucketsize 12 initval 0x1',
      'create theirs hash:net family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x2',
      'add theirs 10.0.0.1',
    ].join('\n');
    expect(planIpSets([], parseIpSets(saved)).destroy).toBe('destroy ours\n');
  });
});
