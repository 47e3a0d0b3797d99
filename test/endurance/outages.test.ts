import { outageTests } from './outages.ts';

outageTests({ times: 5, partitionMs: 60_000 });
