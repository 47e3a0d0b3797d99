// Every run of the tests tries the same cases, so that a failure is the change's and not the day's. To look further:
// NEUTRONIUM_SEED=<number> or NEUTRONIUM_SEED=random.

import fc from 'fast-check';

const wanted = process.env['NEUTRONIUM_SEED'] ?? '20261123';
if (wanted !== 'random') fc.configureGlobal({ seed: Number(wanted) });
