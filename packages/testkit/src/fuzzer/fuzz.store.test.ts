import { expect, it } from 'vitest';
import { withStores } from '../store.ts';
import { fuzz } from './fuzz.ts';
import { askedOfHosts, startFuzzedApi } from './fuzzed-api.ts';

/** script/endurance asks much more. */
const requests = 1_500;

withStores((fixture) => {
  it('what the API describes is answered as described, without errors of ours, and with nothing of other projects', async () => {
    await using api = await startFuzzedApi(await fixture.newDatabase());
    const { faults } = await fuzz(api, { seed: 20_261_123, requests, except: askedOfHosts });
    expect(faults).toEqual([]);
  });
});
