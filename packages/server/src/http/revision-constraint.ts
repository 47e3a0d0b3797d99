// `If-Match: revision_number=N` makes a request depend on nobody having changed the object since the caller read it.

import { BadRequest, RevisionNumberConstraintFailed } from '@neutronium/model/errors';

const format = 'Revision number etag must be in the format of revision_number=<int>';

/** Throws when the header names a revision other than the record's. */
export function requireRevision(constrained: number | undefined, record: Readonly<Record<string, unknown>>): void {
  const current = record['revision_number'];
  if (constrained === undefined || typeof current !== 'number' || constrained === current) return;
  throw new RevisionNumberConstraintFailed({ constrained, current });
}

/** The revision that the header names; undefined when it names none. Etags of other forms say nothing to us. */
export function readRevisionConstraint(ifMatch: string | undefined): number | undefined {
  const tags = (ifMatch ?? '').split(',').filter((tag) => tag.includes('revision_number'));
  const [tag] = tags;
  if (tag === undefined) return undefined;
  const number = /^\s*revision_number=(\d{1,15})\s*$/.exec(tag)?.[1];
  if (tags.length > 1 || number === undefined) throw new BadRequest({ resource: 'if-match', msg: format });
  return Number(number);
}
