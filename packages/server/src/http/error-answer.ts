// Turns whatever a request threw into an answer. What a caller did wrong goes back as it is; a database that cannot
// work now is a 503, so that clients try again; everything else is our mistake: it is logged with the request's id,
// and the caller learns the id and nothing more.

import { ApiError } from '@neutronium/model/api-error';
import { HTTPNotFound } from '@neutronium/model/errors';
import { witness } from '@neutronium/model/witness';
import { AuthenticationRequired } from '../auth/authenticator.ts';
import { StoreUnavailable } from '../store/store.ts';
import type { Answer } from './answer.ts';

const internalError = 'Request Failed: internal server error while processing your request.';

/** The answer to a path that nothing answers. */
export const notFound: Answer = {
  status: 404,
  body: new HTTPNotFound({ message: 'The resource could not be found.' }).body(),
};

/** The answer to `error`; `report` is called with what an operator has to know of. */
export function errorAnswer(error: unknown, report: (error: unknown) => void): Answer {
  if (error instanceof ApiError) {
    witness?.('error', error.type);
    return { status: error.status, body: error.body() };
  }
  if (error instanceof AuthenticationRequired) {
    return { status: error.status, body: error.body(), headers: error.headers };
  }
  if (error instanceof StoreUnavailable) {
    report(error);
    return neutronError(503, 'ServiceUnavailable', 'The service is unavailable.');
  }
  const refusal = serverRefusal(error);
  if (refusal !== undefined) return refusal;
  report(error);
  return neutronError(500, 'HTTPInternalServerError', internalError);
}

export function neutronError(status: number, type: string, message: string): Answer {
  return { status, body: { NeutronError: { type, message, detail: '' } } };
}

/** What the HTTP server itself noticed about the request before any of our code saw it: too large, cut short, … */
function serverRefusal(error: unknown): Answer | undefined {
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number') return undefined;
  if (error.statusCode === 413) {
    return neutronError(413, 'HTTPRequestEntityTooLarge', 'The body of the request is larger than this server reads.');
  }
  if (error.statusCode >= 400 && error.statusCode < 500) {
    return neutronError(400, 'HTTPBadRequest', 'The request could not be read.');
  }
  return undefined;
}
