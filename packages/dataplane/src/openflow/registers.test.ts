import { expect, it } from 'vitest';
import { renderActions } from './action-text.ts';
import { load } from './action.ts';
import { renderMatch } from './match-text.ts';
import { match } from './match.ts';
import { holds, registers } from './registers.ts';

it('names parts of registers that load and ct then take', () => {
  const { port, zone } = registers({
    port: { field: 'reg5', start: 0, bits: 32, purpose: 'OpenFlow port of the local device' },
    zone: { field: 'reg6', start: 0, bits: 16, purpose: 'local VLAN, which is also the connection tracking zone' },
  });
  expect(renderActions([load(11, port), load(3, zone)])).toBe('load:0xb->NXM_NX_REG5[],load:0x3->NXM_NX_REG6[0..15]');
});

it('refuses two names for one bit', () => {
  const declare = () =>
    registers({
      low: { field: 'reg6', start: 0, bits: 17, purpose: 'one' },
      high: { field: 'reg6', start: 16, bits: 16, purpose: 'another' },
    });
  expect(declare).toThrow('low and high share bits of reg6');
});

it('refuses a part that is not in its register', () => {
  expect(() => registers({ wide: { field: 'reg0', start: 1, bits: 32, purpose: 'too much' } })).toThrow(
    'wide does not fit',
  );
});

it('tests parts of registers', () => {
  const { low, whole } = registers({
    low: { field: 'reg6', start: 4, bits: 4, purpose: 'a part' },
    whole: { field: 'reg7', start: 0, bits: 32, purpose: 'all' },
  });
  expect(renderMatch(match({ ...holds(low, 3), ...holds(whole, 0) }))).toBe('reg6=0x30/0xf0,reg7=0');
});
