import type { Kind } from '../kind.ts';
import { flag } from './flag.ts';

/** Yes or no once somebody said so; null until then. Nobody can take it back. */
export const flagOnceGiven: Kind<boolean, boolean | null> = {
  ...flag,
  name: 'flag once given',
  schema: { type: ['boolean', 'null'] },
  mayBeNull: true,
};
