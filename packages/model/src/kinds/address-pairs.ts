import type { Cidr } from '@neutronium/net/cidr';
import type { IpAddress } from '@neutronium/net/ip';
import type { Mac } from '@neutronium/net/mac';
import { DuplicateAddressPairInRequest, AllowedAddressPairsMissingIP, HTTPBadRequest } from '../errors.ts';
import type { AddressPair } from '../host-view.ts';
import { unsearchable, type Kind } from '../kind.ts';
import { pythonText } from '../python-text.ts';
import { accept, refuse, refuseWith, type Reading, type Refusal } from '../reading.ts';
import { readSubnet } from './cidr.ts';
import { readIp } from './ip.ts';
import { isKeyed } from './keyed.ts';
import { readItems } from './list-of.ts';
import { readMac } from './mac.ts';

/** A pair as a request gives it: without a MAC it means the port's own. */
export interface RequestedPair {
  readonly mac_address?: Mac;
  readonly ip_address: IpAddress | Cidr;
}

/** Further addresses that a port may send from (virtual routers, clusters). */
export const addressPairs: Kind<readonly RequestedPair[], readonly AddressPair[]> = {
  name: 'address pairs',
  doc: 'a list of `{"ip_address": IP or CIDR}`, each optionally with `"mac_address"`; null is an empty list',
  read: (value) => {
    if (value === null) return accept([]);
    if (!Array.isArray(value)) return badRequest('Allowed address pairs must be a list.');
    const seen = new Set<string>();
    return readItems(value, (item) => readPair(item, seen));
  },
  filter: unsearchable,
  schema: {
    type: 'array',
    items: {
      type: 'object',
      required: ['ip_address'],
      properties: { mac_address: { type: 'string' }, ip_address: { type: 'string' } },
      additionalProperties: false,
    },
  },
  column: 'json',
  examples: {
    valid: [[], [{ ip_address: '10.0.0.9' }], [{ ip_address: '10.9.0.0/24', mac_address: 'fa:16:3e:00:00:09' }], null],
    invalid: [
      'x',
      [7],
      [{}],
      [{ ip_address: 'x' }],
      [{ ip_address: 7 }],
      [{ ip_address: '10.0.0.9', other: 1 }],
      [{ ip_address: '10.0.0.9', mac_address: 'ff:ff:ff:ff:ff:ff' }],
      [{ ip_address: '10.0.0.9' }, { ip_address: '10.0.0.9' }],
    ],
  },
};

function readPair(value: unknown, seen: Set<string>): Reading<RequestedPair> {
  if (!isKeyed(value)) return refuse(`'${pythonText(value)}' is not a dictionary`);
  const mac = Object.hasOwn(value, 'mac_address') ? readMac(value['mac_address']) : undefined;
  if (mac?.ok === false) return unnamed(mac);
  if (!Object.hasOwn(value, 'ip_address')) return refuseWith(new AllowedAddressPairsMissingIP());
  const unknown = Object.keys(value).filter((key) => key !== 'mac_address' && key !== 'ip_address');
  if (unknown.length > 0) return badRequest(`Unrecognized attribute(s) '${unknown.join(', ')}'`);
  const text = value['ip_address'];
  const address: Reading<IpAddress | Cidr> =
    typeof text === 'string' && text.includes('/') ? readSubnet(text) : readIp(text);
  if (!address.ok) return unnamed(address);
  const key = `${mac?.value ?? ''} ${address.value}`;
  if (seen.has(key)) {
    const duplicate = { mac_address: mac?.value ?? 'None', ip_address: address.value };
    return refuseWith(new DuplicateAddressPairInRequest(duplicate));
  }
  seen.add(key);
  return accept({ ...(mac === undefined ? {} : { mac_address: mac.value }), ip_address: address.value });
}

/** The API does not name the attribute when a pair's part is wrong. */
function unnamed(refusal: Refusal): Refusal {
  return refusal.fault === 'declared' ? refusal : badRequest(refusal.reason);
}

function badRequest(message: string): Refusal {
  return refuseWith(new HTTPBadRequest({ message }));
}
