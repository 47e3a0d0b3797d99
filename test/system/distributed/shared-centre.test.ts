import { sharedCentreTests } from '../../endurance/shared-centre.ts';

sharedCentreTests({ times: 1, thorough: false });
