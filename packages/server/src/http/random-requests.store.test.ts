// Requests that no client would send. Whatever comes, the answer is one that Neutron's clients can read, it is never our
// mistake, and what is refused leaves nothing behind.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApi, withApi, type ApiAnswer } from '@neutronium/testkit/api';
import { anyRequest, sendRandom, someObjects } from '@neutronium/testkit/arbitraries/requests';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

/** The requests of one run, on each database; another number looks further. */
const count = Number(process.env['NEUTRONIUM_RANDOM_REQUESTS'] ?? 10_000);
const sample = { numRuns: count, seed: 20_261_123 };

withApi((api) => {
  describe('a random request', () => {
    it('is answered in a way that clients understand, and never with an error of ours', async () => {
      const known = await someObjects(api);
      const faults: unknown[] = [];
      for (const request of fc.sample(anyRequest(known), sample)) {
        const answer = await sendRandom(api, request);
        if (!isUnderstood(answer)) faults.push({ request, answer });
      }
      expect(faults).toEqual([]);
    });
  });
});

describe('a random request that is refused', () => {
  it('has written nothing', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nn-refused-'));
    const file = join(folder, 'api.sqlite');
    const api = await startApi({ database: `sqlite:${file}` });
    const observer = new Database(file, { readonly: true });
    // Changes with every commit of another connection, and with nothing else (SQLite: PRAGMA data_version).
    const version = (): unknown => observer.pragma('data_version', { simple: true });
    try {
      const known = await someObjects(api);
      const traces: unknown[] = [];
      let refused = 0;
      for (const request of fc.sample(anyRequest(known), { ...sample, numRuns: count / 10 })) {
        const before = version();
        const { status } = await sendRandom(api, request);
        if (status < 400) continue;
        refused += 1;
        if (version() !== before) traces.push({ request, status });
      }
      expect(refused).toBeGreaterThan(count / 40);
      expect(traces).toEqual([]);
    } finally {
      observer.close();
      await api[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    }
  });
});

/** Success, or an error in Neutron's shape that somebody meant: 501 and 503 have their uses, 500 has none. */
function isUnderstood({ status, body }: ApiAnswer): boolean {
  if (status < 400) return true;
  const { type, message, detail } = body?.NeutronError ?? {};
  return status !== 500 && typeof type === 'string' && typeof message === 'string' && detail === '';
}
