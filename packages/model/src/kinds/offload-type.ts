import type { Kind } from '../kind.ts';
import { choice } from './choice.ts';

/** How a card relieves the host of a port's packets; null where it does not. */
export const offloadType: Kind<'switchdev', 'switchdev' | null> = {
  ...choice(['switchdev']),
  name: 'offload type',
  schema: { type: ['string', 'null'], enum: ['switchdev', null] },
  mayBeNull: true,
};
