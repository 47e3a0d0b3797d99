// How single requests of a sequence are put together: who asks for what, and what the body says.

import fc from 'fast-check';
import { reference } from './body.ts';
import type { Caller, Step } from './step.ts';

export const caller = fc.constantFrom<Caller>('admin', 'admin', 'admin', 'admin', 'admin', 'owner', 'stranger');

/** Each is what a request may say; the later ones, what it should rather not. */
export const pick = (...values: readonly object[]): fc.Arbitrary<object> => fc.constantFrom(...values);
export const merged = (...parts: readonly fc.Arbitrary<object>[]): fc.Arbitrary<object> =>
  fc.tuple(...parts).map((objects) => Object.assign({}, ...objects) as object);
export const given = (name: string, ...values: readonly unknown[]): fc.Arbitrary<object> =>
  fc.constantFrom(...values).map((value) => (value === undefined ? {} : { [name]: value }));

type Path = string | fc.Arbitrary<string>;
const pathOf = (path: Path): fc.Arbitrary<string> => (typeof path === 'string' ? fc.constant(path) : path);

export function reading(...paths: readonly Path[]): fc.Arbitrary<Step> {
  return fc
    .record({ as: caller, path: fc.oneof(...paths.map(pathOf)) })
    .map(({ as, path }) => ({ as, method: 'GET', path: `/v2.0/${path}` }));
}

interface Writing {
  readonly method: 'POST' | 'PUT';
  readonly path: Path;
  readonly body: fc.Arbitrary<object>;
  readonly creates?: string;
  readonly as?: fc.Arbitrary<Caller>;
}

export function writing({ method, path, body, creates, as = caller }: Writing): fc.Arbitrary<Step> {
  return fc
    .record({ as, path: pathOf(path), body })
    .map((step) => ({ ...step, method, path: `/v2.0/${step.path}`, ...(creates === undefined ? {} : { creates }) }));
}

export function removing(path: Path): fc.Arbitrary<Step> {
  return fc
    .record({ as: caller, path: pathOf(path) })
    .map(({ as, path: target }) => ({ as, method: 'DELETE', path: `/v2.0/${target}` }));
}

export const at = (prefix: string, ...kinds: readonly string[]): fc.Arbitrary<string> =>
  reference(...kinds).map((id) => `${prefix}/${id}`);
