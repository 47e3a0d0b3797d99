// What a kind makes of one value of a request. The Networking API tells two ways to be wrong apart, and its clients
// see different error types: a value that cannot be converted at all (InvalidInput, which does not name the attribute)
// and one that converts but is refused (HTTPBadRequest, which does). A few values have an error type of their own.

import type { ApiError } from './api-error.ts';

export type Refusal =
  | { readonly ok: false; readonly fault: 'conversion' | 'validation'; readonly reason: string }
  | { readonly ok: false; readonly fault: 'declared'; readonly error: ApiError };
export type Reading<T> = { readonly ok: true; readonly value: T } | Refusal;

export function accept<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

/** The value is understood and refused; `reason` ends without a full stop, since the message around it adds one. */
export function refuse(reason: string): Refusal {
  return { ok: false, fault: 'validation', reason };
}

/** The value cannot be turned into what the attribute holds. */
export function unconvertible(reason: string): Refusal {
  return { ok: false, fault: 'conversion', reason };
}

/** The value is refused with an error type that clients know. */
export function refuseWith(error: ApiError): Refusal {
  return { ok: false, fault: 'declared', error };
}
