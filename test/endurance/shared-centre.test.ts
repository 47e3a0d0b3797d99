import { sharedCentreTests } from './shared-centre.ts';

sharedCentreTests({ times: 5, thorough: true });
