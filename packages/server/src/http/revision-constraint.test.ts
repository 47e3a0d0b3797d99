import { describe, expect, it } from 'vitest';
import { readRevisionConstraint, requireRevision } from './revision-constraint.ts';

const record = { revision_number: 2 };

describe('If-Match', () => {
  it.each([undefined, '', 'W/"abc"', 'revision_number=2', 'W/"abc", revision_number=2'])('lets %s pass', (header) => {
    expect(() => requireRevision(readRevisionConstraint(header), record)).not.toThrow();
  });

  it('refuses a revision that is no longer the current one', () => {
    expect(() => requireRevision(readRevisionConstraint('revision_number=1'), record)).toThrow(
      'Constrained to 1, but current revision is 2',
    );
  });

  it.each(['revision_number=x', 'revision_number=', 'revision_number=1,revision_number=2'])('refuses %s', (header) => {
    expect(() => requireRevision(readRevisionConstraint(header), record)).toThrow(
      'must be in the format of revision_number=<int>',
    );
  });
});
