// What sequences ask of each of their resources: to create it, change it, remove it and read it.

import fc from 'fast-check';
import { reference } from './body.ts';
import type { Caller, Revision, Step } from './step.ts';

export const caller = fc.constantFrom<Caller>(
  'owner',
  'owner',
  'owner',
  'owner',
  'owner',
  'admin',
  'admin',
  'stranger',
);

/** Each is what a request may say; the later ones, what it should rather not. */
export const pick = (...values: readonly object[]): fc.Arbitrary<object> => fc.constantFrom(...values);
export const merged = (...parts: readonly fc.Arbitrary<object>[]): fc.Arbitrary<object> =>
  fc.tuple(...parts).map((objects) => Object.assign({}, ...objects) as object);

/** An id that no object has. */
export const nobody = '00000000-0000-4000-8000-000000000001';
const rubbish = fc.constantFrom<unknown>(null, '', -1, 'rubbish', [], {}, ['rubbish'], { rubbish: 1 }, true);
/** One body in six says something odd of one attribute. */
export const spoiling = (...names: readonly string[]): fc.Arbitrary<object> =>
  fc.oneof(
    { weight: 5, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...names), rubbish).map(([name, value]) => ({ [name]: value })) },
  );

export interface Kind {
  readonly kind: string;
  readonly path: fc.Arbitrary<string>;
  readonly label: string;
  readonly body: fc.Arbitrary<object>;
  readonly change: fc.Arbitrary<object>;
  readonly queries: readonly string[];
  /** Whether Neutron keeps a revision of it. */
  readonly revised: boolean;
  readonly weight: number;
  /** Who asks, where it is not mostly the owner. */
  readonly as?: fc.Arbitrary<Caller>;
  /** Whether it is found by its project: what has none is listed whole. */
  readonly owned?: boolean;
}

/** A collection that is at the same place throughout, below `/v2.0/`. */
export const at = (path: string): fc.Arbitrary<string> => fc.constant(path);

const ofOwner = 'project_id=$project(owner)&';

const revision: fc.Arbitrary<Revision | undefined> = fc.constantFrom(
  ...Array.from({ length: 10 }, () => undefined),
  'current',
  'stale',
);

export function requestsFor({
  kind,
  path,
  label,
  body,
  change,
  queries,
  revised,
  as = caller,
  owned = true,
}: Kind): fc.Arbitrary<Step> {
  const ifMatch = revised ? revision : fc.constant(undefined);
  const collection = path.map((relative) => `/v2.0/${relative}`);
  const member = fc.tuple(collection, reference(label)).map(([base, id]) => `${base}/${id}`);
  const creation = fc
    .record({ as, path: collection, given: body })
    .map(({ given, ...step }) => ({ ...step, method: 'POST' as const, body: { [kind]: given }, creates: label }));
  const update = fc
    .record({ as, path: member, given: change, ifMatch })
    .map(({ given, ...step }) => ({ ...step, method: 'PUT' as const, body: { [kind]: given } }));
  const removal = fc.record({ as, path: member, ifMatch }).map((step) => ({ ...step, method: 'DELETE' as const }));
  const list = fc
    .tuple(collection, fc.constantFrom('', 'fields=id', 'colour=red', ...queries))
    .map(([base, query]) => `${base}?${owned ? ofOwner : ''}${query}`);
  const reading = fc.record({ as, path: fc.oneof(list, member) }).map((step) => ({ ...step, method: 'GET' as const }));
  return fc.oneof<fc.WeightedArbitrary<Step>[]>(
    { weight: 4, arbitrary: creation },
    { weight: 3, arbitrary: update },
    { weight: 1, arbitrary: removal },
    { weight: 2, arbitrary: reading },
  );
}
