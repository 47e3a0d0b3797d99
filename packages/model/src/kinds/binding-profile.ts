import type { Kind } from '../kind.ts';
import { unconvertible } from '../reading.ts';
import { jsonObject } from './json-object.ts';
import type { Keyed } from './keyed.ts';

/** Most characters of a profile as JSON (Networking API: port binding). */
const maxLength = 4095;

/** What the compute service tells the host about a card: any object that is not too large. */
export const bindingProfile: Kind<Keyed> = {
  ...jsonObject,
  name: 'binding profile',
  doc: `a JSON object of at most ${maxLength} characters; null is an empty one`,
  read: (value) => {
    const profile = jsonObject.read(value);
    if (!profile.ok || JSON.stringify(profile.value).length <= maxLength) return profile;
    return unconvertible('binding:profile value too large');
  },
  examples: {
    ...jsonObject.examples,
    invalid: [...jsonObject.examples.invalid, { text: 'x'.repeat(maxLength) }],
  },
};
