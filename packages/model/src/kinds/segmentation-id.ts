import type { Kind } from '../kind.ts';
import { integer } from './integer.ts';

const id = integer();

/** The number that tells networks of one type apart; an object may have none. Its range is the type driver's to check. */
export const segmentationId: Kind<number, number | null> = {
  name: 'segmentation id',
  doc: 'a VLAN id, GRE key or VNI',
  read: id.read,
  filter: id.filter,
  schema: { type: ['integer', 'null'] },
  column: 'integer',
  mayBeNull: true,
  examples: { valid: [7, '7'], invalid: [null, 'x', [], {}] },
};
