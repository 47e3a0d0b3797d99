import type { ExtraDhcpOption } from '../host-view.ts';
import { unsearchable, type Kind } from '../kind.ts';
import { pythonText } from '../python-text.ts';
import { accept, unconvertible, type Reading } from '../reading.ts';
import { readInteger } from './integer.ts';
import { isKeyed, type Keyed } from './keyed.ts';
import { duplicatesIn, readItems } from './list-of.ts';

/** An option as a request gives it; null for the value takes the option away again. */
export interface RequestedDhcpOption {
  readonly opt_name: string;
  readonly opt_value: string | null;
  readonly ip_version: 4 | 6;
}

/** Options that may be set to nothing: an empty value suppresses what the subnet would say. */
const mayBeEmpty = new Set(['router', 'classless-static-route']);

/** DHCP options for one port, by dnsmasq's names or by number. */
export const extraDhcpOpts: Kind<readonly RequestedDhcpOption[], readonly ExtraDhcpOption[]> = {
  name: 'extra DHCP options',
  doc: 'a list of `{"opt_name": text, "opt_value": text or null, "ip_version": 4 or 6}`; null is an empty list',
  read: (value) => {
    if (value === null) return accept([]);
    if (!Array.isArray(value)) return unconvertible(`'${pythonText(value)}' is not a list`);
    const duplicates = duplicatesIn(value);
    if (duplicates.length > 0) {
      return unconvertible(`Duplicate items in the list: '${duplicates.map(pythonText).join(', ')}'`);
    }
    return readItems(value, readOption);
  },
  filter: unsearchable,
  schema: {
    type: 'array',
    items: {
      type: 'object',
      required: ['opt_name', 'opt_value'],
      properties: {
        opt_name: { type: 'string', minLength: 1, maxLength: 64 },
        opt_value: { type: ['string', 'null'], maxLength: 255 },
        ip_version: { type: 'integer', enum: [4, 6] },
      },
      additionalProperties: false,
    },
  },
  column: 'json',
  examples: {
    valid: [[], [{ opt_name: 'mtu', opt_value: '1400' }], [{ opt_name: 'router', opt_value: '' }], null],
    invalid: [
      'x',
      [7],
      [{ opt_name: 'mtu' }],
      [{ opt_name: '', opt_value: 'x' }],
      [{ opt_name: 'mtu', opt_value: '' }],
      {},
    ],
  },
};

function readOption(value: unknown): Reading<RequestedDhcpOption> {
  const refused = unconvertible(`No valid key specs matched for: ${pythonText(value)}`);
  if (!isKeyed(value) || !isOption(value)) return refused;
  const version = Object.hasOwn(value, 'ip_version') ? readInteger(value['ip_version']) : accept(4);
  if (!version.ok) return version;
  if (version.value !== 4 && version.value !== 6) return refused;
  return accept({ opt_name: value.opt_name, opt_value: value.opt_value, ip_version: version.value });
}

function isOption(value: Keyed): value is Keyed & { readonly opt_name: string; readonly opt_value: string | null } {
  const { opt_name: name, opt_value: option } = value;
  const keys = Object.keys(value).every((key) => key === 'opt_name' || key === 'opt_value' || key === 'ip_version');
  if (!keys || !isLine(name, 64)) return false;
  if (option === null) return true;
  return mayBeEmpty.has(name)
    ? typeof option === 'string' && option.length <= 255 && isOneLine(option)
    : isLine(option, 255);
}

function isLine(value: unknown, maxLength: number): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= maxLength && isOneLine(value);
}

/** The text goes into a line of dnsmasq's options file, where a line break would begin another option. */
function isOneLine(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- NUL would end the line as well.
  return !/[\n\r\u2028\u2029\v\f\u0085\u0000]/.test(text);
}
