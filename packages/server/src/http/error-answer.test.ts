import { NetworkNotFound } from '@neutronium/model/errors';
import { describe, expect, it } from 'vitest';
import { StoreUnavailable } from '../store/store.ts';
import { errorAnswer } from './error-answer.ts';

function answerTo(error: unknown): { readonly status: number; readonly type: string; readonly reported: unknown[] } {
  const reported: unknown[] = [];
  const { status, body } = errorAnswer(error, (cause) => reported.push(cause));
  return { status, type: JSON.parse(JSON.stringify(body)).NeutronError.type, reported };
}

describe('an error', () => {
  it('of the caller is answered as it is and reported to nobody', () => {
    expect(answerTo(new NetworkNotFound({ net_id: 'n' }))).toEqual({
      status: 404,
      type: 'NetworkNotFound',
      reported: [],
    });
  });

  it('of the database asks the caller to come again', () => {
    const error = new StoreUnavailable('disk full');
    expect(answerTo(error)).toEqual({ status: 503, type: 'ServiceUnavailable', reported: [error] });
  });

  it('of ours tells the caller nothing of its cause', () => {
    const error = new Error('password=secret');
    expect(answerTo(error)).toEqual({ status: 500, type: 'HTTPInternalServerError', reported: [error] });
    expect(JSON.stringify(errorAnswer(error, () => {}))).not.toContain('secret');
  });

  it('of the HTTP server keeps its kind', () => {
    expect(answerTo(Object.assign(new Error('too large'), { statusCode: 413 })).status).toBe(413);
    expect(answerTo(Object.assign(new Error('cut short'), { statusCode: 415 })).status).toBe(400);
  });
});
