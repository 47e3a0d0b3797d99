import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  eui64InterfaceId,
  isLocallyAdministered,
  isMulticast,
  mac,
  macFromBigInt,
  macOfInterfaceId,
  macToBigInt,
  parseMac,
} from './mac.ts';

const values = fc.bigInt(0n, 2n ** 48n - 1n);

describe('MAC addresses', () => {
  it('have one canonical text, whatever the spelling', () => {
    fc.assert(
      fc.property(values, (value) => {
        const address = macFromBigInt(value);
        const pairs = address.split(':');
        const quads = [pairs.slice(0, 2), pairs.slice(2, 4), pairs.slice(4)].map((quad) => quad.join(''));
        const spellings = [address, address.toUpperCase(), pairs.join('-'), quads.join('.'), pairs.join('')];
        for (const spelling of spellings) expect(parseMac(spelling)).toEqual({ ok: true, value: address });
        expect(macToBigInt(address)).toBe(value);
      }),
    );
  });

  it.each([
    '',
    'x',
    'fa:16:3e',
    'fa:16:3e:00:00:00:00',
    'fa:16-3e:00:00:01',
    'fa:16:3e:00:00:0g',
    ' fa:16:3e:00:00:01',
  ])('are not read from %j', (text) => {
    expect(parseMac(text)).toMatchObject({ ok: false });
  });

  it('say whether they name a group and whether they were assigned locally', () => {
    expect(isMulticast(mac('01:00:5e:00:00:01'))).toBe(true);
    expect(isMulticast(mac('fa:16:3e:00:00:01'))).toBe(false);
    expect(isLocallyAdministered(mac('fa:16:3e:00:00:01'))).toBe(true);
    expect(isLocallyAdministered(mac('00:1b:21:00:00:01'))).toBe(false);
  });

  it('are found again in the interface identifiers that are made of them, and in no others', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(macOfInterfaceId(eui64InterfaceId(macFromBigInt(value)))).toBe(macFromBigInt(value));
      }),
    );
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 64n - 1n), (identifier) => {
        const found = macOfInterfaceId(identifier);
        expect(found === null || eui64InterfaceId(found) === identifier).toBe(true);
      }),
    );
  });

  it('make the interface identifier of RFC 4291 appendix A', () => {
    expect(eui64InterfaceId(mac('fa:16:3e:01:02:03')).toString(16)).toBe('f8163efffe010203');
  });
});
