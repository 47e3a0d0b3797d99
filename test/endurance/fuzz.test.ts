// 20,000 requests made from the OpenAPI document. NEUTRONIUM_SEED repeats a run, of NEUTRONIUM_REQUESTS requests.

import { fuzz } from '@neutronium/testkit/fuzzer/fuzz';
import { askedOfHosts, startFuzzedApi } from '@neutronium/testkit/fuzzer/fuzzed-api';
import { expect, it } from 'vitest';

it('every answer is as described, none is an error of ours, and none tells of other projects', async () => {
  const seed = Number(process.env['NEUTRONIUM_SEED'] ?? Date.now() % 1_000_000);
  const requests = Number(process.env['NEUTRONIUM_REQUESTS'] ?? 20_000);
  console.log(`seed ${seed}`);
  await using api = await startFuzzedApi();
  const { faults, successes } = await fuzz(api, {
    seed,
    requests,
    except: askedOfHosts,
    tell: (fault) => console.log(JSON.stringify(fault)),
  });
  const never = [...successes].flatMap(([operation, times]) => (times === 0 ? [operation] : []));
  console.log(`${requests} requests; of ${successes.size} operations these have never succeeded: ${never.join(', ')}`);
  expect(faults).toEqual([]);
});
