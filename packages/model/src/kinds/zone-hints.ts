import type { Kind } from '../kind.ts';
import { unconvertible } from '../reading.ts';
import { listOf } from './list-of.ts';
import { text } from './text.ts';

/** Most characters of the hints together, as JSON. */
const maxLength = 255;
const list = listOf(text(maxLength), 'availability zone hints', 'a list of names of availability zones');

/** Availability zones that an object's services should be scheduled to. */
export const zoneHints: Kind<readonly string[]> = {
  ...list,
  read: (value) => {
    const zones = list.read(value);
    if (!zones.ok || JSON.stringify(zones.value).length <= maxLength) return zones;
    return unconvertible('Too many availability_zone_hints specified');
  },
};
