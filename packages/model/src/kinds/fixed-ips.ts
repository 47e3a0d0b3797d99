import type { IpAddress } from '@neutronium/net/ip';
import type { FixedIp } from '../host-view.ts';
import { asText, objectSchema, type Kind } from '../kind.ts';
import { pythonText } from '../python-text.ts';
import { accept, refuse, type Reading } from '../reading.ts';
import { ip, readIp, readIpFilter } from './ip.ts';
import { isKeyed } from './keyed.ts';
import { readItems } from './list-of.ts';
import { uuid } from './uuid.ts';

/**
 * What a request wants for one address: a subnet to pick one from, the address itself, or both. A stored port has
 * both.
 */
export interface RequestedIp {
  readonly subnet_id?: string;
  readonly ip_address?: IpAddress;
}

const members = { subnet_id: { ...uuid.schema, 'x-references': 'subnets' }, ip_address: ip.schema };

/** The addresses of a port as a request names them. */
export const fixedIps: Kind<readonly RequestedIp[], readonly FixedIp[]> = {
  name: 'fixed ips',
  doc: 'a list of `{"subnet_id": UUID}`, `{"ip_address": IP}` or both',
  read: (value) => {
    if (!Array.isArray(value)) return refuse(`Invalid data format for fixed IP: '${pythonText(value)}'`);
    const seen = new Set<IpAddress>();
    return readItems(value, (item) => readRequestedIp(item, seen));
  },
  filter: {
    by: 'field',
    fields: {
      ip_address: { field: 'ip_address', match: 'equal', read: readIpFilter },
      subnet_id: { field: 'subnet_id', match: 'equal', read: asText.read },
      ip_address_substr: { field: 'ip_address', match: 'substring', read: accept },
    },
  },
  schema: {
    type: 'array',
    items: objectSchema(members, { optional: ['subnet_id', 'ip_address'] }),
  },
  answerSchema: { type: 'array', items: objectSchema(members) },
  column: 'json',
  examples: {
    valid: [[], [{ ip_address: '10.0.0.9' }], [{ subnet_id: '7f3c0f6e-2a9b-4a3e-9d54-4f3f6a1c2b11' }]],
    invalid: [
      'x',
      null,
      [7],
      [{ ip_address: 'x' }],
      [{ subnet_id: 'x' }],
      [{ ip_address: '10.0.0.9' }, { ip_address: '10.0.0.9' }],
    ],
  },
};

function readRequestedIp(value: unknown, seen: Set<IpAddress>): Reading<RequestedIp> {
  if (!isKeyed(value)) return refuse(`Invalid data format for fixed IP: '${pythonText(value)}'`);
  const address = Object.hasOwn(value, 'ip_address') ? readIp(value['ip_address']) : undefined;
  if (address?.ok === false) return address;
  if (address !== undefined && seen.has(address.value)) return refuse(`Duplicate IP address '${address.value}'`);
  const subnet = Object.hasOwn(value, 'subnet_id') ? uuid.read(value['subnet_id']) : undefined;
  if (subnet?.ok === false) return subnet;
  if (address !== undefined) seen.add(address.value);
  return accept({
    ...(subnet === undefined ? {} : { subnet_id: subnet.value }),
    ...(address === undefined ? {} : { ip_address: address.value }),
  });
}
