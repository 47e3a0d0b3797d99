import { describe, expect, it } from 'vitest';
import { isAsPlanned, renderDrift } from './drift.ts';

describe('the drift of a machine', () => {
  it('is none where everything could be seen and is as planned', () => {
    const answer = { revision: 7, differences: [], unseen: [] };
    expect(isAsPlanned(answer)).toBe(true);
    expect(renderDrift(answer)).toBe('this machine is as planned, at revision 7');
  });

  it('is said thing by thing, with what could not be looked at', () => {
    const answer = {
      revision: 7,
      differences: [
        { stage: 'flows', what: 'adding 1 and removing 0 flows of br-tun', details: ['+ table=20 … # p: is on beta'] },
      ],
      unseen: [{ stage: 'namespaces', why: 'ip failed' }],
    };
    expect(isAsPlanned(answer)).toBe(false);
    expect(renderDrift(answer).split('\n').slice(1)).toEqual([
      '  flows: adding 1 and removing 0 flows of br-tun',
      '    + table=20 … # p: is on beta',
      '  namespaces: cannot be looked at: ip failed',
    ]);
  });
});
