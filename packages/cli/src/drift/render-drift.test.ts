import { describe, expect, it } from 'vitest';
import { idsIn, isAsPlanned, renderDrift, renderRepair } from './render-drift.ts';

const web = '7d8e2a6a-0000-4000-8000-00000000000a';
const asPlanned = { revision: 8, differences: [], unseen: [] };
const differing = {
  revision: 7,
  differences: [
    { stage: 'flows', what: 'adding 1 and removing 0 flows of br-tun', details: [`+ table=20 … # ${web}: is on beta`] },
  ],
  unseen: [{ stage: 'namespaces', why: 'ip failed' }],
};

describe('the drift of a host', () => {
  it('is none where everything could be seen and is as planned', () => {
    expect(isAsPlanned(asPlanned)).toBe(true);
    expect(renderDrift('host h1', asPlanned)).toBe('host h1 is as planned, at revision 8');
  });

  it('is said thing by thing, by the names of the API, with what could not be looked at', () => {
    expect(isAsPlanned(differing)).toBe(false);
    expect(idsIn(differing)).toEqual([web]);
    expect(renderDrift('this machine', differing, new Map([[web, 'web']])).split('\n')).toEqual([
      'this machine is not as planned at revision 7; to be done:',
      '  flows: adding 1 and removing 0 flows of br-tun',
      `    + table=20 … # ${web} (web): is on beta`,
      '  namespaces: cannot be looked at: ip failed',
    ]);
  });

  it('is said as done, with what is left, after a repair', () => {
    const text = renderRepair('host h1', { found: differing, left: asPlanned });
    expect(text).toMatch(/^host h1 was not as planned at revision 7; done:\n {2}flows: adding/);
    expect(text).toMatch(/\nhost h1 is as planned, at revision 8$/);
    expect(renderRepair('host h1', { found: asPlanned, left: asPlanned })).toBe('host h1 is as planned, at revision 8');
  });
});
