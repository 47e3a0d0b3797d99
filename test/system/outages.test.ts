import { outageTests } from '../endurance/outages.ts';

outageTests({ times: 1, partitionMs: 8_000 });
