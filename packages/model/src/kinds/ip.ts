import { parseIp, type IpAddress } from '@neutronium/net/ip';
import type { Kind, Scalar } from '../kind.ts';
import { pythonText } from '../python-text.ts';
import { accept, refuse, type Reading } from '../reading.ts';

/** An IPv4 or IPv6 address, made canonical. */
export const ip: Kind<IpAddress> = {
  name: 'ip',
  doc: 'an IPv4 or IPv6 address',
  read: readIp,
  filter: { by: 'value', read: readIpFilter },
  schema: { type: 'string', anyOf: [{ format: 'ipv4' }, { format: 'ipv6' }] },
  column: 'text',
  examples: {
    valid: ['10.0.0.1', 'fd00::1', 'FD00:0:0::1'],
    invalid: ['', 'x', '10.0.0', '010.0.0.1', '10.0.0.256', 'fe80::1%eth0', '1::2::3', 7, null, {}],
  },
};

export function readIp(value: unknown): Reading<IpAddress> {
  if (typeof value !== 'string') return refuse(`'${pythonText(value)}' is not a valid IP address`);
  const parsed = parseIp(value);
  if (parsed.ok) return accept(parsed.value);
  const withoutZeros = value.replaceAll(/(^|\.)0+(?=[0-9])/g, '$1');
  if (withoutZeros !== value && !value.includes(':') && parseIp(withoutZeros).ok) {
    return refuse(`'${value}' is not an accepted IP address, '${withoutZeros}' is recommended`);
  }
  return refuse(`'${value}' is not a valid IP address`);
}

/** Finds an address by any of its spellings; text that is no address finds nothing and is no mistake. */
export function readIpFilter(text: string): Reading<Scalar> {
  const parsed = parseIp(text);
  return accept(parsed.ok ? parsed.value : text);
}
