import { isMulticast, parseMac, type Mac } from '@neutronium/net/mac';
import type { Kind } from '../kind.ts';
import { pythonText } from '../python-text.ts';
import { accept, refuse, type Reading } from '../reading.ts';

/** The Ethernet address of one device, made canonical. */
export const mac: Kind<Mac> = {
  name: 'mac',
  doc: 'a MAC address of one device',
  read: readMac,
  filter: {
    by: 'value',
    read: (text) => {
      const parsed = parseMac(text);
      return accept(parsed.ok ? parsed.value : text.toLowerCase());
    },
  },
  schema: { type: 'string', pattern: '^[0-9A-Fa-f]{2}([:-]?[0-9A-Fa-f]{2}){5}$' },
  column: 'text',
  examples: {
    valid: ['fa:16:3e:00:00:01', 'FA-16-3E-00-00-02', 'fa16.3e00.0003'],
    invalid: ['', 'x', '00:00:00:00:00:00', 'ff:ff:ff:ff:ff:ff', 'fa:16:3e:00:00', 7, [], {}],
  },
};

/**
 * Refuses the address that stands for none, and group addresses: a device that claimed one could not be sent to, and
 * switches drop frames that come from one (IEEE 802.1Q-2022 section 8.6).
 */
export function readMac(value: unknown): Reading<Mac> {
  const parsed = typeof value === 'string' ? parseMac(value) : undefined;
  if (parsed?.ok !== true || parsed.value === '00:00:00:00:00:00' || isMulticast(parsed.value)) {
    return refuse(`'${pythonText(value)}' is not a valid MAC address`);
  }
  return accept(parsed.value);
}
