import { describe, expect, it } from 'vitest';
import { parseVlanId, vlanId } from './vlan.ts';
import { parseVni, vni } from './vni.ts';

describe('VLAN ids', () => {
  it.each([0, 4095, -1, 1.5, Number.NaN])('are not %d', (value) => {
    expect(parseVlanId(value).ok).toBe(false);
    expect(() => vlanId(value)).toThrow(TypeError);
  });

  it.each([1, 4094])('go to %d', (value) => {
    expect(parseVlanId(value)).toEqual({ ok: true, value });
  });
});

describe('tunnel ids', () => {
  it('have 24 bits in VXLAN and Geneve and 32 in GRE', () => {
    expect(parseVni(2 ** 24 - 1, 'vxlan').ok).toBe(true);
    expect(parseVni(2 ** 24, 'vxlan').ok).toBe(false);
    expect(parseVni(2 ** 24, 'geneve').ok).toBe(false);
    expect(vni(2 ** 32 - 1, 'gre')).toBe(2 ** 32 - 1);
    expect(() => vni(0, 'gre')).toThrow(TypeError);
  });
});
