import type { IpAddress } from '@neutronium/net/ip';
import type { Kind } from '../kind.ts';
import { pythonText } from '../python-text.ts';
import { accept, refuse } from '../reading.ts';
import { readIp, readIpFilter } from './ip.ts';

/** Addresses of DNS resolvers, in the order of preference. */
export const nameservers: Kind<readonly IpAddress[]> = {
  name: 'nameservers',
  doc: 'a list of IP addresses, in the order of preference; null is an empty list',
  read: (value) => {
    if (value === null) return accept([]);
    if (!Array.isArray(value)) return refuse(`Invalid data format for nameserver: '${pythonText(value)}'`);
    const addresses: IpAddress[] = [];
    for (const host of value as readonly unknown[]) {
      const address = readIp(host);
      if (!address.ok) {
        const why = address.fault === 'declared' ? address.error.message : address.reason;
        return refuse(`'${pythonText(host)}' is not a valid nameserver. ${why}`);
      }
      if (addresses.includes(address.value)) return refuse(`Duplicate nameserver '${pythonText(host)}'`);
      addresses.push(address.value);
    }
    return accept(addresses);
  },
  filter: { by: 'member', read: readIpFilter },
  schema: { type: 'array', items: { type: 'string' } },
  column: 'json',
  examples: {
    valid: [[], ['9.9.9.9', '2620:fe::fe'], null],
    invalid: ['x', 7, ['x'], [7], ['9.9.9.9', '9.9.9.9'], {}],
  },
};
