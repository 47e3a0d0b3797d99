import { HTTPBadRequest, InvalidInputSubnetServiceType, InvalidSubnetServiceType } from '../errors.ts';
import { asText, type Kind } from '../kind.ts';
import { pythonText } from '../python-text.ts';
import { accept, refuseWith, type Reading } from '../reading.ts';
import { readItems } from './list-of.ts';

/**
 * What a service type may begin with. Neutron means `network:`, `neutron:` and `compute:`, but adds the last one letter
 * by letter, and its clients' test suites rely on `test:`.
 */
const prefixes = ['network:', 'neutron:', ...'compute:'.split('')];

/** Beginnings of the device owners that a subnet is for. An empty list is for all. */
export const serviceTypes: Kind<readonly string[]> = {
  name: 'service types',
  doc: 'a list of device owners such as `network:floatingip` or `compute:nova`',
  read: (value) => {
    if (!value) return accept([]);
    if (!Array.isArray(value))
      return refuseWith(new HTTPBadRequest({ message: 'Subnet service types must be a list.' }));
    return readItems(value, readServiceType);
  },
  filter: { by: 'member', read: asText.read },
  schema: { type: 'array', items: { type: 'string', pattern: `^(${prefixes.join('|')})` } },
  column: 'json',
  examples: { valid: [[], ['network:dhcp', 'compute:nova'], null], invalid: ['x', [7], ['bogus']] },
};

function readServiceType(value: unknown): Reading<string> {
  if (typeof value !== 'string')
    return refuseWith(new InvalidInputSubnetServiceType({ service_type: pythonText(value) }));
  if (!prefixes.some((prefix) => value.startsWith(prefix))) {
    return refuseWith(new InvalidSubnetServiceType({ service_type: value }));
  }
  return accept(value);
}
