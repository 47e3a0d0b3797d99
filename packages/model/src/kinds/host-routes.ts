import type { HostRoute } from '../host-view.ts';
import { unsearchable, type Kind } from '../kind.ts';
import { pythonText } from '../python-text.ts';
import { accept, refuse, type Reading } from '../reading.ts';
import { readDestination } from './cidr.ts';
import { readIp } from './ip.ts';
import { readKeyed } from './keyed.ts';
import { duplicatesIn, readItems } from './list-of.ts';

/** Routes that DHCP hands to instances (RFC 3442). */
export const hostRoutes: Kind<readonly HostRoute[]> = {
  name: 'host routes',
  doc: 'a list of `{"destination": CIDR, "nexthop": IP}`; null is an empty list',
  read: (value) => {
    if (value === null) return accept([]);
    if (!Array.isArray(value)) return refuse(`Invalid data format for hostroute: '${pythonText(value)}'`);
    const routes = readItems(value, readRoute);
    const duplicate = routes.ok ? duplicatesIn(routes.value)[0] : undefined;
    return duplicate === undefined ? routes : refuse(`Duplicate hostroute '${pythonText(duplicate)}'`);
  },
  filter: unsearchable,
  schema: {
    type: 'array',
    items: {
      type: 'object',
      required: ['destination', 'nexthop'],
      properties: { destination: { type: 'string' }, nexthop: { type: 'string' } },
      additionalProperties: false,
    },
  },
  column: 'json',
  examples: {
    valid: [[], [{ destination: '10.9.0.0/16', nexthop: '10.0.0.9' }], null],
    invalid: ['x', [7], [{ destination: '10.9.0.0/16' }], [{ destination: '10.9.0.1/16', nexthop: '10.0.0.9' }], {}],
  },
};

/** One route as a request gives it. */
export function readRoute(value: unknown): Reading<HostRoute> {
  const keyed = readKeyed(value, ['destination', 'nexthop']);
  if (!keyed.ok) return keyed;
  const destination = readDestination(keyed.value['destination']);
  if (!destination.ok) return destination;
  const nexthop = readIp(keyed.value['nexthop']);
  if (!nexthop.ok) return nexthop;
  return accept({ destination: destination.value, nexthop: nexthop.value });
}
